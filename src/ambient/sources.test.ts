// What one source takes up: bounds of what is open and of how fast it comes, how often it is told of, and what is remembered.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sources } from './sources.ts';

const BOUNDS = { openMax: 2, rate: { perSecond: 10, burst: 3 }, countedMax: 4, reportIntervalMs: 60_000 };

function start() {
  const clock = { at: 1_000_000, now: () => clock.at };
  return { clock, sources: new Sources(BOUNDS, clock) };
}

const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act);

test('as many are open as may be, for each source', () => {
  const { sources } = start();
  assert.deepEqual(
    times(3, () => sources.enter('a')),
    [true, true, false],
  );
  assert.equal(sources.enter('b'), true);
  sources.leave('a');
  assert.equal(sources.openOf('a'), 1);
  assert.deepEqual(
    times(2, () => sources.enter('a')),
    [true, false],
  );
});

test('a source that was refused has nothing more open', () => {
  const { sources } = start();
  times(5, () => sources.enter('a'));
  times(2, () => sources.leave('a'));
  assert.equal(sources.openOf('a'), 0);
  // One that was never entered takes nothing from anybody.
  sources.leave('a');
  assert.deepEqual(
    times(3, () => sources.enter('a')),
    [true, true, false],
  );
});

test('a rate is a source’s own, and is earned again', () => {
  const { clock, sources } = start();
  assert.deepEqual(
    times(4, () => sources.take('a')),
    [true, true, true, false],
  );
  assert.equal(sources.take('b'), true);
  clock.at += 100;
  assert.deepEqual(
    times(2, () => sources.take('a')),
    [true, false],
  );
  // A clock that went back has earned nothing, and lost nothing.
  clock.at -= 1_000_000;
  assert.equal(sources.take('a'), false);
  clock.at += 100;
  assert.equal(sources.take('a'), true);
});

test('a source is told of once in a while, with how often it was refused', () => {
  const { clock, sources } = start();
  assert.deepEqual(
    times(3, () => sources.refuse('a')),
    [1, undefined, undefined],
  );
  assert.equal(sources.refuse('b'), 1);
  clock.at += BOUNDS.reportIntervalMs;
  assert.deepEqual(
    times(2, () => sources.refuse('a')),
    [3, undefined],
  );
  clock.at -= 10 * BOUNDS.reportIntervalMs;
  assert.equal(sources.refuse('a'), 2);
});

test('ten thousand sources are not remembered, and one that has something open is', () => {
  const { sources } = start();
  assert.equal(sources.enter('open'), true);
  times(3, () => sources.take('open'));
  for (let name = 0; name < 10_000; name += 1) {
    sources.enter(`${name}`);
    sources.leave(`${name}`);
    sources.take(`other ${name}`);
  }
  assert.equal(sources.size, 1 + BOUNDS.countedMax);
  assert.equal(sources.openOf('open'), 1);
  assert.equal(sources.take('open'), false);
});
