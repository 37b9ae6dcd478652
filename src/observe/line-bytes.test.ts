// A line that is changed must be the line that would be made: after any values in any order, of any length and alphabet.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLineBytes } from './line-bytes.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const TEXT = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  // Half of a pair has bytes of its own.
  fc.constantFrom('\ud800', '\udc00', '€'.repeat(5_000), 'ÿ', '-'),
);

test('after any changes it is what its texts and values come to', () => {
  const parts = fc.array(fc.option(TEXT, { nil: undefined }), { maxLength: 8 });
  const changes = fc.array(fc.tuple(fc.nat(7), TEXT), { maxLength: 30 });
  fc.assert(
    fc.property(parts, changes, (of, sets) => {
      const line = createLineBytes(of);
      const values = of.filter((part) => part === undefined).map(() => '');
      for (const [place, value] of sets.filter(([number]) => number < values.length)) {
        line.set(place, value);
        values[place] = value;
        const rest = [...values];
        const whole = of.map((part) => part ?? rest.shift()!);
        assert.equal(text(line.bytes), whole.map((part) => Buffer.from(part).toString()).join(''));
      }
    }),
  );
});

test('the memory of a long line is not kept for short ones', () => {
  const line = createLineBytes(['a ', undefined, ' z']);
  line.set(0, 'x'.repeat(1_000_000));
  assert.equal(line.bytes.length, 1_000_004);
  line.set(0, 'short');
  assert.equal(text(line.bytes), 'a short z');
  assert.ok(line.bytes.buffer.byteLength < 1_000);
});

test('a value with as many units as the one before has bytes is not taken for one of its length', () => {
  const line = createLineBytes(['x', undefined, 'z']);
  for (const value of ['ab', 'éa', 'abc', '€é', 'ÿ', '\ud800']) {
    line.set(0, value);
    assert.equal(text(line.bytes), Buffer.from(`x${value}z`).toString());
  }
});
