// At most so many at once, owners in turns, each in the order in which they came; what fails gives its place back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlots } from './slots.ts';

function held() {
  let release = () => {};
  let fail = (_error: Error) => {};
  const until = new Promise<void>((resolve, reject) => {
    release = resolve;
    fail = reject;
  });
  return { until, release, fail };
}

void test('runs so many at once, and the next in order when one ends or fails', async () => {
  const slots = createSlots(2);
  const begun: number[] = [];
  const holds = Array.from({ length: 4 }, held);
  const runs = holds.map(({ until }, at) =>
    slots.run('a', async () => {
      begun.push(at);
      await until;
      return at;
    }),
  );
  const settled = Promise.allSettled(runs);
  assert.deepEqual(begun, [0, 1]);
  holds[1]!.fail(new Error('refused'));
  await assert.rejects(runs[1]!, /refused/);
  assert.deepEqual(begun, [0, 1, 2]);
  holds[0]!.release();
  assert.equal(await runs[0], 0);
  assert.deepEqual(begun, [0, 1, 2, 3]);
  for (const { release } of holds) release();
  await settled;
  assert.equal(await slots.run('a', async () => 'free again'), 'free again');
});

void test('an owner who asks for much does not make another wait for all of it', async () => {
  const slots = createSlots(1);
  const begun: string[] = [];
  const first = held();
  const work = (name: string, until: Promise<void> = Promise.resolve()) =>
    slots.run(name[0]!, async () => {
      begun.push(name);
      await until;
    });
  const runs = [work('a1', first.until), work('a2'), work('a3'), work('a4'), work('b1'), work('c1'), work('b2')];
  first.release();
  await Promise.all(runs);
  assert.deepEqual(begun, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});
