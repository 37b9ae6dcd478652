// Keys of exported object literals, written in the ways people write them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readKeys } from './literals.ts';
import { writeTree } from './sample-tree.ts';
import { openTree } from './tree.ts';

const ROWS: readonly (readonly [shows: string, source: string, keys: readonly string[], says: readonly string[]])[] = [
  ['plain keys', 'export const A = { a: 1, b: { c: 2 }, d: [{ e: 1 }, 2] } as const;', ['a', 'b', 'd'], []],
  [
    'quoted keys, shorthand, methods',
    `export const A = { 'a-b': 1, c, d() { return { e: 1 }; }, };`,
    ['a-b', 'c', 'd'],
    [],
  ],
  ['comments and strings', `export const A = { /* x: 1 */ a: '}, z: 1', // y: 1\n b: /},/ };`, ['a', 'b'], []],
  ['templates', 'export const A = { a: `${f({ x: 1 }, 2)}, y: 1`, b: `${1}${2}` };', ['a', 'b'], []],
  ['an annotation', 'export const A: Record<string, { x: () => 1 }> = { a: 1 };', ['a'], []],
  ['a call around it', 'export const A = Object.freeze({ a: 1 }) satisfies B;', ['a'], []],
  ['a second literal', 'const A = { z: 1 }; export const A = { a: 1 }; export const B = { b: 1 };', ['a'], []],
  ['arrow functions', 'export const A = { a: (x, y) => ({ x, y }), b: 1 };', ['a', 'b'], []],
  ['computed keys', 'export const A = { [c]: 1, d: 1 };', ['d'], ['`[`']],
  ['past what is spread into it', 'export const A = { ...b, d: 1 };', ['d'], []],
  ['an empty literal', 'export const A = {};', [], ['lists no key']],
  ['another value', 'export const A = f;\nexport const B = { b: 1 };', [], ['no object literal']],
  ['no such name', 'const A = { a: 1 };', [], ['no object literal']],
];

for (const [shows, source, keys, says] of ROWS) {
  void test(`reads ${shows}`, async (context) => {
    const found = readKeys(await openTree(await writeTree(context, { 'a.ts': source })), 'a.ts', 'A');
    assert.deepEqual(
      found.entries.map((entry) => entry.name),
      keys,
    );
    assert.equal(found.findings.length, says.length);
    says.forEach((part, at) => assert.ok(found.findings[at]?.message.includes(part), found.findings[at]?.message));
  });
}
