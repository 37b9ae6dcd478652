// Lines of a journal that no process of ours wrote: each is passed over, and the others count.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from './journal-entry.ts';
import { readLines } from './journal-lines.ts';

const OPENED = '["+","r",{"connectionId":"aaa=","apiId":"api","stageName":"s","connectedAtMs":1}]';

const ROWS: readonly (readonly [name: string, line: string])[] = [
  ['a line that is torn', '["-","aa'],
  ['an end whose id has a toString that is none', '["-",{"toString":null}]'],
  ['an end whose id is a list', '["-",["aaa="]]'],
  ['a close whose id has a toString that is none', '["~",{"toString":null},1000,""]'],
  ['a close without a reason', '["~","aaa=",1000]'],
  ['an opening whose id is a number', '["+","r",{"connectionId":1,"apiId":"a","stageName":"s","connectedAtMs":1}]'],
  ['an opening of nothing', '["+","r",null]'],
  ['an object', '{"+":1}'],
];

for (const [name, line] of ROWS) {
  test(`${name} is passed over`, () => {
    const owed = new Map<string, JournalEntry>();
    readLines([OPENED, line, OPENED.replace('aaa=', 'bbb=')].join('\n'), owed, {} as JournalEntry['segment']);
    assert.deepEqual([...owed.keys()], ['aaa=', 'bbb=']);
    assert.equal(owed.get('aaa=')?.ended, undefined);
  });
}
