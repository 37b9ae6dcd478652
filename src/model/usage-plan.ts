// The nouns of API keys, in AWS's words: ApiKey, UsagePlan, UsagePlanKey, which is an ApiKey in a UsagePlan; and the periods in which a
// plan's quota is counted. A key's value is a secret: it lies sealed, and is found by a fingerprint that tells nothing of it.

import type { Entity } from './entity.ts';

export interface ApiKey extends Entity {
  readonly apiKeyId: string;
  /** What the value is found by: a keyed hash of account, region and value. */
  readonly fingerprint: string;
  /** The value, sealed for this key; base64. */
  readonly sealedValue: string;
  readonly name?: string;
  readonly description?: string;
  readonly customerId?: string;
  readonly enabled: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly lastUpdatedAtMs: number;
}

/** Connections a second, and at once; what is not set is bounded by the account alone. */
export interface PlanThrottle {
  readonly rateLimit?: number;
  readonly burstLimit?: number;
}

export interface PlanStage {
  readonly apiId: string;
  readonly stage: string;
  /** By route key: the route's own rate in place of the plan's. */
  readonly throttle?: Readonly<Record<string, PlanThrottle>>;
}

export const QUOTA_PERIODS = ['DAY', 'WEEK', 'MONTH'] as const;

export interface Quota {
  readonly limit: number;
  /** Days by which a week or a month begins later. */
  readonly offset: number;
  readonly period: (typeof QUOTA_PERIODS)[number];
}

export interface UsagePlan extends Entity {
  readonly usagePlanId: string;
  readonly name: string;
  readonly description?: string;
  readonly productCode?: string;
  readonly stages: readonly PlanStage[];
  readonly throttle?: PlanThrottle;
  readonly quota?: Quota;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Its id is `{usagePlanId}/{apiKeyId}`. */
export interface UsagePlanKey extends Entity {
  readonly usagePlanId: string;
  readonly apiKeyId: string;
}

/** Days by which a period may begin later, at most. */
export const QUOTA_OFFSETS_MAX: Readonly<Record<Quota['period'], number>> = { DAY: 0, WEEK: 6, MONTH: 27 };

const DAY_MS = 86_400_000;

/** When the period began that a moment lies in: midnight UTC of a day, of a Sunday, of the first of a month, and `offset` days later. */
export function periodStart({ period, offset }: Pick<Quota, 'period' | 'offset'>, atMs: number): number {
  const dayMs = dayOf(atMs);
  if (period === 'DAY') return dayMs;
  // The day whose own week or month is the one that counts.
  const shifted = new Date(dayMs - offset * DAY_MS);
  const into = period === 'WEEK' ? shifted.getUTCDay() : shifted.getUTCDate() - 1;
  return dayMs - into * DAY_MS;
}

/** Midnight UTC before a moment. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

export function nextDay(dayMs: number): number {
  return dayMs + DAY_MS;
}

/** `2026-11-26`. */
export function dateText(dayMs: number): string {
  return new Date(dayMs).toISOString().slice(0, 10);
}
