// The ledger of what an authority's limits leave us: every use is a row before it happens, so a crash forgets none, and an order
// that the authority would refuse waits here instead. Real time; it asks nobody.

import type { Clock } from '../../ambient/clock.ts';
import { ids } from '../../ambient/ids.ts';
import type { AcmeUse } from '../../model/certificate.ts';
import type { AcmeLimit, AcmeSettings } from '../../settings/settings.ts';
import type { Store } from '../../store/contract.ts';
import { IssueProblem } from '../issuer.ts';
import { SERVER_OWNER } from '../local-authority.ts';
import { duration, waits } from './budget-words.ts';
import { UseTally, type Use } from './use-tally.ts';

/** What one limit leaves. Of a limit that counts for each name by itself, what it leaves of the name that was used most. */
export interface LimitLeft {
  readonly limit: AcmeLimit;
  readonly countMax: number;
  readonly windowMs: number;
  /** As people read it: `7 days`. */
  readonly window: string;
  readonly used: number;
  readonly left: number;
  /** When the next one is given back, in real time; absent while none is used. */
  readonly nextBackAtMs?: number;
  /** Those that were used most: registered domains for certificates, names for failures, sets of names for duplicates. */
  readonly fullest: readonly { readonly name: string; readonly used: number; readonly nextBackAtMs: number }[];
}

export interface Reservation {
  /** What became of it; what did not happen is given back. */
  settle(outcome: { readonly isPlaced: boolean; readonly mayBeIssued: boolean }): Promise<void>;
}

export interface AcmeBudget {
  /** When an order fits, in real time: now when it does. A renewal that replaces a certificate is counted for failures only. */
  earliest(names: readonly string[], isReplacing: boolean): Promise<number>;
  /**
   * Takes what an order needs, before it is placed: it is durable when this resolves. Rejects with an IssueProblem that says
   * which limit stands in the way and until when.
   */
  reserve(names: readonly string[], isReplacing: boolean): Promise<Reservation>;
  /** The authority found a name not proven. */
  fail(name: string, isReplacing: boolean): Promise<void>;
  left(): Promise<readonly LimitLeft[]>;
}

const PAGE = 1_000;
/** Rows that are too old to count, removed with one use. */
const PRUNED_AT_ONCE_MAX = 500;
const FULLEST = 5;
const TIME_DIGITS = 15;
const ALL_ORDERS = 'orders';

