// Weighted and multivalue groups, with a source of randomness that goes through all there is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RecordSet } from '../model/hosted-zone.ts';
import { choose, isVarying, toRecords } from './record-choice.ts';

const set = (setIdentifier: string, more: Partial<RecordSet>): RecordSet => ({
  id: setIdentifier,
  account: '',
  region: '',
  hostedZoneId: 'Z',
  name: 'www.example.com.',
  type: 'A',
  ttl: 60,
  values: [`192.0.2.${setIdentifier}`],
  setIdentifier,
  ...more,
});
const weighted = (weights: readonly number[]) => weights.map((weight, at) => set(String(at), { weight }));

/** How often each set is chosen when randomness takes each of 1,000 values once. */
function shares(weights: readonly number[]): number[] {
  const counts = weights.map(() => 0);
  for (let at = 0; at < 1_000; at += 1) {
    const [chosen, ...others] = choose(weighted(weights), () => at / 1_000);
    assert.deepEqual(others, [], 'one set is the answer');
    counts[Number(chosen!.setIdentifier)]! += 1;
  }
  return counts;
}

describe('of a weighted group', () => {
  const rows: readonly (readonly [behaviour: string, weights: readonly number[], want: readonly number[]])[] = [
    ['each is chosen in proportion', [1, 3], [250, 750]],
    ['the only one is always chosen', [7], [1_000]],
    ['one of weight 0 is never chosen beside others', [0, 5, 0, 5, 0], [0, 500, 0, 500, 0]],
    ['the only one is chosen even with weight 0', [0], [1_000]],
    ['all are chosen equally when all weigh 0', [0, 0, 0, 0], [250, 250, 250, 250]],
    ['the greatest weights are no trouble', [255, 255], [500, 500]],
  ];
  for (const [behaviour, weights, want] of rows) {
    test(behaviour, () => {
      for (const [at, count] of shares(weights).entries()) {
        assert.ok(Math.abs(count - want[at]!) <= 1, `${shares(weights).join()} for ${weights.join()}`);
      }
    });
  }

  test('the last is chosen by randomness next to 1', () => {
    assert.equal(choose(weighted([1, 1, 0]), () => 1 - Number.EPSILON / 2)[0]!.setIdentifier, '1');
  });
});

describe('of a multivalue group', () => {
  const group = (count: number) =>
    Array.from({ length: count }, (_, at) => set(String(at), { isMultivalue: true, ttl: 60 + at }));

  test('all values are answered, up to eight', () => {
    for (const [count, want] of [
      [1, 1],
      [3, 3],
      [8, 8],
      [30, 8],
    ] as const) {
      const chosen = choose(group(count), () => 0.5);
      const values = toRecords(chosen, 'www.example.com.', () => 0.5).map(({ value }) => value);
      assert.equal(values.length, want);
      assert.equal(new Set(values).size, want, 'none is there twice');
    }
  });

  test('every value comes to be among the eight, and every one to be the first', () => {
    const first = new Set<string>();
    let state = 7;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let turn = 0; turn < 2_000; turn += 1) first.add(toRecords(group(30), 'w.', random)[0]!.value);
    assert.equal(first.size, 30);
  });

  test('all of one answer live as long as the shortest', () => {
    assert.ok(toRecords(group(5), 'w.', () => 0).every(({ ttl }) => ttl === 60));
  });
});

test('a lone set is answered in its own order, and always the same', () => {
  const lone = [set('1', { values: ['192.0.2.9', '192.0.2.1'] })];
  assert.equal(isVarying(lone), false);
  assert.deepEqual(
    toRecords(
      choose(lone, () => 0.9),
      'w.',
      () => 0.9,
    ).map(({ value }) => value),
    ['192.0.2.9', '192.0.2.1'],
  );
});

test('what may be answered otherwise the next time is said to vary', () => {
  assert.equal(isVarying(weighted([1, 1])), true);
  assert.equal(isVarying([set('1', { isMultivalue: true })]), true);
});
