// Answers that were encoded, by question, for as long as the snapshot stays at one revision. Bounded: there are two generations, and
// when the younger is full the older goes, with whatever was not asked again in the meantime.

export class AnswerCache<Value> {
  readonly #entriesMax: number;
  readonly #revision: () => number;
  #cachedRevision = -1;
  #younger = new Map<string, Value>();
  #older = new Map<string, Value>();

  /** Each generation has at most `entriesMax`. */
  constructor(entriesMax: number, revision: () => number) {
    this.#entriesMax = entriesMax;
    this.#revision = revision;
  }

  get(key: string): Value | undefined {
    if (this.#cachedRevision !== this.#revision()) return undefined;
    const found = this.#younger.get(key);
    if (found !== undefined) return found;
    const old = this.#older.get(key);
    if (old !== undefined) this.#put(key, old);
    return old;
  }

  /** What is set must be true of the revision that there is now. */
  set(key: string, value: Value): void {
    const revision = this.#revision();
    if (this.#cachedRevision !== revision) {
      this.#cachedRevision = revision;
      this.#younger = new Map();
      this.#older = new Map();
    }
    this.#put(key, value);
  }

  #put(key: string, value: Value): void {
    if (this.#younger.size >= this.#entriesMax) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(key, value);
  }
}
