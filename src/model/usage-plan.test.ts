// Where periods of a quota begin, row by row: also across the ends of months and of years.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { periodStart, type Quota } from './usage-plan.ts';

const ROWS: readonly (readonly [period: Quota['period'], offset: number, at: string, start: string])[] = [
  ['DAY', 0, '2026-11-26T00:00:00.000Z', '2026-11-26'],
  ['DAY', 0, '2026-11-26T23:59:59.999Z', '2026-11-26'],
  // 2026-11-22 is a Sunday.
  ['WEEK', 0, '2026-11-22T00:00:00.000Z', '2026-11-22'],
  ['WEEK', 0, '2026-11-28T23:59:59.999Z', '2026-11-22'],
  ['WEEK', 1, '2026-11-22T12:00:00.000Z', '2026-11-16'],
  ['WEEK', 1, '2026-11-23T00:00:00.000Z', '2026-11-23'],
  ['WEEK', 6, '2026-11-27T23:59:59.999Z', '2026-11-21'],
  ['WEEK', 6, '2026-11-28T00:00:00.000Z', '2026-11-28'],
  ['MONTH', 0, '2026-12-01T00:00:00.000Z', '2026-12-01'],
  ['MONTH', 0, '2026-11-30T23:59:59.999Z', '2026-11-01'],
  ['MONTH', 27, '2026-02-27T12:00:00.000Z', '2026-01-28'],
  ['MONTH', 27, '2026-02-28T00:00:00.000Z', '2026-02-28'],
  ['MONTH', 27, '2027-01-01T00:00:00.000Z', '2026-12-28'],
  ['MONTH', 14, '2028-03-01T00:00:00.000Z', '2028-02-15'],
];

for (const [period, offset, at, start] of ROWS) {
  void test(`${at} lies in the ${period} with offset ${offset} that began ${start}`, () => {
    assert.equal(new Date(periodStart({ period, offset }, Date.parse(at))).toISOString(), `${start}T00:00:00.000Z`);
  });
}
