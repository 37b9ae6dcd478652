// What is to be looked at next: names with times, the earliest first. A binary heap; a name that gets another time leaves its old
// entry behind, which is passed over when it comes up.

interface Entry {
  readonly name: string;
  readonly atMs: number;
}

export class WorkQueue {
  readonly #times = new Map<string, number>();
  #heap: Entry[] = [];

  get size(): number {
    return this.#times.size;
  }

  set(name: string, atMs: number): void {
    if (this.#times.get(name) === atMs) return;
    this.#times.set(name, atMs);
    if (this.#heap.length > 2 * this.#times.size + 64) this.#rebuild();
    else this.#push({ name, atMs });
  }

  delete(name: string): void {
    this.#times.delete(name);
  }

  /** When the first one comes; undefined when there is none. */
  nextAtMs(): number | undefined {
    return this.#first()?.atMs;
  }

  /** Takes the first one out when its time has come. */
  take(nowMs: number): string | undefined {
    const first = this.#first();
    if (!first || first.atMs > nowMs) return undefined;
    this.#times.delete(first.name);
    this.#pop();
    return first.name;
  }

  #first(): Entry | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (!first || this.#times.get(first.name) === first.atMs) return first;
      this.#pop();
    }
  }

  #rebuild(): void {
    this.#heap = [...this.#times].map(([name, atMs]) => ({ name, atMs })).sort((a, b) => a.atMs - b.atMs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.atMs <= entry.atMs) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const child = left + 1 < heap.length && heap[left + 1]!.atMs < heap[left]!.atMs ? left + 1 : left;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
