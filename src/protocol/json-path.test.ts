// Definite JSON paths: which texts are one, what they find, and how a value reads as text.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { evaluateJsonPath, parseJsonPath, textOf, type JsonPath } from './json-path.ts';

const PARSED: readonly (readonly [name: string, text: string, want: JsonPath | undefined])[] = [
  ['nothing', '', []],
  ['the root', '$', []],
  ['a member', '$.a', ['a']],
  ['a member without a root', 'a', ['a']],
  ['a member after a dot', '.a', ['a']],
  ['members', '$.a.b', ['a', 'b']],
  ['a hyphen', 'detail-type', ['detail-type']],
  ['a member in single quotes', "['a.b']", ['a.b']],
  ['a member in double quotes', '["a b"].c', ['a b', 'c']],
  ['the empty member', "['']", ['']],
  ['an index', 'a[0].b', ['a', 0, 'b']],
  ['indexes', 'a[1][20]', ['a', 1, 20]],
  ['spaces in brackets', "[ 0 ][ 'a' ]", [0, 'a']],
  ['digits in quotes', "['0']", ['0']],
  ['digits after a dot', 'a.0', ['a', '0']],
  ['two dots', 'a..b', undefined],
  ['a dot at the end', 'a.', undefined],
  ['a dot alone', '.', undefined],
  ['a bracket that never ends', 'a[0', undefined],
  ['a bracket that never began', 'a]', undefined],
  ['empty brackets', 'a[]', undefined],
  ['a bare word in brackets', 'a[b]', undefined],
  ['a wildcard in brackets', 'a[*]', undefined],
  ['a negative index', 'a[-1]', undefined],
  ['a slice', 'a[0:1]', undefined],
  ['a filter', 'a[?(@.b)]', undefined],
  ['quotes that never end', "['a]", undefined],
];

for (const [name, text, want] of PARSED) {
  void test(`parses ${name}`, () => assert.deepEqual(parseJsonPath(text), want));
}

const DOCUMENT: unknown = JSON.parse(
  '{"a":{"b":[10,{"c":null}],"0":"zero"},"detail-type":"x","e":false,"__proto__":{"own":1},"s":"text"}',
);

const FOUND: readonly (readonly [name: string, document: unknown, path: string, want: unknown])[] = [
  ['the whole document', DOCUMENT, '$', DOCUMENT],
  ['a member', DOCUMENT, 'detail-type', 'x'],
  ['a member of a member', DOCUMENT, 'a.b[0]', 10],
  ['null', DOCUMENT, 'a.b[1].c', null],
  ['false', DOCUMENT, 'e', false],
  ['a member called by a digit', DOCUMENT, 'a.0', 'zero'],
  ['nothing at an absent member', DOCUMENT, 'a.x.y', undefined],
  ['nothing below null', DOCUMENT, 'a.b[1].c.d', undefined],
  ['nothing below a text', DOCUMENT, 's.length', undefined],
  ['nothing at an index of a text', DOCUMENT, 's[0]', undefined],
  ['nothing past the end of a list', DOCUMENT, 'a.b[2]', undefined],
  ['nothing at a member of a list', DOCUMENT, 'a.b.length', undefined],
  ['nothing at a digit of a list that is no index', DOCUMENT, 'a.b.0', undefined],
  ['nothing at an index of an object', DOCUMENT, 'a[0]', undefined],
  ['nothing at an inherited member', DOCUMENT, 'constructor', undefined],
  ['nothing at an inherited member in brackets', DOCUMENT, "a['toString']", undefined],
  ['nothing at the prototype of an object', DOCUMENT, 'a.__proto__', undefined],
  ['nothing at the prototype of a list', DOCUMENT, 'a.b.__proto__', undefined],
  ['a member of the document that is called so', DOCUMENT, '__proto__.own', 1],
  ['nothing in a text', 'text', 'a', undefined],
  ['nothing in a number', 5, 'a', undefined],
  ['nothing in null', null, 'a', undefined],
  ['nothing in nothing', undefined, 'a', undefined],
  ['an element of a list', [1], '[0]', 1],
];

for (const [name, document, path, want] of FOUND) {
  void test(`finds ${name}`, () => assert.deepEqual(evaluateJsonPath(document, parseJsonPath(path)!), want));
}

const TEXTS: readonly (readonly [name: string, value: unknown, want: string])[] = [
  ['nothing', undefined, ''],
  ['null', null, ''],
  ['a text', 'a "b"', 'a "b"'],
  ['a number', 1, '1'],
  ['a fraction', 1.5, '1.5'],
  ['true', true, 'true'],
  ['false', false, 'false'],
  ['a list', ['a', 'b'], '[a, b]'],
  ['the empty list', [], '[]'],
  ['a list of all kinds', [1, null, [true], { a: 'b' }], '[1, , [true], {a=b}]'],
  ['an object', { a: 'x', b: { c: 1 } }, '{a=x, b={c=1}}'],
  ['the empty object', {}, '{}'],
];

for (const [name, value, want] of TEXTS) {
  void test(`shows ${name}`, () => assert.equal(textOf(value), want));
}

void test('shows lists and objects that lie as deep as a message can hold', () => {
  const depth = 65_000;
  for (const deep of [`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"":'.repeat(depth)}1${'}'.repeat(depth)}`]) {
    assert.equal(typeof textOf(JSON.parse(deep)), 'string');
  }
});
