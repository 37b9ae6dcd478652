// When certificates are renewed: in time, spread, and never without a pause; when their end is told of; how long a try waits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { momentIn, NOTICE_DAYS, noticesUntil, renewalTimes, waitFor } from './renewal-times.ts';
import { daysUntil } from '../model/certificate.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

void test('a certificate is renewed before its end, with two thirds of its life behind it, and not at once', () => {
  const life = fc.integer({ min: 6 * HOUR_MS, max: 400 * DAY_MS });
  fc.assert(
    fc.property(
      life,
      fc.integer({ min: 1, max: 400 * DAY_MS }),
      random,
      fc.boolean(),
      (lifeMs, leadMs, at, isAsked) => {
        const issuedAtMs = 1_000_000;
        const notAfterMs = issuedAtMs + lifeMs;
        const times = renewalTimes({ issuedAtMs, notAfterMs, leadMs, isAuthorityAsked: isAsked }, at);
        assert.ok(times.renewAtMs <= notAfterMs, 'before the end');
        assert.ok(times.renewAtMs >= issuedAtMs + Math.floor((lifeMs * 2) / 3), 'two thirds of its life');
        assert.ok(times.reviewAtMs > issuedAtMs && times.reviewAtMs <= times.renewAtMs);
        if (!isAsked) assert.equal(times.reviewAtMs, times.renewAtMs);
      },
    ),
  );
});

void test('what is over already when it is issued is renewed after an hour, not at once', () => {
  const issuedAtMs = 10 * DAY_MS;
  const over = renewalTimes({ issuedAtMs, notAfterMs: DAY_MS, leadMs: DAY_MS, isAuthorityAsked: true }, 0.5);
  assert.equal(over.renewAtMs, issuedAtMs + HOUR_MS);
});

void test('ten thousand certificates of one moment are renewed over days, evenly', () => {
  const perHour = new Map<number, number>();
  for (let at = 0; at < 10_000; at += 1) {
    const times = { issuedAtMs: 0, notAfterMs: 198 * DAY_MS, leadMs: 45 * DAY_MS, isAuthorityAsked: false };
    const hour = Math.floor(renewalTimes(times, at / 10_000).renewAtMs / HOUR_MS);
    perHour.set(hour, (perHour.get(hour) ?? 0) + 1);
  }
  assert.ok(perHour.size >= 9 * 24 - 1, `${perHour.size} hours`);
  assert.ok(Math.max(...perHour.values()) <= 48, `${Math.max(...perHour.values())} in one hour`);
});

void test('a moment in the window that the authority suggests is kept, and another one is chosen in it', () => {
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(3_000), random, (startMs, spanMs, chosenMs, at) => {
      const window = { startMs, endMs: startMs + spanMs, askAgainAtMs: 0 };
      const moment = momentIn(window, chosenMs, at);
      assert.ok(moment >= startMs && moment <= startMs + spanMs);
      if (chosenMs >= startMs && chosenMs <= startMs + spanMs) assert.equal(moment, chosenMs);
    }),
  );
});

void test('notices come 45, 30, 15, 7, 3 and 1 days before the end, and then the end', () => {
  const notAfterMs = 100 * DAY_MS;
  const at = (days: number) => noticesUntil(notAfterMs - days * DAY_MS, notAfterMs);
  assert.deepEqual(at(50), { count: 0, nextAtMs: notAfterMs - 45 * DAY_MS });
  for (const [position, days] of NOTICE_DAYS.entries()) {
    const next = NOTICE_DAYS[position + 1] ?? 0;
    assert.deepEqual(at(days), { count: position + 1, nextAtMs: notAfterMs - next * DAY_MS }, `${days} days before`);
  }
});

void test('notices begin no sooner than the account wants them', () => {
  const notAfterMs = 100 * DAY_MS;
  const at = (days: number) => noticesUntil(notAfterMs - days * DAY_MS, notAfterMs, 10);
  assert.deepEqual(at(40), { count: 0, nextAtMs: notAfterMs - 7 * DAY_MS });
  assert.deepEqual(at(7), { count: 1, nextAtMs: notAfterMs - 3 * DAY_MS });
});

void test('waits grow to the last one, which repeats', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 99].map((attempts) => waitFor(attempts, [1, 5, 10])),
    [1, 1, 5, 10, 10, 10],
  );
});

void test('days are counted up, and never below none', () => {
  assert.deepEqual(
    [0, 1, DAY_MS, DAY_MS + 1].map((atMs) => daysUntil(0, atMs)),
    [0, 1, 1, 2],
  );
  assert.equal(daysUntil(10, 0), 0);
});
