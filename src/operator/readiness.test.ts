// What `/ready` makes of the parts: the worst counts, none is waited for without end, and what was found is kept for a moment.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adjustLimits } from '../settings/limits.ts';
import { createReadiness } from './readiness.ts';

const well = () => undefined;

test('a part is ok, degraded, or not ready', async () => {
  const parts = {
    one: well,
    two: () => ({ why: 'is full', next: 'empty it' }),
    three: async () => ({ why: 'is gone', next: 'fetch it', isFatal: true }),
  };
  assert.deepEqual(await createReadiness(parts).look(), [
    { part: 'one', state: 'ok' },
    { part: 'two', state: 'degraded', why: 'is full', next: 'empty it' },
    { part: 'three', state: 'not ready', why: 'is gone', next: 'fetch it' },
  ]);
});

test('a part that throws, rejects or never answers is degraded, and the others are told all the same', async (t) => {
  assert.equal(adjustLimits({ readyLookMsMax: 20 }), undefined);
  t.after(() => adjustLimits({ readyLookMsMax: 1_000 }));
  const parts = {
    throws: () => {
      throw new Error('no');
    },
    rejects: () => Promise.reject(new Error('away')),
    hangs: () => new Promise<never>(() => {}),
    good: well,
  };
  const states = await createReadiness(parts).look();
  assert.deepEqual(
    states.map(({ part, state, why }) => [part, state, why]),
    [
      ['throws', 'degraded', 'cannot be asked: no'],
      ['rejects', 'degraded', 'cannot be asked: away'],
      ['hangs', 'degraded', 'did not answer within 20 ms'],
      ['good', 'ok', undefined],
    ],
  );
});

test('parts are looked at once in readyKeptMs, however often they are asked for', async () => {
  let nowMs = 0;
  let looks = 0;
  const readiness = createReadiness({ counted: () => void (looks += 1) }, () => nowMs);
  await Promise.all([readiness.look(), readiness.look(), readiness.look()]);
  assert.equal(looks, 1);
  nowMs = 999;
  await readiness.look();
  assert.equal(looks, 1);
  nowMs = 1_000;
  await readiness.look();
  assert.equal(looks, 2);
});
