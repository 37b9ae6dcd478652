// Which names a certificate covers, and which two names could answer for one host.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { isCoveredBy, overlaps } from './domain-name.ts';

const COVERED: readonly (readonly [why: string, name: string, certificate: readonly string[], want: boolean])[] = [
  ['its own name', 'ws.example.com', ['ws.example.com'], true],
  ['its own name in capitals', 'ws.example.com', ['WS.Example.com'], true],
  ['one of several names', 'ws.example.com', ['a.example.com', 'ws.example.com'], true],
  ['a wildcard one label above', 'ws.example.com', ['*.example.com'], true],
  ['a wildcard in capitals', 'ws.example.com', ['*.EXAMPLE.com'], true],
  ['a wildcard below the apex', 'example.com', ['*.com'], true],
  ['the same wildcard', '*.example.com', ['*.example.com'], true],
  ['no name', 'ws.example.com', [], false],
  ['the empty name', 'ws.example.com', [''], false],
  ['a wildcard two labels above', 'a.b.example.com', ['*.example.com'], false],
  ['the wildcard of the apex itself', 'example.com', ['*.example.com'], false],
  ['the apex alone', 'ws.example.com', ['example.com'], false],
  ['a neighbour', 'ws.example.com', ['wt.example.com'], false],
  ['a longer name', 'ws.example.com', ['x.ws.example.com'], false],
  ['a name with the same end', 'ws.badexample.com', ['*.example.com'], false],
  ['a wildcard for a wildcard below it', '*.a.example.com', ['*.example.com'], false],
  ['a wildcard above a wildcard', '*.example.com', ['*.com'], false],
  ['a plain name for a wildcard', '*.example.com', ['a.example.com'], false],
  ['the bare star', 'ws.example.com', ['*'], false],
  ['a wildcard below a name of one label', 'localhost', ['*.localhost'], false],
];

for (const [why, name, certificate, want] of COVERED) {
  void test(`${name} is ${want ? '' : 'not '}covered by ${why}`, () =>
    assert.equal(isCoveredBy(name, certificate), want));
}

const PAIRS: readonly (readonly [a: string, b: string, want: boolean])[] = [
  ['ws.example.com', 'ws.example.com', true],
  ['ws.example.com', '*.example.com', true],
  ['*.example.com', '*.example.com', true],
  ['ws.example.com', 'wt.example.com', false],
  ['example.com', '*.example.com', false],
  ['a.b.example.com', '*.example.com', false],
  ['*.b.example.com', '*.example.com', false],
  ['*.example.com', '*.com', false],
  ['localhost', '*.localhost', false],
];

for (const [a, b, want] of PAIRS) {
  void test(`${a} and ${b} ${want ? 'overlap' : 'do not overlap'}, either way round`, () => {
    assert.equal(overlaps(a, b), want);
    assert.equal(overlaps(b, a), want);
  });
}
