// A limit of an authority in words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetWords, type BudgetLine } from './certificates-command.ts';

const HOUR_MS = 3_600_000;

const LINES: readonly (readonly [name: string, line: BudgetLine, want: string])[] = [
  [
    'a limit that nothing is used of, by the hour',
    { limit: 'orders', allowed: 300, windowMs: 3 * HOUR_MS, used: 0, left: 300 },
    'orders: 300 left of 300 in 3 hours (0 used)',
  ],
  [
    'a limit of one domain that is used up, by the day',
    {
      limit: 'certificates',
      allowed: 50,
      windowMs: 7 * 24 * HOUR_MS,
      used: 50,
      left: 0,
      nextAtMs: Date.parse('2026-12-01T10:00:00Z'),
      about: 'example.com',
    },
    'certificates of example.com: 0 left of 50 in 7 days (50 used, one more at 2026-12-01T10:00:00.000Z)',
  ],
];
for (const [name, line, want] of LINES) test(name, () => assert.equal(budgetWords(line), want));
