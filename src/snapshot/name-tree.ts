// Names as a tree, to find all those at or below one without looking at the others.

import { ancestors } from './served-zones.ts';

export class NameTree {
  /** The names right below a name: those that were put, and those on the way to them. */
  readonly #below = new Map<string, Set<string>>();
  readonly #names = new Set<string>();

  put(name: string): void {
    this.#names.add(name);
    let child = name;
    for (const parent of ancestors(name)) {
      const children = this.#below.get(parent);
      if (children) return void children.add(child);
      this.#below.set(parent, new Set([child]));
      child = parent;
    }
  }

  remove(name: string): void {
    this.#names.delete(name);
    let child = name;
    for (const parent of ancestors(name)) {
      if (this.#names.has(child) || this.#below.has(child)) return;
      const children = this.#below.get(parent)!;
      children.delete(child);
      if (children.size > 0) return;
      this.#below.delete(parent);
      child = parent;
    }
  }

  /** The names that were put, at `top` and below it. */
  *within(top: string): Generator<string> {
    if (this.#names.has(top)) yield top;
    for (const child of this.#below.get(top) ?? []) yield* this.within(child);
  }
}
