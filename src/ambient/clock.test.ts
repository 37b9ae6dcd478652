// Lifecycle time: real time plus what an operator added, and who hears of it.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { LifecycleClock, realClock } from './clock.ts';

void test('runs with real time', () => {
  const real = { ms: 1_000, now: () => real.ms };
  const clock = new LifecycleClock(real);
  assert.equal(clock.now(), 1_000);
  real.ms = 1_500;
  assert.equal(clock.now(), 1_500);
});

void test('is ahead of real time by every step that was added', () => {
  const real = { ms: 1_000, now: () => real.ms };
  const clock = new LifecycleClock(real);
  clock.advance(10);
  clock.advance(0);
  clock.advance(5);
  assert.equal(clock.now(), 1_015);
  real.ms = 2_000;
  assert.equal(clock.now(), 2_015);
  assert.equal(real.now(), 2_000);
});

for (const step of [-1, -0.5, Number.NaN, Infinity, -Infinity]) {
  void test(`refuses a step of ${step} ms, and stays where it is`, () => {
    const clock = new LifecycleClock({ now: () => 1_000 });
    let calls = 0;
    clock.onAdvance(() => (calls += 1));
    assert.throws(() => clock.advance(step), {
      name: 'RangeError',
      message: `lifecycle time moves forward only, not by ${step} ms`,
    });
    assert.deepEqual([clock.now(), calls], [1_000, 0]);
  });
}

void test('tells every listener after it has moved, until the listener leaves', () => {
  const clock = new LifecycleClock({ now: () => 1_000 });
  const heard: string[] = [];
  const leave = clock.onAdvance(() => heard.push(`a ${clock.now()}`));
  clock.onAdvance(() => heard.push(`b ${clock.now()}`));
  clock.advance(1);
  leave();
  leave();
  clock.advance(2);
  assert.deepEqual(heard, ['a 1001', 'b 1001', 'b 1003']);
});

void test('real time is the time of the machine', () => {
  const before = Date.now();
  const now = realClock.now();
  assert.ok(before <= now && now <= Date.now());
});
