// When a certificate is renewed, tried again, and told of: pure functions of times, so that ten thousand certificates of one day are
// not renewed in one minute. Milliseconds of lifecycle time throughout.

import type { RenewalWindow } from './issuer.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** The first look at a certificate whose authority has a word about its renewal (RFC 9773 4.3). */
const FIRST_REVIEW_MS = 6 * HOUR_MS;
/** Renewals are spread over this part of the time that they have. */
const SPREAD = 0.2;
/** A certificate that comes nearly ended, because lifecycle time runs ahead of its authority, is not asked for without a pause. */
const PAUSE_MS = HOUR_MS;

/** Waits between the looks at a name whose record somebody is about to create; the last one repeats. */
export const VALIDATION_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;
/** Waits after an issuer did not issue. */
export const ISSUE_RETRY_MS = [10_000, 60_000, 300_000, 900_000, HOUR_MS] as const;
/** Waits of a renewal, which has days. */
export const RENEWAL_RETRY_MS = [60_000, 300_000, 1_800_000, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS] as const;
/** Days before the end at which somebody is told that there is no new certificate yet. */
export const NOTICE_DAYS = [45, 30, 15, 7, 3, 1] as const;

export function waitFor(attempts: number, waits: readonly number[]): number {
  return waits[Math.min(Math.max(attempts, 1), waits.length) - 1]!;
}

export interface IssuedTimes {
  readonly issuedAtMs: number;
  readonly notAfterMs: number;
  /** How long before the end renewal begins. */
  readonly leadMs: number;
  /** True when the authority is to be asked when. */
  readonly isAuthorityAsked: boolean;
}

/** `random` is in [0, 1): it spreads the renewals. */
export function renewalTimes(times: IssuedTimes, random: number): { renewAtMs: number; reviewAtMs: number } {
  const { issuedAtMs, notAfterMs, leadMs, isAuthorityAsked } = times;
  const lifeMs = Math.max(0, notAfterMs - issuedAtMs);
  const lead = Math.min(leadMs, lifeMs / 3);
  const renewAtMs = Math.max(Math.round(notAfterMs - lead * (1 - SPREAD * random)), issuedAtMs + PAUSE_MS);
  const firstReviewMs = Math.min(FIRST_REVIEW_MS, lifeMs / 4);
  return {
    renewAtMs,
    reviewAtMs: isAuthorityAsked ? Math.min(renewAtMs, Math.round(issuedAtMs + firstReviewMs)) : renewAtMs,
  };
}

/** A moment of the window that the authority suggests; the one that was chosen before, while it lies in there. */
export function momentIn({ startMs, endMs }: RenewalWindow, chosenMs: number, random: number): number {
  if (chosenMs >= startMs && chosenMs <= endMs) return chosenMs;
  return Math.round(startMs + (endMs - startMs) * random);
}

/**
 * How many of NOTICE_DAYS have come, of those within `daysMax` of the end; the next one comes at `nextAtMs`, which is the end itself
 * behind the last.
 */
export function noticesUntil(
  nowMs: number,
  notAfterMs: number,
  daysMax: number = NOTICE_DAYS[0],
): { count: number; nextAtMs: number } {
  const wanted = NOTICE_DAYS.filter((days) => days <= daysMax);
  const count = wanted.filter((days) => nowMs >= notAfterMs - days * DAY_MS).length;
  const next = wanted[count];
  return { count, nextAtMs: next === undefined ? notAfterMs : notAfterMs - next * DAY_MS };
}
