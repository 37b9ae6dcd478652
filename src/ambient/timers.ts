// One timer that follows lifecycle time: it looks again when the clock is moved, and never keeps the process alive.

import type { LifecycleClock } from './clock.ts';

/** The longest sleep of a Node timer; a longer wait is slept in parts. */
const SLEEP_MAX_MS = 2 ** 31 - 1;

export interface Alarm {
  /** Sets the time at which `ring` is called (lifecycle milliseconds), replacing the one before. */
  set(atMs: number): void;
  cancel(): void;
}

/** Calls `ring` once each time the set moment has come. */
export function createAlarm(clock: LifecycleClock, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let dueAtMs: number | undefined;
  const look = () => {
    clearTimeout(timer);
    if (dueAtMs === undefined) return;
    const waitMs = dueAtMs - clock.now();
    if (waitMs <= 0) {
      dueAtMs = undefined;
      ring();
    } else timer = setTimeout(look, Math.min(waitMs, SLEEP_MAX_MS)).unref();
  };
  clock.onAdvance(look);
  return {
    set(atMs) {
      dueAtMs = atMs;
      look();
    },
    cancel() {
      dueAtMs = undefined;
      clearTimeout(timer);
    },
  };
}