export function createAcmeBudget(parts: {
  readonly store: Store;
  readonly settings: AcmeSettings;
  readonly realClock: Clock;
}): AcmeBudget {
  let loading: Promise<Ledger> | undefined;
  const ledger = async () => {
    loading ??= Ledger.load(parts.store, parts.settings, parts.realClock).catch((error: Error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return {
    earliest: async (names, isReplacing) => (await ledger()).obstacle(names, isReplacing).atMs,
    reserve: async (names, isReplacing) => (await ledger()).reserve(names, isReplacing),
    fail: async (name, isReplacing) => (await ledger()).fail(name, isReplacing),
    left: async () => (await ledger()).left(),
  };
}

/** What an order waits for, and until when. */
interface Obstacle {
  readonly atMs: number;
  readonly limit?: AcmeLimit;
  readonly key?: string;
}

class Ledger {
  readonly #store: Store;
  readonly #settings: AcmeSettings;
  readonly #realClock: Clock;
  readonly #registeredDomain: (name: string) => string;
  readonly #tallies: Readonly<Record<AcmeLimit, UseTally>>;
  /** Every row in the order of time, until it is removed. */
  #rows: { readonly id: string; readonly atMs: number }[] = [];

  static async load(store: Store, settings: AcmeSettings, realClock: Clock): Promise<Ledger> {
    const { getDomain } = await import('tldts');
    // A public suffix is its own registered domain where it is one of a private registry, as authorities count.
    const registeredDomain = (name: string) => getDomain(name, { allowPrivateDomains: true }) ?? name;
    const ledger = new Ledger(store, settings, realClock, registeredDomain);
    const rows: AcmeUse[] = [];
    for (let after = ''; ;) {
      const page = await store.view.all('acme-use', { after, limit: PAGE });
      rows.push(...page);
      if (page.length < PAGE) break;
      after = page.at(-1)!.id;
    }
    const nowMs = realClock.now();
    // A clock that was ahead when it was written must not count for ever.
    const counted = rows.map((row) => ({ ...row, atMs: Math.min(row.atMs, nowMs) }));
    for (const row of counted.sort((a, b) => a.atMs - b.atMs)) ledger.#count(row);
    return ledger;
  }

  private constructor(
    store: Store,
    settings: AcmeSettings,
    realClock: Clock,
    registeredDomain: (name: string) => string,
  ) {
    this.#store = store;
    this.#settings = settings;
    this.#realClock = realClock;
    this.#registeredDomain = registeredDomain;
    const { orders, certificates, duplicates, failures } = settings.budget;
    this.#tallies = {
      orders: new UseTally(orders),
      certificates: new UseTally(certificates),
      duplicates: new UseTally(duplicates),
      failures: new UseTally(failures),
    };
  }

  obstacle(names: readonly string[], isReplacing: boolean): Obstacle {
    const nowMs = this.#realClock.now();
    const needed: [AcmeLimit, readonly string[]][] = [
      ...(isReplacing ? [] : [['orders', [ALL_ORDERS]] as [AcmeLimit, string[]], ...this.#certificateKeys(names)]),
      ['failures', unique(names.map(withoutStar))],
    ];
    let worst: Obstacle = { atMs: nowMs };
    for (const [limit, keys] of needed) {
      for (const key of keys) {
        const atMs = this.#tallies[limit].fitsAtMs(key, nowMs);
        if (atMs > worst.atMs) worst = { atMs, limit, key };
      }
    }
    return worst;
  }

  async reserve(names: readonly string[], isReplacing: boolean): Promise<Reservation> {
    const { atMs, limit, key } = this.obstacle(names, isReplacing);
    if (limit !== undefined) {
      const { count, windowMs } = this.#settings.budget[limit];
      throw new IssueProblem(waits({ limit, key: key!, count, windowMs, names, atMs }), { retryAtMs: atMs });
    }
    if (isReplacing) return { settle: async () => {} };
    const order = this.#newRow('order', names, false);
    const certificate = this.#newRow('certificate', names, false);
    // Counted at once, so that whoever asks while it is written knows of it.
    const counted = [this.#count(order), this.#count(certificate)] as const;
    await this.#write([order, certificate], [], () => counted.forEach((takeBack) => takeBack()));
    return {
      settle: async ({ isPlaced, mayBeIssued }) => {
        const undone = [...(isPlaced ? [] : [order]), ...(mayBeIssued ? [] : [certificate])];
        if (!isPlaced) counted[0]();
        if (!mayBeIssued) counted[1]();
        if (undone.length > 0) await this.#write([], undone, () => {});
      },
    };
  }

  async fail(name: string, isReplacing: boolean): Promise<void> {
    const row = this.#newRow('failure', [withoutStar(name)], isReplacing);
    // It happened, whether or not it can be written.
    this.#count(row);
    await this.#write([row], [], () => {});
  }

  left(): LimitLeft[] {
    const nowMs = this.#realClock.now();
    return LIMITS_IN_ORDER.map((limit) => {
      const tally = this.#tallies[limit];
      const fullest = tally.fullest(nowMs, FULLEST).map((name) => ({
        name,
        used: tally.used(name, nowMs),
        nextBackAtMs: tally.nextBackAtMs(name, nowMs)!,
      }));
      const [first] = fullest;
      const used = first?.used ?? 0;
      return {
        limit,
        countMax: tally.countMax,
        windowMs: tally.windowMs,
        window: duration(tally.windowMs),
        used,
        left: Math.max(0, tally.countMax - used),
        ...(first ? { nextBackAtMs: first.nextBackAtMs } : {}),
        fullest: limit === 'orders' ? [] : fullest,
      };
    });
  }

  #newRow(what: AcmeUse['what'], names: readonly string[], isReplacing: boolean): AcmeUse {
    const atMs = this.#realClock.now();
    return {
      ...SERVER_OWNER,
      // In the order of time, so that the oldest are read first.
      id: `${String(atMs).padStart(TIME_DIGITS, '0')}-${ids.hex(8)}`,
      directoryUrl: this.#settings.directoryUrl,
      what,
      names,
      isReplacing,
      atMs,
    };
  }

  /** Resolves when it is durable. Rows that are too old to count are removed along the way. */
  async #write(added: readonly AcmeUse[], removed: readonly AcmeUse[], undo: () => void): Promise<void> {
    const oldest = this.#realClock.now() - Math.max(...Object.values(this.#tallies).map((tally) => tally.windowMs));
    let old = 0;
    while (old < PRUNED_AT_ONCE_MAX && (this.#rows[old]?.atMs ?? oldest) < oldest) old += 1;
    const pruned = this.#rows.splice(0, old);
    try {
      await this.#store.transact(async (transaction) => {
        for (const row of added) transaction.put('acme-use', row);
        for (const { id } of [...removed, ...pruned]) transaction.remove('acme-use', id);
      });
    } catch (error) {
      this.#rows.unshift(...pruned);
      undo();
      throw error;
    }
  }

  /** Counts a row wherever it counts. Gives the way to take it back. */
  #count(row: AcmeUse): () => void {
    this.#rows.push({ id: row.id, atMs: row.atMs });
    const isOurs = row.directoryUrl === this.#settings.directoryUrl;
    const uses = (isOurs ? this.#keysOf(row) : []).flatMap(([limit, keys]) =>
      keys.map((key): [UseTally, Use] => [this.#tallies[limit], this.#tallies[limit].add(key, row.atMs)]),
    );
    return () => uses.forEach(([tally, use]) => tally.takeBack(use));
  }

  #keysOf({ what, names, isReplacing }: AcmeUse): [AcmeLimit, readonly string[]][] {
    if (what === 'failure') return [['failures', names]];
    if (isReplacing) return [];
    return what === 'order' ? [['orders', [ALL_ORDERS]]] : this.#certificateKeys(names);
  }

  #certificateKeys(names: readonly string[]): [AcmeLimit, readonly string[]][] {
    return [
      ['certificates', unique(names.map((name) => this.#registeredDomain(withoutStar(name))))],
      ['duplicates', [unique(names).sort().join(' ')]],
    ];
  }
}

const LIMITS_IN_ORDER: readonly AcmeLimit[] = ['orders', 'certificates', 'duplicates', 'failures'];

function withoutStar(name: string): string {
  return name.replace(/^\*\./, '');
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
