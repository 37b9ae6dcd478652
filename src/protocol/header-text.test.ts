// What may stand in a header, and what would end it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeaderValue, isToken } from './header-text.ts';

const ROWS: readonly (readonly [text: string, isValue: boolean, isName: boolean])[] = [
  ['', true, false],
  ['chat', true, true],
  ['v1.chat+json', true, true],
  ['text/plain; charset="x"', true, false],
  ['a\tb', true, false],
  ['gr\u00f6\u00dfe', true, false],
  ['a, b', true, false],
  ['a\r\nX-Injected: yes', false, false],
  ['a\n', false, false],
  ['a\r', false, false],
  ['a\0', false, false],
  ['a\x7f', false, false],
  ['\u20ac', false, false],
];
for (const [text, isValue, isName] of ROWS) {
  void test(`${JSON.stringify(text)} is ${isValue ? 'a' : 'no'} value and ${isName ? 'a' : 'no'} token`, () => {
    assert.deepEqual([isHeaderValue(text), isToken(text)], [isValue, isName]);
  });
}
