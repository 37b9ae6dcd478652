// The words for an order that waits: which limit of the authority stands in the way, how wide it is, and until when.

import type { AcmeLimit } from '../../settings/settings.ts';

interface Wait {
  readonly limit: AcmeLimit;
  /** What the limit counts by: a registered domain, a name, a set of names. */
  readonly key: string;
  readonly count: number;
  readonly windowMs: number;
  readonly names: readonly string[];
  readonly atMs: number;
}

const COUNTED: Readonly<Record<AcmeLimit, (key: string) => string>> = {
  orders: () => 'orders',
  certificates: (domain) => `certificates for ${domain}`,
  duplicates: () => 'certificates for exactly these names',
  failures: (name) => `failed validations of ${name}`,
};

export function waits({ limit, key, count, windowMs, names, atMs }: Wait): string {
  const [first, ...more] = names;
  const subject = more.length === 0 ? first : `${first} with ${more.length} more`;
  const allowed = `the authority allows ${count} ${COUNTED[limit](key)} in ${duration(windowMs)}`;
  return `${subject} waits: ${allowed}; the next fits at ${new Date(atMs).toISOString()}`;
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const;

/** `7 days`, in the largest unit that says it exactly. */
export function duration(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= size && ms % size === 0) ?? UNITS.at(-1)!;
  const count = ms / unitMs;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
