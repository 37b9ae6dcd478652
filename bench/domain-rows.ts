// What the bench of many domain names has measured, as rows with their budgets. The budgets are of the most names; what is measured
// at fewer is shown for what it is.

import type { Changed, Effects } from './change-to-effect.ts';
import { atLeast, compared, median, type Compared, type Row } from './claim.ts';

const START_MS_MAX = 5_000;
const RESIDENT_MB_MAX = 600;
const UNUSED_NAME_KIB_MAX = 1.5;
/** The share of one processor that a server with nothing to do may take, whatever it has to serve. */
const IDLE_PERCENT_MAX = 1;
const HANDSHAKES_RATIO_MIN = 0.6;
const WARMED_NAMES_MAX = 10_000;
const EFFECT_MS_MAX = 50;
const MB = 1_000_000;

/** One start and the rest after it. */
export interface Start {
  readonly readyMs: number;
  /** To the answer of the first handshake. */
  readonly firstMs: number;
  readonly readyBytes: number;
  /** Processor seconds per second with nothing to do. */
  readonly idleCpu: number;
}

export interface Use {
  readonly perCpuSecond: Compared | undefined;
  readonly handshakes: number;
  /** Resident after them. */
  readonly bytes: number;
}

export interface Measured {
  /** By the number of names. */
  readonly starts: ReadonlyMap<number, readonly Start[]>;
  readonly uses: ReadonlyMap<number, Use>;
  readonly changed: Changed;
}

/** True when the budget of handshakes is of this many names, each used once before: then most find their certificate ready. */
export function isWarmed(names: number): boolean {
  return names <= WARMED_NAMES_MAX;
}

/** `sizes` from the fewest names to the most; all others are set beside the fewest. */
export function domainRows(sizes: readonly number[], { starts, uses, changed }: Measured): Row[] {
  const [fewest, ...more] = sizes as [number, ...number[]];
  return [
    ...more.flatMap((names) => {
      const compareStarts = startComparer(starts.get(names)!, starts.get(fewest)!);
      const ofSize = { names, fewest, isMost: names === more.at(-1) };
      return [...startRows(ofSize, compareStarts), ...useRows(ofSize, uses.get(names)!, uses.get(fewest)!)];
    }),
    ...changeRows(more.at(-1)!, changed),
  ];
}

interface Size {
  readonly names: number;
  readonly fewest: number;
  readonly isMost: boolean;
}

type CompareStarts = (figureOf: (start: Start) => number) => Compared;

function startComparer(many: readonly Start[], few: readonly Start[]): CompareStarts {
  return (figureOf) =>
    compared(many.map((start, round) => ({ gateway: figureOf(start), base: figureOf(few[round]!) })));
}

function startRows({ names, fewest, isMost }: Size, compareStarts: CompareStarts): Row[] {
  const to = `, ${text(names)} names`;
  const seconds = { digits: 2, unit: 's', ...(isMost ? { max: START_MS_MAX / 1_000 } : {}) };
  const resident = { digits: 0, unit: 'MB', ...(isMost ? { max: RESIDENT_MB_MAX } : {}) };
  const bytes = compareStarts(({ readyBytes }) => readyBytes);
  const idle = compareStarts(({ idleCpu }) => 100 * idleCpu);
  const unusedKib = (bytes.gateway - bytes.base) / (names - fewest) / 1_024;
  const perName = { digits: 2, unit: 'KiB', ...(isMost ? { max: UNUSED_NAME_KIB_MAX } : {}) };
  return [
    atMost(
      `start to ready${to}`,
      compareStarts(({ readyMs }) => readyMs / 1_000),
      seconds,
    ),
    atMost(
      `start to first handshake${to}`,
      compareStarts(({ firstMs }) => firstMs / 1_000),
      seconds,
    ),
    atMost(`memory when ready${to}`, scaled(bytes, MB), resident),
    { ...atMost(`memory of an unused name${to}`, { gateway: unusedKib, base: 0, ratios: [] }, perName), base: '' },
    atMost(`processor when idle${to}`, { ...idle, ratios: [] }, { digits: 2, unit: '%', max: IDLE_PERCENT_MAX }),
  ];
}

function useRows({ names, isMost }: Size, many: Use, few: Use): Row[] {
  const figures = { gateway: many.bytes / MB, base: few.bytes / MB, ratios: [many.bytes / few.bytes] };
  const what = `memory after ${text(many.handshakes)} handshakes, ${text(names)} names`;
  const resident = atMost(what, figures, { digits: 0, unit: 'MB', ...(isMost ? { max: RESIDENT_MB_MAX } : {}) });
  if (many.perCpuSecond === undefined) return [resident];
  const row = atLeast(HANDSHAKES_RATIO_MIN, `handshakes per CPU-second, ${text(names)} names`, many.perCpuSecond);
  if (isWarmed(names)) return [resident, row];
  const { what: shown, gateway, base, ratios } = row;
  return [resident, { what: shown, gateway, base, ratios }];
}

function changeRows(names: number, { few, many }: Changed): Row[] {
  const rowsOf = (what: string, msOf: (effects: Effects) => readonly number[]) =>
    ([0.5, 0.99] as const).map((share) => {
      const figures = { gateway: percentile(msOf(many), share), base: percentile(msOf(few), share) };
      const budget = share === 0.99 ? { max: EFFECT_MS_MAX } : {};
      const of = `${what} to effect, p${100 * share}, ${text(names)} names`;
      return atMost(of, { ...figures, ratios: [figures.gateway / figures.base] }, { digits: 1, unit: 'ms', ...budget });
    });
  const closed = { gateway: many.opened - many.open, base: few.opened - few.open, ratios: [] };
  return [
    ...rowsOf('UpdateApiMapping', ({ mappingMs }) => mappingMs),
    ...rowsOf('UpdateDomainName', ({ certificateMs }) => certificateMs),
    atMost(`of ${many.opened} open sockets closed meanwhile`, closed, { digits: 0, unit: 'sockets', max: 0 }),
  ];
}

interface Bound {
  readonly digits: number;
  readonly unit: string;
  /** Left out where a figure is shown for what it is. */
  readonly max?: number;
}

/** A row whose budget is of the gateway's own figure; the base shows what it is with the fewest names. */
function atMost(what: string, { gateway, base, ratios }: Compared, { digits, unit, max }: Bound): Row {
  const shown = (value: number) => `${value.toFixed(digits)} ${unit}`;
  const row = { what, gateway: shown(gateway), base: shown(base), ratios };
  return max === undefined ? row : { ...row, budget: `≤ ${max} ${unit}`, isMet: gateway <= max };
}

function scaled({ gateway, base, ratios }: Compared, by: number): Compared {
  return { gateway: gateway / by, base: base / by, ratios };
}

function percentile(values: readonly number[], share: number): number {
  if (share === 0.5) return median(values);
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1]!;
}

function text(count: number): string {
  return count.toLocaleString('en');
}
