// What is left of an authority's limits as lines for people: one for each limit, and behind it one for each of the names that used it
// most.

import type { LimitLeft } from './acme-budget.ts';

export interface BudgetLine {
  readonly limit: string;
  readonly allowed: number;
  readonly windowMs: number;
  readonly used: number;
  readonly left: number;
  readonly nextAtMs?: number;
  /** What it is counted for; absent for what counts for the whole account at the authority. */
  readonly about?: string;
}

export function budgetLines(left: readonly LimitLeft[]): BudgetLine[] {
  return left.flatMap(({ limit, countMax, windowMs, used, left: rest, nextBackAtMs, fullest }) => {
    const line = (lineUsed: number, lineLeft: number, nextAtMs: number | undefined, about?: string): BudgetLine => ({
      limit,
      allowed: countMax,
      windowMs,
      used: lineUsed,
      left: lineLeft,
      ...(nextAtMs !== undefined && { nextAtMs }),
      ...(about !== undefined && { about }),
    });
    if (limit === 'orders' || fullest.length === 0) return [line(used, rest, nextBackAtMs)];
    return fullest.map((one) => line(one.used, Math.max(0, countMax - one.used), one.nextBackAtMs, one.name));
  });
}
