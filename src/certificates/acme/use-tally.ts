// How often each thing was used within the last so many milliseconds, and when it may be used again. Everything is known without
// looking through what is counted: 100,000 uses cost no more than one.

export interface Use {
  readonly key: string;
  readonly atMs: number;
}

interface Kept extends Use {
  isGone: boolean;
}

/** In the order of time. The oldest leaves without the others being moved. */
class UseQueue {
  #uses: Kept[] = [];
  #head = 0;

  get length(): number {
    return this.#uses.length - this.#head;
  }

  at(position: number): Kept | undefined {
    return position < 0 ? undefined : this.#uses[this.#head + position];
  }

  push(use: Kept): void {
    this.#uses.push(use);
  }

  remove(use: Kept): void {
    if (this.#uses[this.#head] !== use) {
      this.#uses.splice(this.#uses.indexOf(use, this.#head), 1);
      return;
    }
    this.#head += 1;
    if (this.#head * 2 <= this.#uses.length) return;
    this.#uses = this.#uses.slice(this.#head);
    this.#head = 0;
  }
}

export class UseTally {
  readonly countMax: number;
  readonly windowMs: number;
  readonly #all = new UseQueue();
  readonly #byKey = new Map<string, UseQueue>();
  #lastAtMs = 0;
  /** The keys by how often each was used. */
  readonly #keysByCount: Set<string>[] = [];

  constructor({ count, windowMs }: { readonly count: number; readonly windowMs: number }) {
    this.countMax = count;
    this.windowMs = windowMs;
  }

  /** The use, for `takeBack`. A clock that went back counts from where it was. */
  add(key: string, atMs: number): Use {
    this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    const use: Kept = { key, atMs: this.#lastAtMs, isGone: false };
    this.#all.push(use);
    const uses = this.#byKey.get(key) ?? new UseQueue();
    this.#byKey.set(key, uses);
    uses.push(use);
    this.#move(key, uses.length - 1, uses.length);
    return use;
  }

  /** It did not happen after all. */
  takeBack(use: Use): void {
    if (!(use as Kept).isGone) this.#drop(use as Kept);
  }

  used(key: string, nowMs: number): number {
    this.#expire(nowMs);
    return this.#byKey.get(key)?.length ?? 0;
  }

  /** When the key may be used again: `nowMs` when it may be now. */
  fitsAtMs(key: string, nowMs: number): number {
    this.#expire(nowMs);
    const uses = this.#byKey.get(key);
    const leaving = uses?.at(uses.length - this.countMax);
    return leaving === undefined ? nowMs : leaving.atMs + this.windowMs;
  }

  /** When the oldest use of the key leaves the window. */
  nextBackAtMs(key: string, nowMs: number): number | undefined {
    this.#expire(nowMs);
    const oldest = this.#byKey.get(key)?.at(0);
    return oldest && oldest.atMs + this.windowMs;
  }

  /** The keys that were used most, at most so many. */
  fullest(nowMs: number, countMax: number): string[] {
    this.#expire(nowMs);
    const found: string[] = [];
    for (let count = this.#keysByCount.length - 1; count > 0 && found.length < countMax; count -= 1) {
      for (const key of this.#keysByCount[count] ?? []) {
        if (found.length < countMax) found.push(key);
        else break;
      }
    }
    return found;
  }

  #expire(nowMs: number): void {
    for (let oldest = this.#all.at(0); oldest && oldest.atMs + this.windowMs <= nowMs; oldest = this.#all.at(0)) {
      this.#drop(oldest);
    }
  }

  #drop(use: Kept): void {
    use.isGone = true;
    this.#all.remove(use);
    const uses = this.#byKey.get(use.key)!;
    uses.remove(use);
    this.#move(use.key, uses.length + 1, uses.length);
    if (uses.length === 0) this.#byKey.delete(use.key);
  }

  #move(key: string, from: number, to: number): void {
    this.#keysByCount[from]?.delete(key);
    (this.#keysByCount[to] ??= new Set()).add(key);
    if (to === 0) this.#keysByCount[0]?.delete(key);
    while (this.#keysByCount.length > 0 && (this.#keysByCount.at(-1)?.size ?? 0) === 0) this.#keysByCount.pop();
  }
}
