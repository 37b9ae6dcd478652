// The table of `npm run safety`, what it does not let pass, and the page that lists its cases.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { casesOnPage, compareWithPage, readSafetyLine, reportSafety } from './safety-report.ts';

const PAGE = readFileSync(new URL('../docs/safety.md', import.meta.url), 'utf8');
const line = (what: string, counts: Record<string, number>) => ({ what, counts });

describe('a line', () => {
  test('is read with its counts', () => {
    const read = readSafetyLine('safety: hostile 5000 hellos, and no more cases=1 lost=0 grownMiB=12');
    assert.deepEqual(read, line('hostile 5000 hellos, and no more', { cases: 1, lost: 0, grownMiB: 12 }));
  });
  for (const text of ['hostile cases=1', 'safety: ', 'safety: nothing counted', '# safety: x cases=1']) {
    test(`is none: ${text}`, () => assert.equal(readSafetyLine(text), undefined));
  }
});

describe('a report', () => {
  test('adds up the cases of each suite', () => {
    const lines = [line('hostile a', { cases: 2 }), line('hostile b', { cases: 1, lost: 0 }), line('faults c', {})];
    const { table, problems } = reportSafety(['hostile', 'faults'], lines);
    assert.deepEqual(problems, []);
    assert.match(table[1]!, /^hostile +3 +0 +0 +0/);
    assert.match(table[2]!, /^faults +1 +0 +0 +0/);
  });
  for (const key of ['lost', 'foreign', 'crashes']) {
    test(`fails for what is ${key}`, () => {
      const { problems } = reportSafety(['fuzz'], [line('fuzz a', { cases: 1, [key]: 1 })]);
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, /: 1 in 'fuzz a'/);
    });
  }
  test('fails for what is no number', () => {
    assert.equal(reportSafety(['fuzz'], [line('fuzz a', { cases: 1, lost: Number('many') })]).problems.length, 1);
  });
  test('fails for a suite that told of nothing', () => {
    assert.deepEqual(reportSafety(['fuzz'], [line('hostile a', { cases: 1 })]).problems, ['fuzz told of no case']);
  });
});

describe('the page', () => {
  test('is compared both ways, but for numbers', () => {
    const page = '| case |\n| --- |\n| `hostile 5000 hellos` | x |\n| `faults gone` | x |\n';
    const tried = [line('hostile 300 hellos', {}), line('hostile new', {})];
    assert.deepEqual(compareWithPage(page, ['hostile'], tried), [`'hostile new' has no row in docs/safety.md`]);
    assert.deepEqual(compareWithPage(page, ['faults'], tried), [`'faults gone' of docs/safety.md was not tried`]);
  });

  test('has a row for each test that can be read from its file, and names no file that is not there', () => {
    const files = globSync('test/{hostile,faults}/**/*.test.ts', { cwd: new URL('..', import.meta.url) });
    assert.ok(files.length > 5);
    const named = new Set([...PAGE.matchAll(/test\/(?:hostile|faults)\/[\w-]+\.test\.ts/g)].map(([path]) => path));
    assert.deepEqual([...named].sort(), files.sort());
    const cases = casesOnPage(PAGE);
    for (const file of files) {
      const source = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
      for (const [, title] of source.matchAll(/^\s*test\('([^']+)'/gm)) {
        assert.ok(
          cases.some((name) => name.endsWith(title!)),
          `${file}: '${title}' has no row in docs/safety.md`,
        );
      }
    }
  });
});
