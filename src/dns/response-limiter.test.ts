// How many responses a network gets, by a clock that stands until it is moved.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf, ResponseLimiter, type Verdict } from './response-limiter.ts';

const RATE = 10;

function limiterAt(networksMax = 1_024, seed = 1) {
  const time = { ms: 1_000_000 };
  const limiter = new ResponseLimiter({
    clock: { now: () => time.ms },
    responsesPerSecondMax: RATE,
    networksMax,
    seed,
  });
  const judge = (count: number, address = '192.0.2.1', kind: 'answer' | 'negative' = 'answer'): Verdict[] =>
    Array.from({ length: count }, () => limiter.judge(address, kind));
  return { time, judge };
}

const counted = (verdicts: readonly Verdict[]) =>
  (['send', 'cut', 'drop'] as const).map((verdict) => verdicts.filter((one) => one === verdict).length);

test('sends so many, and of the others cuts every second one', () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const { judge } = limiterAt(1_024, Math.imul(seed, 0x0123_4567) >>> 0);
    assert.deepEqual(counted(judge(RATE)), [RATE, 0, 0]);
    assert.deepEqual(judge(6), ['drop', 'cut', 'drop', 'cut', 'drop', 'cut']);
  }
});

test('sends as many again after a second, and no more however long it was', () => {
  const { time, judge } = limiterAt();
  judge(100);
  time.ms += 500;
  assert.equal(counted(judge(100))[0], RATE / 2);
  time.ms += 3_600_000;
  assert.equal(counted(judge(100))[0], RATE);
});

test('a clock that goes back gives nothing away', () => {
  const { time, judge } = limiterAt();
  judge(100);
  time.ms -= 60_000;
  assert.equal(counted(judge(10))[0], 0);
});

test('counts each network and each kind by itself', () => {
  const { judge } = limiterAt();
  judge(100);
  assert.equal(counted(judge(100, '192.0.2.254'))[0], 0, 'of the same /24');
  assert.equal(counted(judge(100, '192.0.3.1'))[0], RATE);
  assert.equal(counted(judge(100, '192.0.2.1', 'negative'))[0], RATE);
  assert.equal(counted(judge(100, '2001:db8:0:1::1'))[0], RATE);
  assert.equal(counted(judge(100, '2001:db8:0:1:ffff::2'))[0], 0, 'of the same /56');
  assert.equal(counted(judge(100, '2001:db8:0:100::1'))[0], RATE);
});

test('a network that takes the slot of another begins anew, and the table does not grow', () => {
  const { judge } = limiterAt(1);
  judge(100, '192.0.2.1');
  assert.equal(counted(judge(100, '192.0.3.1'))[0], RATE);
  assert.equal(counted(judge(100, '192.0.2.1'))[0], RATE);
});

const NETWORKS: readonly (readonly [address: string, network: string])[] = [
  ['192.0.2.77', '192.0.2.0/24'],
  ['2001:db8::1', '20010db8000000/56'],
  ['2001:db8:1:ab12::1', '20010db80001ab/56'],
  ['fe80::1%eth0', 'fe800000000000/56'],
];

for (const [address, network] of NETWORKS) {
  test(`${address} lies in ${network}`, () => assert.equal(networkOf(address), network));
}
