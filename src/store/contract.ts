// The store as every other room sees it. One transaction is one revision and one change event. Implementations keep the same
// promises, and the same tests in test/contracts/ run over each.

import type { KeyPair } from '../model/certificate.ts';
import type { Kind, Kinds } from '../model/kinds.ts';

export interface Page {
  /** Ids greater than this. */
  readonly after?: string;
  readonly limit?: number;
}

/**
 * Reads. All lists are ordered by id. Inside a transaction everything that is read is remembered: if it was changed by somebody
 * else before the commit, the transaction runs again from its start. Reads do not see the writes of their own transaction.
 */
export interface View {
  get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined>;
  /** The parts of `parent`. */
  children<K extends Kind>(kind: K, parent: string, page?: Page): Promise<Kinds[K][]>;
  /** What an account has in a region. */
  owned<K extends Kind>(kind: K, account: string, region: string, page?: Page): Promise<Kinds[K][]>;
  /** How many of them there are. Not remembered by a transaction. */
  countOwned(kind: Kind, account: string, region: string): Promise<number>;
  /** What an account has, in whichever region. */
  belonging<K extends Kind>(kind: K, account: string, page?: Page): Promise<Kinds[K][]>;
  /** What refers to `target` (spelled by `reference` in model/kinds.ts). */
  referring<K extends Kind>(kind: K, target: string, page?: Page): Promise<Kinds[K][]>;
  /** The regions in which somebody has an object of a kind. Not remembered by a transaction. */
  regions(kind: Kind): Promise<string[]>;
  /** Everything of a kind, whoever owns it. */
  all<K extends Kind>(kind: K, page?: Page): Promise<Kinds[K][]>;
}

/** Writes are collected and applied together at the end, or not at all. Writing one object twice keeps the last. */
export interface Transaction extends View {
  put<K extends Kind>(kind: K, entity: Kinds[K]): void;
  remove(kind: Kind, id: string): void;
  /** Keys are written in the same commit as the objects that refer to them. */
  putKeyPair(keyPair: KeyPair): void;
  /** It can be read until every listener has seen the commit, for a handshake that began before; soon after that it is gone. */
  removeKeyPair(reference: string): void;
}

export type Change = {
  readonly [K in Kind]: { readonly kind: K; readonly id: string; readonly after?: Kinds[K] };
}[Kind];

/** What one commit changed; `after` is absent when the object was removed. */
export interface ChangeEvent {
  readonly revision: number;
  readonly changes: readonly Change[];
}

/** Milliseconds of lifecycle time: later than `afterMs` and not later than `untilMs`. */
export interface DueWindow {
  readonly afterMs: number;
  readonly untilMs: number;
  readonly limit: number;
  /** The id of the last object of the page before, whose time is then `afterMs` itself. */
  readonly afterId?: string;
}

/** A key that seals key pairs, or a secret that something is made with: wrapped by the master key, which is not in the store. */
export interface Secret {
  readonly id: string;
  readonly purpose: string;
  /** The number that key pairs sealed under it carry as their second byte; absent when it seals none. */
  readonly dataKey?: number;
  readonly wrapped: Uint8Array;
  readonly createdAtMs: number;
}

export interface SealedKey {
  readonly reference: string;
  readonly sealedKey: Uint8Array;
}

/**
 * What lies sealed, whoever owns it: no account, no revision, no event. While there are data keys, a transaction that would leave a
 * key pair under one that is not among them collides.
 */
export interface Vault {
  /** All of them, ordered by id. */
  secrets(): Promise<Secret[]>;
  /**
   * Puts `after` in the place of all secrets, durable before the promise resolves, and overwrites what they replace. False, and
   * nothing changed, when what is there is no longer `before`, or a data key that would go still seals a key pair.
   */
  swapSecrets(before: readonly Secret[], after: readonly Secret[]): Promise<boolean>;
  /** Key pairs under a data key, ordered by reference. */
  sealedUnder(dataKey: number, page?: Page): Promise<SealedKey[]>;
  /** How many key pairs there are under each data key that seals any. */
  countSealed(): Promise<ReadonlyMap<number, number>>;
  /** Swaps each sealed key that is still `before`, all in one commit; the others stay as they are. Resolves to how many it were. */
  reseal(swaps: readonly Resealing[]): Promise<number>;
}

export interface Resealing {
  readonly reference: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

export interface Store {
  readonly view: View;
  readonly vault: Vault;
  /**
   * Runs `work` and commits what it wrote: durable (survives kill -9) before the promise resolves, and already seen by every
   * listener. `work` may run several times and must do nothing else that lasts. Throws Fault ConflictException when it kept
   * colliding, ServiceUnavailableException when the store cannot be reached; then nothing was written.
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Called with every commit in order of revision, before the commit's promise resolves. Must not throw. */
  onChange(listener: (event: ChangeEvent) => void): void;
  /** Notes kept beside the objects: no revision, no event, bounded by the objects they belong to. */
  note(kind: Kind, id: string, value: unknown): Promise<void>;
  /** The same for many objects of a kind, by id, in one write to the disk: all of them or none. */
  noteAll(kind: Kind, values: ReadonlyMap<string, unknown>): Promise<void>;
  noted(kind: Kind, id: string): Promise<unknown>;
  /**
   * Objects whose time (`due` in model/kinds.ts) lies in the window, the longest due first, then by id. Outside of transactions:
   * whoever acts on one reads it again in a transaction.
   */
  due<K extends Kind>(kind: K, window: DueWindow): Promise<Kinds[K][]>;
  /** When the next object of a kind is due after a moment; undefined when none is. */
  nextDue(kind: Kind, afterMs: number): Promise<number | undefined>;
  /** The chain that lies with a key, and the root above it (leaf first, PEM). The key is handed to the certificate source alone. */
  chainOf(reference: string): Promise<string | undefined>;
  /** The newest revision. */
  revision(): Promise<number>;
  /** The commits after `revision`, oldest first, or 'behind' when the change log no longer reaches back that far. */
  changesSince(revision: number): Promise<ChangeEvent[] | 'behind'>;
  close(): Promise<void>;
}

/**
 * Chains and sealed keys by reference, from this node's own disk, synchronously: a handshake waits for it.
 * @port certificate-source
 */
export interface CertificateSource {
  read(reference: string): { readonly chainPem: string; readonly sealedKey: Uint8Array } | undefined;
}
