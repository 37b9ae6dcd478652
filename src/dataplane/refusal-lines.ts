// How many lines of the log the refusals of one API, or of one address, may take. Whoever is refused ten thousand times a second would
// else fill the disk, and keep everybody waiting for it.

import type { Clock } from '../ambient/clock.ts';
import { Sources } from '../ambient/sources.ts';
import { limit } from '../settings/limits.ts';

export function createRefusalLines(clock: Clock): Sources {
  const perSecond = limit('refusalLinesPerSecondMax');
  return new Sources(
    {
      openMax: 0,
      rate: { perSecond, burst: limit('refusalLinesBurstMax') },
      countedMax: limit('addressesCountedMax'),
      reportIntervalMs: limit('addressReportIntervalMs'),
    },
    clock,
  );
}
