// When an authority wants to be asked again (RFC 9110 10.2.3): seconds or a date, held to a bound. Real time.

import type { Clock } from '../../ambient/clock.ts';
import { limit } from '../../settings/limits.ts';

/** The moment, never before now; undefined when nothing or nonsense was said. */
export function parseRetryAfter(text: string | undefined, realClock: Clock): number | undefined {
  if (text === undefined) return undefined;
  const now = realClock.now();
  const atMs = /^\d+$/.test(text.trim()) ? now + Number(text.trim()) * 1_000 : Date.parse(text);
  if (Number.isNaN(atMs)) return undefined;
  return Math.min(Math.max(atMs, now), now + limit('acmeRetryAfterMsMax'));
}
