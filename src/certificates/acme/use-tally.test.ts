// What is counted within a window agrees with counting it by hand, and stays cheap however much there is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UseTally } from './use-tally.ts';

const LIMIT = { count: 2, windowMs: 10 };

test('a key fits again when the oldest of its last uses leaves the window', () => {
  const tally = new UseTally(LIMIT);
  assert.equal(tally.fitsAtMs('a', 0), 0);
  tally.add('a', 0);
  assert.equal(tally.fitsAtMs('a', 3), 3);
  tally.add('a', 3);
  assert.equal(tally.fitsAtMs('a', 4), 10);
  assert.equal(tally.fitsAtMs('b', 4), 4);
  assert.equal(tally.fitsAtMs('a', 9), 10);
  assert.equal(tally.fitsAtMs('a', 10), 10);
  assert.equal(tally.used('a', 10), 1);
});

test('more uses than are allowed are all waited for', () => {
  const tally = new UseTally(LIMIT);
  for (const atMs of [0, 1, 2, 3]) tally.add('a', atMs);
  assert.equal(tally.fitsAtMs('a', 3), 12);
});

test('a use that is taken back was none, whenever it is taken back', () => {
  const tally = new UseTally(LIMIT);
  const first = tally.add('a', 0);
  const second = tally.add('a', 5);
  tally.takeBack(first);
  tally.takeBack(first);
  assert.equal(tally.used('a', 5), 1);
  assert.equal(tally.nextBackAtMs('a', 5), 15);
  assert.equal(tally.used('a', 15), 0);
  tally.takeBack(second);
  assert.deepEqual(tally.fullest(15, 5), []);
});

test('a clock that went back counts from where it was', () => {
  const tally = new UseTally(LIMIT);
  tally.add('a', 100);
  tally.add('b', 50);
  assert.equal(tally.nextBackAtMs('b', 50), 110);
});

const step = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  passesMs: fc.integer({ min: 0, max: 6 }),
  takesBack: fc.option(fc.nat(30), { nil: undefined, freq: 3 }),
});

test('agrees with a list that is counted anew each time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (steps, count) => {
      const tally = new UseTally({ count, windowMs: 10 });
      let list: { key: string; atMs: number; number: number }[] = [];
      const made: ReturnType<UseTally['add']>[] = [];
      let now = 0;
      for (const { key, passesMs, takesBack } of steps) {
        now += passesMs;
        list.push({ key, atMs: now, number: made.length });
        made.push(tally.add(key, now));
        if (takesBack !== undefined && takesBack < made.length) {
          tally.takeBack(made[takesBack]!);
          list = list.filter(({ number }) => number !== takesBack);
        }
        const counted = (wanted: string) => list.filter((one) => one.key === wanted && one.atMs + 10 > now);
        for (const asked of ['a', 'b', 'c']) {
          const uses = counted(asked);
          assert.equal(tally.used(asked, now), uses.length);
          assert.equal(tally.nextBackAtMs(asked, now), uses[0] && uses[0].atMs + 10);
          const leaving = uses.length < count ? undefined : uses[uses.length - count];
          assert.equal(tally.fitsAtMs(asked, now), leaving ? leaving.atMs + 10 : now);
        }
        const most = Math.max(...['a', 'b', 'c'].map((asked) => counted(asked).length));
        const [fullest] = tally.fullest(now, 1);
        assert.equal(fullest === undefined ? 0 : counted(fullest).length, most);
      }
    }),
  );
});

test('100,000 uses of one key, or of as many, are counted and forgotten', () => {
  for (const keyOf of [() => 'one', (at: number) => `key ${at}`]) {
    const tally = new UseTally({ count: 50, windowMs: 100_000 });
    for (let at = 0; at < 100_000; at += 1) tally.add(keyOf(at), at);
    const keys = new Set(Array.from({ length: 100_000 }, (_, at) => keyOf(at))).size;
    assert.equal(tally.used(keyOf(99_999), 99_999), 100_000 / keys);
    assert.equal(tally.fullest(99_999, 5).length, Math.min(5, keys));
    assert.deepEqual(tally.fullest(300_000, 5), []);
  }
});
