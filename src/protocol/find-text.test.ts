// The search for texts, against the engine's own on texts that are short, and on long ones that would stop the engine's.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { findText, findTextFromEnd } from './find-text.ts';

const letters = (lengths: { minLength?: number; maxLength: number }) =>
  fc.array(fc.constantFrom('a', 'b'), lengths).map((list) => list.join(''));

void test('finds what the engine finds, from any place and either end', () => {
  const long = fc.tuple(letters({ maxLength: 30 }), fc.nat(300), letters({ maxLength: 30 }));
  const text = fc.tuple(long, long).map(([[a, n, b], [c, m, d]]) => a + 'ab'.repeat(n) + b + 'aab'.repeat(m) + c + d);
  const what = fc.oneof(
    letters({ maxLength: 40 }),
    fc.tuple(fc.nat(200), fc.constantFrom('ab', 'aab', 'a')).map(([n, part]) => part.repeat(n)),
    fc.tuple(fc.nat(150), fc.nat(100)).map(([n, m]) => 'ab'.repeat(n) + 'aab'.repeat(m)),
  );
  let found = 0;
  fc.assert(
    fc.property(text, what, fc.integer({ min: -5, max: 1_700 }), (whole, part, from) => {
      const want = whole.indexOf(part, from);
      if (want !== -1 && part.length > 200) found += 1;
      assert.equal(findText(whole, part, from), want);
      if (from >= 0) assert.equal(findTextFromEnd(whole, part, from), whole.lastIndexOf(part, from));
    }),
    { numRuns: 3_000, seed: 20_261_126 },
  );
  assert.ok(found > 50, `${found} long texts were found`);
});

void test('ends on texts that take the engine half a minute', () => {
  const text = 'a'.repeat(1_000_000);
  const half = 'a'.repeat(125_000);
  assert.equal(findText(text, `${half}b${half}`), -1);
  assert.equal(findTextFromEnd(text, `${half}${half}b`, text.length), -1);
  assert.equal(findText(`${text}b${half}`, `${half}b${half}`), 875_000);
});
