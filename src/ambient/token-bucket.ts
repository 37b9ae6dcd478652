// A token bucket: so many a second, and so many at once. It is filled when it is looked at, so that it needs no timer.

import type { Clock } from './clock.ts';

/** So many a second, and so many at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  readonly rate: Rate;
  readonly #clock: Clock;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate, clock: Clock) {
    this.rate = rate;
    this.#clock = clock;
    this.#tokens = rate.burst;
    this.#filledAtMs = clock.now();
  }

  /** True when there is one to take. */
  hasToken(): boolean {
    const nowMs = this.#clock.now();
    // A clock that went back has earned nothing.
    const earned = (Math.max(nowMs - this.#filledAtMs, 0) / 1_000) * this.rate.perSecond;
    this.#tokens = Math.min(this.rate.burst, this.#tokens + earned);
    this.#filledAtMs = nowMs;
    return this.#tokens >= 1;
  }

  /** Takes one that there is. */
  take(): void {
    this.#tokens -= 1;
  }
}
