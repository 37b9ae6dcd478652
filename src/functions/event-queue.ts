// Invocations that nobody waits for (InvocationType Event): each is run until it succeeds, as often and as long as Lambda does. They lie in
// memory: those of a gateway that ends are gone.

import type { LifecycleClock } from '../ambient/clock.ts';
import { createAlarm } from '../ambient/timers.ts';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import type { LocalOutcome } from './invocation.ts';

export interface FunctionEvent {
  readonly functionName: string;
  readonly requestId: string;
  run(): Promise<LocalOutcome>;
}

export interface EventQueue {
  /** False when there are too many of the function: it is refused then. */
  accept(event: FunctionEvent): boolean;
  close(): void;
}

/** After the first attempt that failed, and after the second (lifecycle time). */
const RETRIES_AFTER_MS = [60_000, 120_000];
/** There were too many at once: that is no attempt. */
const THROTTLED_AFTER_MS = 60_000;

interface Waiting {
  readonly event: FunctionEvent;
  readonly acceptedAtMs: number;
  readonly attempts: number;
  readonly dueAtMs: number;
}

export function createEventQueue(clock: LifecycleClock, log: Log): EventQueue {
  const waiting = new Set<Waiting>();
  /** Events of each function that are under way, or wait. */
  const counts = new Map<string, number>();
  let isClosed = false;
  const count = (name: string, by: number) => {
    const now = (counts.get(name) ?? 0) + by;
    if (now > 0) counts.set(name, now);
    else counts.delete(name);
  };

  const alarm = createAlarm(clock, () => {
    const nowMs = clock.now();
    const due = [...waiting].filter(({ dueAtMs }) => dueAtMs <= nowMs);
    for (const one of due) {
      waiting.delete(one);
      void attempt(one);
    }
    setAlarm();
  });
  const setAlarm = () => {
    if (waiting.size > 0) alarm.set(Math.min(...[...waiting].map(({ dueAtMs }) => dueAtMs)));
    else alarm.cancel();
  };

  const attempt = async ({ event, acceptedAtMs, attempts }: Omit<Waiting, 'dueAtMs'>): Promise<void> => {
    const outcome = await event.run();
    const { functionName, requestId } = event;
    const isThrottled = outcome.kind === 'throttled';
    const made = attempts + (isThrottled ? 0 : 1);
    const afterMs = isThrottled ? THROTTLED_AFTER_MS : RETRIES_AFTER_MS[made - 1];
    if (outcome.kind === 'returned' || isClosed) return count(functionName, -1);
    const dueAtMs = clock.now() + (afterMs ?? 0);
    const isTooOld = dueAtMs - acceptedAtMs > limit('functionEventAgeMsMax');
    if (afterMs === undefined || isTooOld) {
      count(functionName, -1);
      const why = isTooOld ? 'it is too old to be tried again' : 'its function failed each time';
      log.warn(`an event is given up: ${why}`, { function: functionName, requestId, attempts: made });
      return;
    }
    waiting.add({ event, acceptedAtMs, attempts: made, dueAtMs });
    setAlarm();
  };

  return {
    accept(event) {
      if (isClosed || (counts.get(event.functionName) ?? 0) >= limit('functionEventsMax')) return false;
      count(event.functionName, 1);
      void attempt({ event, acceptedAtMs: clock.now(), attempts: 0 });
      return true;
    },
    close() {
      isClosed = true;
      alarm.cancel();
      if (waiting.size > 0)
        log.warn('events that wait for another try are given up: the gateway stops', { events: waiting.size });
      waiting.clear();
    },
  };
}
