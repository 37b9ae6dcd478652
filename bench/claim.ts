// What a claim is, and how a ratio is measured: the gateway and a bare base take turns, round after round, under the same load,
// and the median of the rounds' ratios counts. So a busy machine slows both.

import { cpuSeconds, TICK_SECONDS } from './processes.ts';

export interface Settings {
  readonly rounds: number;
  /** How long one side is under load in one round. */
  readonly loadMs: number;
  /** Open sockets under load. */
  readonly connections: number;
  /** Few and very many open sockets, where the two are compared. */
  readonly manyConnections: readonly [few: number, many: number];
  /** How many sockets are added when memory is measured. */
  readonly idleConnections: number;
  /** How long a process is left alone before its memory is read. */
  readonly settleMs: number;
  /** How many custom domain names there are, size by size; the first is what the others are compared with. */
  readonly domainNames: readonly number[];
  /** Of each kind, when changes are measured; and sockets that are open meanwhile. */
  readonly changes: number;
  /** The least number of full handshakes before memory is read again. */
  readonly handshakesMin: number;
  /** For the gateway's process, for example NODE_OPTIONS. */
  readonly gatewayEnv: NodeJS.ProcessEnv;
}

export interface Row {
  readonly what: string;
  readonly gateway: string;
  readonly base: string;
  /** Gateway to base, of each round; none where there is no base. */
  readonly ratios: readonly number[];
  /** Left out where a figure is shown for what it is. */
  readonly budget?: string;
  readonly isMet?: boolean;
}

export interface Claim {
  /** One line of what is compared with what. */
  readonly title: string;
  measure(settings: Settings): Promise<readonly Row[]>;
}

/** One side of a comparison: a server, and a load that can be put on it for a while. */
export interface Side {
  readonly pid: number;
  /** What must be done before the time that counts. */
  prepare(): Promise<void>;
  /** Puts load on the server; resolves to how much it did, when nothing is under way any more. */
  load(ms: number): Promise<number>;
}

export interface Compared {
  readonly gateway: number;
  readonly base: number;
  readonly ratios: readonly number[];
}

/** A machine's other tenants come and go in seconds: the sides take turns that are shorter. */
const TURN_MS = 250;

/**
 * How much each side does per second of its processor time. A first round warms both up and is thrown away. Within a round they take
 * turns, each the first in every other: what a side leaves behind, as files that the system has yet to write, would else always be
 * the other's.
 */
export async function comparePerCpuSecond(gateway: Side, base: Side, { rounds, loadMs }: Settings): Promise<Compared> {
  const turns = Math.max(1, Math.round(loadMs / TURN_MS));
  const figures: { gateway: number; base: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [ofGateway, ofBase] = [new Tally(gateway), new Tally(base)];
    for (let turn = 0; turn < turns; turn += 1) {
      for (const side of turn % 2 === 0 ? [ofGateway, ofBase] : [ofBase, ofGateway])
        await side.takeTurn(loadMs / turns);
    }
    figures.push({ gateway: ofGateway.perCpuSecond(), base: ofBase.perCpuSecond() });
  }
  return compared(figures.slice(1));
}

/** What one side did in a round. */
class Tally {
  readonly #side: Side;
  #done = 0;
  #seconds = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  async takeTurn(ms: number): Promise<void> {
    await this.#side.prepare();
    const before = cpuSeconds(this.#side.pid);
    this.#done += await this.#side.load(ms);
    this.#seconds += cpuSeconds(this.#side.pid) - before;
  }

  perCpuSecond(): number {
    return this.#done / Math.max(this.#seconds, TICK_SECONDS);
  }
}

export function compared(figures: readonly { gateway: number; base: number }[]): Compared {
  return {
    gateway: median(figures.map((figure) => figure.gateway)),
    base: median(figures.map((figure) => figure.base)),
    ratios: figures.map((figure) => figure.gateway / figure.base),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A row of a claim that is a ratio of work per CPU-second, with its least allowed value. */
export function atLeast(budget: number, what: string, { gateway, base, ratios }: Compared): Row {
  const text = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;
  return {
    what,
    gateway: text(gateway),
    base: text(base),
    ratios,
    budget: `≥ ${budget.toFixed(2)}`,
    isMet: median(ratios) >= budget,
  };
}
