// Which happenings logs tell of at all: AWS writes no line for what is too large, nor for each refusal of a client that goes on although
// it is told to stop.

import type { Clock } from '../../ambient/clock.ts';
import { TokenBucket } from '../../ambient/token-bucket.ts';
import { limit } from '../../settings/limits.ts';
import type { StageLogs } from '../../snapshot/stage-logs.ts';
import type { Happening } from '../happening.ts';

const THROTTLED = 429;

/** True for what is to be told. Asked once for each happening of a stage that logs. */
export type LogLeave = (happening: Happening, logs: StageLogs) => boolean;

export function createLogLeave(realClock: Clock): LogLeave {
  const buckets = new WeakMap<StageLogs, TokenBucket>();
  return ({ status, refusal }, logs) => {
    if (refusal?.code === 'PayloadTooLarge') return false;
    if (status !== THROTTLED || !refusal) return true;
    let bucket = buckets.get(logs);
    if (!bucket) {
      const perSecond = limit('throttledLogLinesPerSecondMax');
      buckets.set(logs, (bucket = new TokenBucket({ perSecond, burst: perSecond }, realClock)));
    }
    if (!bucket.hasToken()) return false;
    bucket.take();
    return true;
  };
}
