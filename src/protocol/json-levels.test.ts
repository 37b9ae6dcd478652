// Levels of JSON texts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nestsDeeper } from './json-levels.ts';

const ROWS: readonly (readonly [text: string, levelsMax: number, isDeeper: boolean])[] = [
  ['[[1]]', 2, false],
  ['[[1]]', 1, true],
  ['{"a":{"b":[]}}', 3, false],
  ['{"a":{"b":[]}}', 2, true],
  ['[[],[],[]]', 2, false],
  ['["[[[["]', 1, false],
  [String.raw`["\"[[[["]`, 1, false],
  [String.raw`["\\",[[]]]`, 2, true],
  ['1', 1, false],
  ['', 1, false],
];

for (const [text, levelsMax, isDeeper] of ROWS) {
  test(`${text} ${isDeeper ? 'nests' : 'does not nest'} deeper than ${levelsMax}`, () => {
    assert.equal(nestsDeeper(Buffer.from(text), levelsMax), isDeeper);
  });
}
