// What the store's thread is asked and what it answers. Bodies travel as JSON text: only the asking side needs the objects.

import type { DueWindow, Resealing, SealedKey, Secret } from '../contract.ts';

export interface ReadRange {
  readonly kind: string;
  readonly by: 'all' | 'parent' | 'owner' | 'account' | 'target';
  readonly key: readonly string[];
  readonly after: string;
  readonly limit: number;
}

export interface ObjectWrite {
  readonly kind: string;
  readonly id: string;
  /** Absent for a removal. */
  readonly row?: {
    readonly account: string;
    readonly region: string;
    readonly parent: string | null;
    readonly body: string;
    readonly due: number | null;
  };
  readonly targets: readonly string[];
}

export interface KeyPairWrite {
  readonly reference: string;
  readonly row?: {
    readonly account: string;
    readonly region: string;
    readonly chainPem: string;
    readonly anchorPem: string;
    readonly sealedKey: Uint8Array;
  };
}

/** What a transaction looked at: single objects, and ranges (a new row in a range counts as a change of it). */
export interface ReadSet {
  readonly objects: readonly { readonly kind: string; readonly id: string }[];
  readonly ranges: readonly { readonly kind: string; readonly by: ReadRange['by']; readonly key: readonly string[] }[];
}

export interface Commit {
  readonly sinceRevision: number;
  readonly reads: ReadSet;
  readonly writes: readonly ObjectWrite[];
  readonly keyPairs: readonly KeyPairWrite[];
}

export type Question =
  | { readonly ask: 'revision' }
  | { readonly ask: 'get'; readonly kind: string; readonly id: string }
  | { readonly ask: 'range'; readonly range: ReadRange }
  | { readonly ask: 'commit'; readonly commit: Commit }
  | { readonly ask: 'note'; readonly kind: string; readonly notes: readonly (readonly [id: string, body: string])[] }
  | { readonly ask: 'noted'; readonly kind: string; readonly id: string }
  | { readonly ask: 'due'; readonly kind: string; readonly window: DueWindow }
  | { readonly ask: 'regions'; readonly kind: string }
  | { readonly ask: 'countOwned'; readonly kind: string; readonly account: string; readonly region: string }
  | { readonly ask: 'purge'; readonly references: readonly string[] }
  | { readonly ask: 'nextDue'; readonly kind: string; readonly afterMs: number }
  | { readonly ask: 'chain'; readonly reference: string }
  | { readonly ask: 'changesSince'; readonly revision: number }
  | { readonly ask: 'secrets' }
  | { readonly ask: 'swapSecrets'; readonly before: readonly Secret[]; readonly after: readonly Secret[] }
  | { readonly ask: 'sealedUnder'; readonly dataKey: number; readonly after: string; readonly limit: number }
  | { readonly ask: 'countSealed' }
  | { readonly ask: 'reseal'; readonly swaps: readonly Resealing[] }
  | { readonly ask: 'close' };

/** One committed change as the log keeps it; `body` is the object's present state, absent when it is gone. */
export interface LoggedChange {
  readonly revision: number;
  readonly kind: string;
  readonly id: string;
  readonly body?: string;
}

export interface Answers {
  revision: number;
  get: string | undefined;
  range: string[];
  /** The new revision; 'collided' when something that was read has changed since. */
  commit: number | 'collided';
  note: true;
  noted: string | undefined;
  due: string[];
  regions: string[];
  countOwned: number;
  purge: true;
  nextDue: number | undefined;
  chain: string | undefined;
  changesSince: LoggedChange[] | 'behind';
  secrets: Secret[];
  swapSecrets: boolean;
  sealedUnder: SealedKey[];
  countSealed: ReadonlyMap<number, number>;
  reseal: number;
  close: true;
}

export interface Envelope {
  readonly number: number;
  readonly question: Question;
}
export type Reply =
  { readonly number: number; readonly answer: unknown } | { readonly number: number; readonly problem: string };
