// Queries over a document: what is one, what it finds, and what it may cost.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { evaluateJsonQuery, parseJsonQuery } from './json-path-query.ts';

const DOCUMENT: unknown = JSON.parse(`{
  "store": {
    "book": [
      { "title": "A", "price": 8, "kind": "x", "tags": ["new", "red"] },
      { "title": "B", "price": 12, "kind": "y", "isbn": "1" },
      { "title": "C", "price": 9, "kind": "x", "isbn": null }
    ],
    "bike": { "price": 20 }
  },
  "limit": 10, "kinds": ["x", "z"], "a b": 1, "a:b": 2, "list": [1, 2, 3, 4, 5], "__proto__": { "own": 1 }
}`);

const FOUND: readonly (readonly [query: string, want: unknown])[] = [
  ['$.limit', 10],
  ['limit', 10],
  ['$.absent', undefined],
  ["$['a b']", 1],
  ["$.['a b']", 1],
  ['$.a:b', 2],
  ['$.list[1]', 2],
  ['$.list[-1]', 5],
  ['$.list[-9]', undefined],
  ['$.list[*]', [1, 2, 3, 4, 5]],
  ['$.list.*', [1, 2, 3, 4, 5]],
  ['$.list[0,2]', [1, 3]],
  ['$.list[0, 9, -1]', [1, 5]],
  ['$.list[1:3]', [2, 3]],
  ['$.list[:2]', [1, 2]],
  ['$.list[3:]', [4, 5]],
  ['$.list[-2:]', [4, 5]],
  ['$.list[:-3]', [1, 2]],
  ['$.list[:]', [1, 2, 3, 4, 5]],
  ['$.list[::2]', [1, 3, 5]],
  ['$.list[3:1]', []],
  ['$.store.book[*].title', ['A', 'B', 'C']],
  ['$.store.book[*].isbn', ['1', null]],
  ['$.store.book[-1].title', 'C'],
  ['$.store.book.title', undefined],
  ['$.store.*.price', [20]],
  ['$..price', [8, 12, 9, 20]],
  ['$..book[0].title', ['A']],
  ['$..book[0]..tags', [['new', 'red']]],
  ["$..['isbn']", ['1', null]],
  [
    '$.store..*',
    [
      [
        { title: 'A', price: 8, kind: 'x', tags: ['new', 'red'] },
        { title: 'B', price: 12, kind: 'y', isbn: '1' },
        { title: 'C', price: 9, kind: 'x', isbn: null },
      ],
      { price: 20 },
      { title: 'A', price: 8, kind: 'x', tags: ['new', 'red'] },
      { title: 'B', price: 12, kind: 'y', isbn: '1' },
      { title: 'C', price: 9, kind: 'x', isbn: null },
      'A',
      8,
      'x',
      ['new', 'red'],
      'new',
      'red',
      'B',
      12,
      'y',
      '1',
      'C',
      9,
      'x',
      null,
      20,
    ],
  ],
  ["$.store.book[0]['title','price']", { title: 'A', price: 8 }],
  ["$.store['book','bike'].price", [20]],
  ["$.store.book[?(@.kind == 'x')].title", ['A', 'C']],
  ['$.store.book[?(@.kind == "x" && @.price < 9)].title', ['A']],
  ["$.store.book[?(@.price > 11 || @.title == 'C')].title", ['B', 'C']],
  ["$.store.book[?(!(@.kind == 'x'))].title", ['B']],
  ["$.store.book[?(@['kind'] != 'x')].title", ['B']],
  ['$.store.book[?(@.isbn)].title', ['B', 'C']],
  ['$.store.book[?(@.isbn == null)].title', ['C']],
  ['$.store.book[?(@.price <= $.limit)].title', ['A', 'C']],
  ['$.store.book[?(8 == @.price)].title', ['A']],
  ["$.store.book[?(@.kind in ['y', 'z'])].title", ['B']],
  ['$.store.book[?(@.kind in $.kinds)].title', ['A', 'C']],
  ["$.store.book[?(@.kind nin ['x'])].title", ['B']],
  ["$.store.book[?(@.tags contains 'red')].title", ['A']],
  ['$.store.book[?(@.title =~ /[a-b]/i)].title', ['A', 'B']],
  ['$.store.book[?(@.tags.length() == 2)].title', ['A']],
  ['$.store.book[?(@.tags[1] == "red")].title', ['A']],
  ['$.list[?(@ > 3)]', [4, 5]],
  ["$.list[?(@ > '3')]", []],
  ['$.list[?(@.constructor)]', []],
  ['$.store.bike[?(@.price == 20)].price', [20]],
  ['$.list.length()', 5],
  ['$.store.length()', 2],
  ['$..price.length()', 4],
  ['$.limit.length()', undefined],
  ['$.store.keys()', ['book', 'bike']],
  ['$.list.constructor', undefined],
  ['$..constructor', []],
  ['$..__proto__', [{ own: 1 }]],
  ['$.*.__proto__', []],
];

function find(text: string, document: unknown, stepsMax: number = 10_000): unknown {
  const query = parseJsonQuery(text);
  assert.ok(query, `${text} is a query`);
  let steps = 0;
  return evaluateJsonQuery(document, query, {
    spend: (more) => {
      steps += more;
      if (steps > stepsMax) throw new RangeError('too many steps');
    },
    matches: (value, pattern) =>
      new RegExp(`^(?:${pattern.replace('(?i)', '')})$`, pattern.startsWith('(?i)') ? 'i' : '').test(value),
  });
}

for (const [query, want] of FOUND) {
  void test(`${query} finds what it should`, () => assert.deepEqual(find(query, DOCUMENT), want));
}

const NONE = [
  '$.list[',
  '$.list[*',
  '$.list[1:2',
  '$.list[1:2:3:4]',
  '$.list[a]',
  '$.list[1,a]',
  '$..',
  '$.',
  '$...a',
  '$.a..',
  '$.list[*]x',
  '$.*x',
  "$.list['a','b'",
  "$.list['a',]",
  '$.list[?]',
  '$.list[?(]',
  '$.list[?()]',
  '$.list[?(@.a]',
  '$.list[?(@.a ==)]',
  '$.list[?(@.a = 1)]',
  '$.list[?(a == 1)]',
  '$.list[?(@.a == 1)',
  '$.list[?(@.a in [1, @.b])]',
  '$.list[?(@.a =~ "x")]',
  '$.list[?(alert(1))]',
  '$.list[?(@.a.b())]',
  '$.a.unknown()',
  `$.list[?(${'('.repeat(40)}@.a${')'.repeat(40)})]`,
  `$..${'a'.repeat(2_000)}`,
];

for (const text of NONE) {
  void test(`${text.slice(0, 40)} is no query`, () => assert.equal(parseJsonQuery(text), undefined));
}

void test('a document that is none holds nothing', () => assert.equal(find('$..a', undefined), undefined));

void test('every query counts what it looks at', () => {
  const wide = Array.from({ length: 1_000 }, () => Array.from({ length: 100 }, () => ({ a: 'x' })));
  for (const query of ['$..a', '$[*][*]', '$[*][0:]', "$[*][?(@.a == 'x')]", '$..*..*', '$..[0,1,2,3]', '$[*].*.*']) {
    assert.throws(() => find(query, wide), /too many steps/, query);
  }
});

void test('a document as deep as a message is looked through', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(60_000)}{"a":1}${']'.repeat(60_000)}`);
  assert.deepEqual(find('$..a', deep, 1_000_000), [1]);
});
