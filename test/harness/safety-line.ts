// The line that a case of hostile traffic, or of a fault, leaves on stdout for scripts/safety.ts to collect.

export type SafetyCounts = Readonly<Record<string, number | string>>;

/** `safety: WHAT key=value …` */
export function tellSafety(what: string, counts: SafetyCounts): void {
  const words = Object.entries(counts).map(([key, value]) => `${key}=${value}`);
  process.stdout.write(`safety: ${what} ${words.join(' ')}\n`);
}
