// How long something took, as a histogram of plain numbers: what is cheap to add to, and is made into a metric when somebody looks.

/** Upper ends of the buckets; the last one has none. The longest is the longest time-out of an integration. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 29_000,
];

export class Latency {
  /** How many were in each bucket alone; one more than there are bounds. */
  readonly counts: number[] = Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0);
  sumMs = 0;

  add(ms: number): void {
    let bucket = 0;
    while (bucket < LATENCY_BOUNDS_MS.length && ms > LATENCY_BOUNDS_MS[bucket]!) bucket += 1;
    this.counts[bucket]! += 1;
    this.sumMs += ms;
  }
}
