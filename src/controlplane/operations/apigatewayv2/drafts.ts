// A transaction that knows its own writes. What a transaction reads is what was there before it; whoever freezes an Api within the
// transaction that changes it needs the parts as they will be.

import { KIND_LAWS, type Kind, type Kinds } from '../../../model/kinds.ts';
import type { Transaction } from '../../../store/contract.ts';

/** An object and its parts, as they will be after the commit. */
export interface Parts {
  get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined>;
  children<K extends Kind>(kind: K, parent: string): Promise<Kinds[K][]>;
}

export interface Write {
  readonly kind: Kind;
  readonly id: string;
  /** Undefined when it is removed. */
  readonly after: Kinds[Kind] | undefined;
}

export interface Drafted {
  /** Hands everything on, and remembers what was written. */
  readonly transaction: Transaction;
  /** What was written up to now, each object once. */
  writes(): Write[];
  readonly parts: Parts;
}

export function draft(inner: Transaction): Drafted {
  const written = new Map<string, Write>();
  const remember = (write: Write) => written.set(`${write.kind} ${write.id}`, write);
  const transaction: Transaction = {
    ...inner,
    put(kind, entity) {
      remember({ kind, id: entity.id, after: entity });
      inner.put(kind, entity);
    },
    remove(kind, id) {
      remember({ kind, id, after: undefined });
      inner.remove(kind, id);
    },
  };
  const parts: Parts = {
    async get<K extends Kind>(kind: K, id: string) {
      const write = written.get(`${kind} ${id}`);
      return write ? (write.after as Kinds[K] | undefined) : inner.get(kind, id);
    },
    async children<K extends Kind>(kind: K, parent: string) {
      const before = await inner.children(kind, parent);
      const kept = before.filter(({ id }) => !written.has(`${kind} ${id}`));
      const own = [...written.values()]
        .filter((write) => write.kind === kind && write.after !== undefined)
        .map((write) => write.after as Kinds[K])
        .filter((entity) => KIND_LAWS[kind].parent?.(entity) === parent);
      return [...kept, ...own].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
  return { transaction, writes: () => [...written.values()], parts };
}
