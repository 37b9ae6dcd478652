// An alarm follows lifecycle time: it rings when its moment has come, whether time passed or was moved.

import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { LifecycleClock } from './clock.ts';
import { createAlarm } from './timers.ts';

const START = 1_000;
const DAY = 86_400_000;

/** A clock over a real time that the test alone moves, and an alarm that notes when it rang. */
function set(context: TestContext) {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
  const clock = new LifecycleClock({ now: () => Date.now() });
  const rang: number[] = [];
  const alarm = createAlarm(clock, () => rang.push(clock.now()));
  return { clock, alarm, rang, pass: (ms: number) => context.mock.timers.tick(ms) };
}

void test('rings when lifecycle time is moved to its moment', (context) => {
  const { clock, alarm, rang } = set(context);
  alarm.set(START + 100);
  clock.advance(99);
  assert.deepEqual(rang, []);
  clock.advance(1);
  assert.deepEqual(rang, [START + 100]);
});

void test('rings when real time comes to its moment', (context) => {
  const { alarm, rang, pass } = set(context);
  alarm.set(START + 100);
  pass(99);
  assert.deepEqual(rang, []);
  pass(1);
  assert.deepEqual(rang, [START + 100]);
});

void test('rings when both together come to its moment', (context) => {
  const { clock, alarm, rang, pass } = set(context);
  alarm.set(START + 100);
  pass(60);
  clock.advance(30);
  pass(9);
  assert.deepEqual(rang, []);
  pass(1);
  assert.deepEqual(rang, [START + 100]);
});

void test('rings at once for a moment that has come or gone', (context) => {
  const { alarm, rang } = set(context);
  alarm.set(START);
  alarm.set(0);
  assert.deepEqual(rang, [START, START]);
});

void test('rings once for each time it is set', (context) => {
  const { clock, alarm, rang, pass } = set(context);
  alarm.set(START + 100);
  clock.advance(100);
  clock.advance(100);
  pass(1_000);
  assert.equal(rang.length, 1);
  alarm.set(START + 2_000);
  clock.advance(2_000);
  assert.equal(rang.length, 2);
});

void test('forgets the moment before when it is set anew', (context) => {
  const { clock, alarm, rang } = set(context);
  alarm.set(START + 100);
  alarm.set(START + 500);
  clock.advance(499);
  assert.deepEqual(rang, []);
  clock.advance(1);
  assert.deepEqual(rang, [START + 500]);
  alarm.set(START + 5_000);
  alarm.set(START + 600);
  clock.advance(100);
  assert.deepEqual(rang, [START + 500, START + 600]);
});

void test('does not ring once it is cancelled', (context) => {
  const { clock, alarm, rang, pass } = set(context);
  alarm.set(START + 100);
  alarm.cancel();
  alarm.cancel();
  clock.advance(1_000);
  pass(1_000);
  assert.deepEqual(rang, []);
});

void test('may be set again while it rings', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
  const clock = new LifecycleClock({ now: () => Date.now() });
  const rang: number[] = [];
  const alarm = createAlarm(clock, () => {
    rang.push(clock.now());
    if (rang.length < 3) alarm.set(clock.now() + 10);
  });
  alarm.set(START + 10);
  clock.advance(10);
  context.mock.timers.tick(10);
  clock.advance(10);
  clock.advance(10);
  assert.deepEqual(rang, [START + 10, START + 20, START + 30]);
});

void test('sleeps in parts towards a moment beyond what a timer can hold', (context) => {
  const { alarm, rang, pass } = set(context);
  const sleep = context.mock.method(globalThis, 'setTimeout');
  const due = START + 60 * DAY;
  alarm.set(due);
  pass(25 * DAY);
  pass(25 * DAY);
  pass(10 * DAY - 1);
  assert.deepEqual(rang, []);
  pass(1);
  assert.deepEqual(rang, [due]);
  const sleeps = sleep.mock.calls.map((call) => call.arguments[1] ?? 0);
  assert.ok(sleeps.length > 0 && Math.max(...sleeps) <= 2 ** 31 - 1, `one sleep is ${Math.max(...sleeps)} ms`);
});

void test('does not keep the process alive', (context) => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const alarm = createAlarm(new LifecycleClock(), () => assert.fail('it is not due for a day'));
  context.after(() => alarm.cancel());
  alarm.set(Date.now() + DAY);
  assert.equal(timers(), before);
});
