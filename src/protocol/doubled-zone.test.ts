// Where a record stands when its zone was appended twice, and when a value was.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { doubledAdvice, doubledNames, isAppendedTo } from './doubled-zone.ts';

describe('doubledNames', () => {
  const rows: readonly [name: string, places: [doubled: string, relative: string][]][] = [
    ['example.com', [['example.com.example.com', '@']]],
    [
      'a.ws.example.com',
      [
        ['a.ws.example.com.a.ws.example.com', '@'],
        ['a.ws.example.com.ws.example.com', 'a'],
        ['a.ws.example.com.example.com', 'a.ws'],
      ],
    ],
    [
      '*.example.com',
      [
        ['*.example.com.*.example.com', '@'],
        ['*.example.com.example.com', '*'],
      ],
    ],
    ['localhost', []],
  ];
  for (const [name, places] of rows) {
    test(name, () =>
      assert.deepEqual(
        doubledNames(name).map(({ doubled, relative }) => [doubled, relative]),
        places,
      ),
    );
  }
});

test('the advice names what to type', () => {
  assert.match(doubledAdvice({ doubled: 'ws.a.test.a.test', relative: 'ws' }), /ws\.a\.test\.a\.test: .* as ws$/);
});

test('a value with something behind it was typed without its dot, and one that only begins alike was not', () => {
  assert.ok(isAppendedTo('d-1.gateway.test.example.com', 'd-1.gateway.test'));
  assert.ok(!isAppendedTo('d-1.gateway.test', 'd-1.gateway.test'));
  assert.ok(!isAppendedTo('d-1.gateway.tests', 'd-1.gateway.test'));
});
