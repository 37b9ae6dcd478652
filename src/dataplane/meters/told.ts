// Which of many are shown by themselves, and what the others come to together. A reading goes on from the one before: what was told of one
// that is shown no more stays told, and what comes after is among the others, so that no counter goes back, and nothing is told twice.

/** Something that is counted, by numbers that only grow. */
export interface Counted {
  /** What it has counted so far; always as many numbers. */
  numbers(): number[];
  /** How far that was when it was told last; and its own series, while it is shown. For this file alone. */
  told?: Told;
}

export interface Told {
  last: number[];
  shown: number[] | undefined;
  /** How busy it was of late. */
  score: number;
}

export interface Shown<T> {
  readonly shown: readonly (readonly [one: T, numbers: readonly number[]])[];
  /** Undefined while none was ever left out. */
  readonly others: readonly number[] | undefined;
  /** Those that are left out now. */
  readonly leftOut: readonly T[];
}

/** How much of its past counts when it is looked anew who is the busiest. */
const PAST_WEIGHT = 0.5;

/** For one kind of things, for as long as the process runs. `busyOf`: the number that says who is the busiest. */
export class Busiest<T extends Counted> {
  readonly #shownMax: number;
  readonly #rankIntervalMs: number;
  readonly #busyOf: (numbers: readonly number[]) => number;
  #others: number[] | undefined;
  #rankedAtMs = Number.NEGATIVE_INFINITY;

  constructor(shownMax: number, rankIntervalMs: number, busyOf: (numbers: readonly number[]) => number) {
    this.#shownMax = shownMax;
    this.#rankIntervalMs = rankIntervalMs;
    this.#busyOf = busyOf;
  }

  /** `all` are those there are now: one that is missing is forgotten, with its series. */
  tell(all: readonly T[], nowMs: number): Shown<T> {
    const deltas = all.map((one) => this.#grown(one));
    if (nowMs - this.#rankedAtMs >= this.#rankIntervalMs) this.#rank(all, deltas, nowMs);
    else this.#fillUp(all);
    const shown: (readonly [T, readonly number[]])[] = [];
    const leftOut: T[] = [];
    for (const [place, one] of all.entries()) {
      const series = one.told!.shown;
      if (series) {
        add(series, deltas[place]!);
        shown.push([one, [...series]]);
      } else {
        add((this.#others ??= deltas[place]!.map(() => 0)), deltas[place]!);
        leftOut.push(one);
      }
    }
    return { shown, others: this.#others && [...this.#others], leftOut };
  }

  #grown(one: T): number[] {
    const numbers = one.numbers();
    one.told ??= { last: numbers.map(() => 0), shown: undefined, score: 0 };
    const { last } = one.told;
    one.told.last = numbers;
    return numbers.map((number, place) => number - last[place]!);
  }

  #rank(all: readonly T[], deltas: readonly (readonly number[])[], nowMs: number): void {
    this.#rankedAtMs = nowMs;
    for (const [place, { told }] of all.entries())
      told!.score = told!.score * PAST_WEIGHT + this.#busyOf(deltas[place]!);
    if (all.length <= this.#shownMax) return this.#fillUp(all);
    // Between equals the one that is shown already stays.
    const sorted = all.toSorted(
      (a, b) =>
        b.told!.score - a.told!.score || Number(b.told!.shown !== undefined) - Number(a.told!.shown !== undefined),
    );
    for (const [place, { told }] of sorted.entries()) {
      if (place >= this.#shownMax) told!.shown = undefined;
      else told!.shown ??= told!.last.map(() => 0);
    }
  }

  /** Who is new is shown at once, where there is room. */
  #fillUp(all: readonly T[]): void {
    let room = this.#shownMax - all.filter(({ told }) => told!.shown).length;
    for (const { told, numbers } of all.map((one) => ({ told: one.told!, numbers: one.told!.last }))) {
      if (room <= 0) return;
      if (told.shown) continue;
      told.shown = numbers.map(() => 0);
      room -= 1;
    }
  }
}

/** The busiest by all that they have counted, for whoever looks once. Leaves no trace. */
export function busiestOf<T extends Counted>(
  all: readonly T[],
  shownMax: number,
  busyOf: (numbers: readonly number[]) => number,
): Shown<T> {
  const counted = all.map((one) => [one, one.numbers()] as const);
  if (counted.length <= shownMax) return { shown: counted, others: undefined, leftOut: [] };
  const sorted = counted.toSorted(([, a], [, b]) => busyOf(b) - busyOf(a));
  const left = sorted.slice(shownMax);
  const others = left[0]![1].map(() => 0);
  for (const [, numbers] of left) add(others, numbers);
  return { shown: sorted.slice(0, shownMax), others, leftOut: left.map(([one]) => one) };
}

/** What was counted by `from` goes on with `into`, and what was told of it is not told again. */
export function foldTold(from: Counted, into: Counted): void {
  into.told ??= { last: into.numbers().map(() => 0), shown: undefined, score: 0 };
  if (from.told) add(into.told.last, from.told.last);
}

function add(to: number[], more: readonly number[]): void {
  for (const [place, number] of more.entries()) to[place]! += number;
}
