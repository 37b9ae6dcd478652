// What API keys have used of their plans' quotas: counted in memory, so that no handshake waits for a disk, and kept beside the plan's keys
// in groups. A process that is killed forgets the connections of its last `usageKeptAfterMs` at most; one that is stopped forgets none.

import type { Clock } from '../../ambient/clock.ts';
import { dateText, dayOf, nextDay, periodStart, type Quota } from '../../model/usage-plan.ts';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import type { PlanKeyEntry } from '../../snapshot/api-key-table.ts';

/**
 * Keeps what keys of plans have used, by the plan key's id, in one write; for one that is gone nothing is kept. What is read is what was kept.
 * @port usage-records
 */
export interface UsageRecords {
  keep(usages: ReadonlyMap<string, unknown>): Promise<void>;
  /** Everything that is kept, once. */
  kept(): AsyncIterable<readonly [id: string, usage: unknown]>;
}

export interface Usage {
  periodStartMs: number;
  used: number;
  /** What may be used in this period, where it was extended for this one alone. */
  allowed?: number | undefined;
  /** By date: used on that day, and left at its end. The last `usageDaysMax` of them. */
  days: Record<string, readonly [used: number, left: number]>;
}

export interface UsageCounts {
  /** How many are left in the period. */
  left(planKey: PlanKeyEntry, quota: Quota): number;
  /** Counts one. */
  take(planKey: PlanKeyEntry, quota: Quota): void;
  /** Leaves so many for the rest of the period. Resolves when that is kept. */
  leave(planKey: PlanKeyEntry, quota: Quota, left: number): Promise<void>;
  /** Used and left on each of the days from one to the other (midnights, UTC), none after today. */
  days(planKey: PlanKeyEntry, quota: Quota, fromMs: number, toMs: number): (readonly [number, number])[];
  /** Keeps what is not kept yet. */
  stop(): Promise<void>;
}

export async function openUsageCounts(
  records: UsageRecords,
  planKeyOf: (id: string) => PlanKeyEntry | undefined,
  clock: Clock,
  log: Log,
): Promise<UsageCounts> {
  const counts = new KeptUsageCounts(records, clock, log);
  for await (const [id, usage] of records.kept()) {
    const planKey = planKeyOf(id);
    if (planKey && isUsage(usage)) counts.set(planKey, usage);
  }
  return counts;
}

class KeptUsageCounts implements UsageCounts {
  readonly #records: UsageRecords;
  readonly #clock: Clock;
  readonly #log: Log;
  /** They go with the key that is taken out of its plan: one that is put in again begins anew. */
  readonly #usage = new WeakMap<PlanKeyEntry, Usage>();
  #changed = new Set<PlanKeyEntry>();
  #timer: NodeJS.Timeout | undefined;
  #keeping: Promise<void> = Promise.resolve();

  constructor(records: UsageRecords, clock: Clock, log: Log) {
    this.#records = records;
    this.#clock = clock;
    this.#log = log;
  }

  set(planKey: PlanKeyEntry, usage: Usage): void {
    this.#usage.set(planKey, usage);
  }

  left(planKey: PlanKeyEntry, quota: Quota): number {
    const { used, allowed } = this.#usageOf(planKey, quota);
    return Math.max((allowed ?? quota.limit) - used, 0);
  }

  take(planKey: PlanKeyEntry, quota: Quota): void {
    const usage = this.#usageOf(planKey, quota);
    usage.used += 1;
    this.#note(planKey, quota, usage, 1);
  }

  async leave(planKey: PlanKeyEntry, quota: Quota, left: number): Promise<void> {
    const usage = this.#usageOf(planKey, quota);
    usage.allowed = usage.used + left;
    this.#note(planKey, quota, usage, 0);
    this.#changed.delete(planKey);
    await this.#records.keep(new Map([[planKey.id, usage]]));
  }

  days(planKey: PlanKeyEntry, quota: Quota, fromMs: number, toMs: number): (readonly [number, number])[] {
    const { days } = this.#usageOf(planKey, quota);
    const lastMs = Math.min(toMs, dayOf(this.#clock.now()));
    const rows: (readonly [number, number])[] = [];
    let before: { readonly startMs: number; readonly left: number } | undefined;
    for (let dayMs = fromMs; dayMs <= lastMs; dayMs = nextDay(dayMs)) {
      const startMs = periodStart(quota, dayMs);
      const idle = [0, before?.startMs === startMs ? before.left : quota.limit] as const;
      const row = days[dateText(dayMs)] ?? idle;
      rows.push(row);
      before = { startMs, left: row[1] };
    }
    return rows;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#keeping;
    await this.#keep();
    clearTimeout(this.#timer);
  }

  #usageOf(planKey: PlanKeyEntry, quota: Quota): Usage {
    const periodStartMs = periodStart(quota, this.#clock.now());
    let usage = this.#usage.get(planKey);
    if (!usage) this.#usage.set(planKey, (usage = { periodStartMs, used: 0, days: {} }));
    if (usage.periodStartMs !== periodStartMs) {
      usage.periodStartMs = periodStartMs;
      usage.used = 0;
      usage.allowed = undefined;
    }
    return usage;
  }

  #note(planKey: PlanKeyEntry, quota: Quota, usage: Usage, more: number): void {
    const date = dateText(dayOf(this.#clock.now()));
    usage.days[date] = [(usage.days[date]?.[0] ?? 0) + more, Math.max((usage.allowed ?? quota.limit) - usage.used, 0)];
    const dates = Object.keys(usage.days);
    if (dates.length > limit('usageDaysMax')) delete usage.days[dates.sort()[0]!];
    this.#changed.add(planKey);
    this.#arm();
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#keeping = this.#keep();
    }, limit('usageKeptAfterMs')).unref();
  }

  async #keep(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Set();
    if (changed.size === 0) return;
    try {
      await this.#records.keep(new Map([...changed].map((planKey) => [planKey.id, this.#usage.get(planKey)])));
    } catch (error) {
      this.#log.warn('what API keys have used is not kept yet', {
        planKeys: changed.size,
        error: (error as Error).message,
      });
      for (const planKey of changed) this.#changed.add(planKey);
      this.#arm();
    }
  }
}

function isUsage(value: unknown): value is Usage {
  const usage = value as Partial<Usage> | null | undefined;
  return typeof usage?.periodStartMs === 'number' && typeof usage.used === 'number' && typeof usage.days === 'object';
}
