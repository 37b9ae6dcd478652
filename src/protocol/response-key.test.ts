// Keys of integration responses: what they match, that they match in linear time, and what is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResponseKey, type ResponsePattern } from './response-key.ts';

function patternOf(key: string): ResponsePattern {
  const parsed = parseResponseKey(key);
  assert.ok(parsed !== 'default' && !('problem' in parsed), JSON.stringify(parsed));
  return parsed;
}

const MATCHES: readonly (readonly [key: string, value: string, want: boolean])[] = [
  ['/200/', '200', true],
  ['/200/', '2000', false],
  ['/20/', '200', false],
  ['/2\\d\\d/', '204', true],
  ['/4\\d{2}/', '404', true],
  ['/4\\d{2}/', '500', false],
  ['/.*Error.*/', 'an Error of mine', true],
  ['/.*Error.*/', 'fine', false],
  ['/a|b/', 'b', true],
  ['/a|b/', 'ab', false],
  ['/(?i)not found/', 'Not Found', true],
  ['/a/b/', 'a/b', true],
  ['/.*/', '', true],
];

for (const [key, value, want] of MATCHES) {
  void test(`${key} ${want ? 'matches' : 'does not match'} '${value}'`, () =>
    assert.equal(patternOf(key).test(value), want));
}

void test('$default is no pattern', () => assert.equal(parseResponseKey('$default'), 'default'));

const PROBLEMS: readonly (readonly [name: string, key: string, problem: RegExp])[] = [
  ['nothing', '', /between slashes/],
  ['a status without slashes', '200', /between slashes/],
  ['slashes around nothing', '//', /between slashes/],
  ['another reserved word', '$other', /between slashes/],
  ['a bracket that is never closed', '/(/', /RE2.*missing closing \)/],
  ['a look-ahead', '/(?=a)b/', /RE2.*\(\?=/],
  ['a back-reference', '/(a)\\1/', /RE2/],
];

for (const [name, key, problem] of PROBLEMS) {
  void test(`refuses ${name}`, () => {
    const parsed = parseResponseKey(key);
    assert.ok(typeof parsed === 'object' && 'problem' in parsed);
    assert.match(parsed.problem, problem);
  });
}

void test('a pattern that would backtrack for years on a long value answers', () => {
  assert.equal(patternOf('/(a+)+/').test(`${'a'.repeat(50_000)}b`), false);
});
