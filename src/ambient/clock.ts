// Time as a parameter. Real time never moves: signatures, TLS and log stamps use it. Lifecycle time may be moved forward by an
// operator (`--clock movable`): renewal, validation time-outs, idle and lifetime of sockets follow it.

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Milliseconds that only grow, to tell how long something took. */
export const monotonicMs = (): number => performance.now();

export const realClock: Clock = { now: () => Date.now() };

/** Real time plus an offset that only grows. Whoever holds timers subscribes, and looks again when it moved. */
export class LifecycleClock implements Clock {
  readonly #real: Clock;
  #offsetMs = 0;
  readonly #listeners = new Set<() => void>();

  constructor(real: Clock = realClock) {
    this.#real = real;
  }

  now(): number {
    return this.#real.now() + this.#offsetMs;
  }

  /** Moves lifecycle time forward. Throws on a negative or non-finite step: it never goes back. */
  advance(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`lifecycle time moves forward only, not by ${ms} ms`);
    this.#offsetMs += ms;
    for (const listener of this.#listeners) listener();
  }

  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
