// What each source (an address, or an account) takes up of one thing at a time: how much it has open, and how fast it comes. Memory is
// bounded: a source that has something open is remembered as long as it has, and of the others the ones that came last.

import type { Clock } from './clock.ts';
import { TokenBucket, type Rate } from './token-bucket.ts';

export interface SourceBounds {
  readonly openMax: number;
  readonly rate: Rate;
  /** Sources without anything open that are remembered. */
  readonly countedMax: number;
  /** How often one source is told of at most. */
  readonly reportIntervalMs: number;
}

interface Source {
  open: number;
  readonly bucket: TokenBucket;
  refused: number;
  toldAtMs: number;
}

export class Sources {
  readonly #bounds: SourceBounds;
  readonly #clock: Clock;
  readonly #busy = new Map<string, Source>();
  /** The one that came longest ago is first. */
  readonly #idle = new Map<string, Source>();

  constructor(bounds: SourceBounds, clock: Clock) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  /** How many sources are remembered. */
  get size(): number {
    return this.#busy.size + this.#idle.size;
  }

  /** How much a source has open. */
  openOf(name: string): number {
    return this.#busy.get(name)?.open ?? 0;
  }

  /** Counts one more that is open; false, and nothing is counted, where there are as many as there may be. */
  enter(name: string): boolean {
    const source = this.#find(name);
    if (source.open >= this.#bounds.openMax) return false;
    source.open += 1;
    this.#idle.delete(name);
    this.#busy.set(name, source);
    return true;
  }

  /** One that was entered is open no more. */
  leave(name: string): void {
    const source = this.#busy.get(name);
    if (!source) return;
    source.open -= 1;
    if (source.open > 0) return;
    this.#busy.delete(name);
    this.#remember(name, source);
  }

  /** Takes from the rate of a source; false where nothing is left. */
  take(name: string): boolean {
    const { bucket } = this.#find(name);
    if (!bucket.hasToken()) return false;
    bucket.take();
    return true;
  }

  /** Notes that a source was refused. How often it was since the last time that this was told; undefined when that was just now. */
  refuse(name: string): number | undefined {
    const source = this.#find(name);
    source.refused += 1;
    const nowMs = this.#clock.now();
    // A clock that went back would else be silent for as long as it went.
    if (Math.abs(nowMs - source.toldAtMs) < this.#bounds.reportIntervalMs) return undefined;
    const { refused } = source;
    source.refused = 0;
    source.toldAtMs = nowMs;
    return refused;
  }

  #find(name: string): Source {
    const busy = this.#busy.get(name);
    if (busy) return busy;
    const idle = this.#idle.get(name);
    if (idle) {
      this.#idle.delete(name);
      this.#idle.set(name, idle);
      return idle;
    }
    const bucket = new TokenBucket(this.#bounds.rate, this.#clock);
    return this.#remember(name, { open: 0, bucket, refused: 0, toldAtMs: Number.NEGATIVE_INFINITY });
  }

  #remember(name: string, source: Source): Source {
    if (this.#idle.size >= this.#bounds.countedMax) this.#idle.delete(this.#idle.keys().next().value!);
    this.#idle.set(name, source);
    return source;
  }
}
