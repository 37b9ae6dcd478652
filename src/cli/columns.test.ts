// How lists are printed: columns, sizes, and texts of strangers that must not write to the screen as they like.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inColumns, seemly, sizeInWords } from './columns.ts';

test('columns are as wide as their widest cell, and no line ends in blanks', () => {
  assert.deepEqual(
    inColumns([
      ['A', 'BB', 'C'],
      ['aaa', 'b', ''],
      ['a', 'b'],
    ]),
    ['A    BB  C', 'aaa  b', 'a    b'],
  );
});

for (const [bytes, words] of [
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KB'],
  [120 * 1_048_576, '120 MB'],
  [5 * 1024 ** 5, '5120 TB'],
] as const)
  test(`${bytes} bytes are ${words}`, () => assert.equal(sizeInWords(bytes), words));

for (const [text, shown] of [
  ['plain ✓ ü', 'plain ✓ ü'],
  ['a\nb\r\tc', String.raw`a\nb\x0d\x09c`],
  ['\u001b[2J\u009b2J\u007f', String.raw`\x1b[2J\x9b2J\x7f`],
  ['\u202eevil\u2066', String.raw`\u202eevil\u2066`],
  ['\ud800', '\ufffd'],
] as const)
  test(`${JSON.stringify(text)} is shown as ${shown}`, () => assert.equal(seemly(text), shown));
