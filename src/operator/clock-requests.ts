// Lifecycle time, read and moved forward: for tests and rehearsals. Real time is nobody's to move.

import type { LifecycleClock } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import { parseDurationMs, SettingsProblem } from '../settings/read-settings.ts';
import {
  jsonAnswer,
  refused,
  requireOperator,
  requireSigned,
  textMember,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

export interface ClockWorld extends SigningWorld {
  readonly clock: LifecycleClock;
  readonly isClockMovable: boolean;
}

export function showClock(request: OperatorRequest, world: ClockWorld): OperatorAnswer {
  requireSigned(request, world);
  return jsonAnswer(200, times(world));
}

/** `{"advance": "45d"}`: lifecycle time goes forward, for every account. */
export function moveClock(request: OperatorRequest, world: ClockWorld): OperatorAnswer {
  requireOperator(request, world);
  if (!world.isClockMovable) throw refused('The clock is real. Start with --clock movable to move it.');
  const text = textMember(request, 'advance', '45d');
  let advanceMs: number;
  try {
    advanceMs = parseDurationMs('clock', text);
  } catch (error) {
    if (!(error instanceof SettingsProblem)) throw error;
    throw refused(
      `The body must be like {"advance":"45d"}: '${text.slice(0, 64)}' is no duration; units are ms, s, m, h and d.`,
    );
  }
  const max = limit('clockAdvanceMsMax');
  // Dates end, and a clock beyond their end tells no time any more.
  if (advanceMs > max) throw refused(`${text.slice(0, 64)} is more than ${max / 86_400_000} days, the most at a time.`);
  world.clock.advance(advanceMs);
  return jsonAnswer(200, times(world));
}

function times({ clock, realClock, isClockMovable }: ClockWorld) {
  const [realMs, lifecycleMs] = [realClock.now(), clock.now()];
  return {
    now: new Date(lifecycleMs).toISOString(),
    real: new Date(realMs).toISOString(),
    aheadMs: lifecycleMs - realMs,
    isMovable: isClockMovable,
  };
}
