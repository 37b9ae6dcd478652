// The embedded store: the contract over a SQLite file in the data directory. It keeps nothing in memory but what is under way;
// the database is written by a thread of its own.

import { Worker } from 'node:worker_threads';
import { threadFile } from '../../ambient/thread-file.ts';
import { Fault } from '../../model/faults.ts';
import { KIND_LAWS, type Kind, type Kinds } from '../../model/kinds.ts';
import type { KeyPair } from '../../model/certificate.ts';
import type { Log } from '../../observe/log.ts';
import { limit } from '../../settings/limits.ts';
import type { Change, ChangeEvent, DueWindow, Page, Store, Transaction, Vault, View } from '../contract.ts';
import type { Answers, Commit, Envelope, KeyPairWrite, ObjectWrite, Question, ReadRange, Reply } from './messages.ts';

type Ask = <Q extends Question>(question: Q) => Promise<Answers[Q['ask']]>;

const ALL_ROWS = 2 ** 31;
const STORE_ENDED = 'the store ended; configuration cannot be changed until a restart';
/** The thread makes little garbage; the default would reserve several times as much. */
const YOUNG_GENERATION_MB = 4;

/** Opens the database file, which must be locked by this process already. Throws when it cannot be read or written. */
export async function openEmbeddedStore(path: string, log: Log): Promise<Store> {
  const thread = new StoreThread(path, log);
  await thread.started;
  const ask: Ask = (question) => thread.ask(question);
  const listeners: ((event: ChangeEvent) => void)[] = [];
  const purging = createPurging((references) => ask({ ask: 'purge', references }));

  async function attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<{ result: T } | 'collided'> {
    const recorder = new Recorder(ask, await ask({ ask: 'revision' }));
    const result = await work(recorder.transaction);
    const { commit, changes } = recorder.finish();
    const revision = await ask({ ask: 'commit', commit });
    if (revision === 'collided') return 'collided';
    // A transaction that wrote no object has nothing to tell.
    if (changes.length > 0) for (const listener of listeners) listener({ revision, changes });
    const removed = commit.keyPairs.flatMap(({ reference, row }) => (row ? [] : [reference]));
    if (removed.length > 0) purging.add(removed);
    return { result };
  }

  const transact = inTurns(attempt);

  const noteAll = async (kind: Kind, values: ReadonlyMap<string, unknown>) => {
    const notes = [...values].map(([id, value]) => [id, JSON.stringify(value)] as const);
    await ask({ ask: 'note', kind, notes });
  };

  return {
    view: createView(ask),
    // Whoever counts what lies sealed does not count what was removed.
    vault: createVault(async (question) => {
      await purging.finish();
      return ask(question);
    }),
    transact,
    onChange: (listener) => void listeners.push(listener),
    note: (kind, id, value) => noteAll(kind, new Map([[id, value]])),
    noteAll,
    async noted(kind, id) {
      const body = await ask({ ask: 'noted', kind, id });
      return body === undefined ? undefined : (JSON.parse(body) as unknown);
    },
    async due<K extends Kind>(kind: K, window: DueWindow) {
      return (await ask({ ask: 'due', kind, window })).map((body) => JSON.parse(body) as Kinds[K]);
    },
    nextDue: (kind, afterMs) => ask({ ask: 'nextDue', kind, afterMs }),
    chainOf: (reference) => ask({ ask: 'chain', reference }),
    revision: () => ask({ ask: 'revision' }),
    async changesSince(revision) {
      const rows = await ask({ ask: 'changesSince', revision });
      if (rows === 'behind') return 'behind';
      const events = new Map<number, Change[]>();
      for (const row of rows) {
        const change = {
          kind: row.kind,
          id: row.id,
          ...(row.body === undefined ? {} : { after: JSON.parse(row.body) as never }),
        };
        events.set(row.revision, [...(events.get(row.revision) ?? []), change as Change]);
      }
      return [...events].map(([number, changes]) => ({ revision: number, changes }));
    },
    async close() {
      await purging.finish();
      await thread.close();
    },
  };
}

type Work<T> = (transaction: Transaction) => Promise<T>;

/** Transactions that collided try again in turns: all at once they would only collide with each other again. */
function inTurns(attempt: <T>(work: Work<T>) => Promise<{ result: T } | 'collided'>) {
  let turns: Promise<unknown> = Promise.resolve();

  async function tryAgain<T>(work: Work<T>): Promise<T> {
    for (let tries = 2; tries <= limit('transactionAttemptsMax'); tries += 1) {
      const outcome = await attempt(work);
      if (outcome !== 'collided') return outcome.result;
    }
    throw new Fault(
      'ConflictException',
      'Unable to complete operation due to concurrent modification. Please try again later.',
      { step: 'store' },
    );
  }

  return async <T>(work: Work<T>): Promise<T> => {
    const outcome = await attempt(work);
    if (outcome !== 'collided') return outcome.result;
    const turn = turns.then(() => tryAgain(work));
    turns = turn.catch(() => {});
    return turn;
  };
}

/** How long key pairs that were removed wait for others, so that many removals cost one write. A crash leaves them to the next start. */
const PURGE_AFTER_MS = 200;

function createPurging(purge: (references: readonly string[]) => Promise<unknown>) {
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const run = async () => {
    clearTimeout(timer);
    timer = undefined;
    const references = waiting;
    waiting = [];
    // A store that ended is told of by whoever asks it next.
    if (references.length > 0) await purge(references).catch(() => {});
  };
  return {
    add(references: readonly string[]) {
      waiting.push(...references);
      timer ??= setTimeout(() => void run(), PURGE_AFTER_MS).unref();
    },
    finish: run,
  };
}

/** Numbers questions, matches replies, and turns a thread that died into a clear fault for whoever waits. */
class StoreThread {
  readonly started: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #lastNumber = 0;
  #ended: Error | undefined;

  constructor(path: string, log: Log) {
    this.#worker = new Worker(threadFile(import.meta.url, 'store-thread'), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      workerData: { path, changeLogRowsMax: limit('changeLogRowsMax') },
    });
    this.started = new Promise((resolve, reject) => this.#waiting.set(0, { resolve: () => resolve(), reject }));
    this.#worker.on('message', (reply: Reply) => {
      const waiter = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if ('problem' in reply) waiter?.reject(unavailable(reply.problem));
      else waiter?.resolve(reply.answer);
    });
    let hasStarted = false;
    void this.started.then(() => (hasStarted = true)).catch(() => {});
    this.#worker.on('error', (error) => {
      // One that never started is reported by whoever starts it.
      if (hasStarted) log.error(STORE_ENDED, { error: error.message });
      this.#end(error);
    });
    this.#worker.on('exit', () => this.#end(new Error('the store is closed')));
  }

  ask<Q extends Question>(question: Q): Promise<Answers[Q['ask']]> {
    if (this.#ended) return Promise.reject(unavailable(this.#ended.message));
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve: resolve as (answer: unknown) => void, reject });
      this.#worker.postMessage({ number, question } satisfies Envelope);
    });
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.ask({ ask: 'close' });
    await this.#worker.terminate();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    const waiters = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiter of waiters) waiter.reject(unavailable(error.message));
  }
}

function unavailable(detail: string): Fault {
  return new Fault(
    'ServiceUnavailableException',
    'The configuration store cannot be reached. Please try again later.',
    {
      step: 'store',
      cause: detail,
    },
  );
}

function createView(
  ask: Ask,
  seen: { object(kind: Kind, id: string): void; range(range: ReadRange): void } = NOT_RECORDED,
): View {
  async function range<K extends Kind>(
    kind: K,
    by: ReadRange['by'],
    key: string[],
    page: Page = {},
  ): Promise<Kinds[K][]> {
    const request = { kind, by, key, after: page.after ?? '', limit: page.limit ?? ALL_ROWS };
    seen.range(request);
    return (await ask({ ask: 'range', range: request })).map((body) => JSON.parse(body) as Kinds[K]);
  }
  return {
    async get<K extends Kind>(kind: K, id: string) {
      seen.object(kind, id);
      const body = await ask({ ask: 'get', kind, id });
      return body === undefined ? undefined : (JSON.parse(body) as Kinds[K]);
    },
    children: (kind, parent, page) => range(kind, 'parent', [parent], page),
    owned: (kind, account, region, page) => range(kind, 'owner', [account, region], page),
    belonging: (kind, account, page) => range(kind, 'account', [account], page),
    referring: (kind, target, page) => range(kind, 'target', [target], page),
    regions: (kind) => ask({ ask: 'regions', kind }),
    countOwned: (kind, account, region) => ask({ ask: 'countOwned', kind, account, region }),
    all: (kind, page) => range(kind, 'all', [], page),
  };
}

function createVault(ask: Ask): Vault {
  return {
    secrets: () => ask({ ask: 'secrets' }),
    swapSecrets: (before, after) => ask({ ask: 'swapSecrets', before, after }),
    sealedUnder: (dataKey, { after = '', limit: rows = ALL_ROWS } = {}) =>
      ask({ ask: 'sealedUnder', dataKey, after, limit: rows }),
    countSealed: () => ask({ ask: 'countSealed' }),
    reseal: (swaps) => ask({ ask: 'reseal', swaps }),
  };
}

const NOT_RECORDED = { object: () => {}, range: () => {} };

/** One run of a transaction: what it read, and what it wants written. */
class Recorder {
  readonly transaction: Transaction;
  readonly #sinceRevision: number;
  readonly #objects: { kind: string; id: string }[] = [];
  readonly #ranges: ReadRange[] = [];
  readonly #writes = new Map<string, { write: ObjectWrite; change: Change }>();
  readonly #keyPairs = new Map<string, KeyPairWrite>();

  constructor(ask: Ask, sinceRevision: number) {
    this.#sinceRevision = sinceRevision;
    this.transaction = {
      ...createView(ask, {
        object: (kind, id) => void this.#objects.push({ kind, id }),
        range: (range) => void this.#ranges.push(range),
      }),
      put: (kind, entity) => this.#put(kind, entity),
      remove: (kind, id) =>
        void this.#writes.set(`${kind} ${id}`, { write: { kind, id, targets: [] }, change: { kind, id } as Change }),
      putKeyPair: (keyPair) => this.#putKeyPair(keyPair),
      removeKeyPair: (reference) => void this.#keyPairs.set(reference, { reference }),
    };
  }

  #put<K extends Kind>(kind: K, entity: Kinds[K]): void {
    const laws = KIND_LAWS[kind];
    const row = {
      account: entity.account,
      region: entity.region,
      parent: laws.parent?.(entity) ?? null,
      body: JSON.stringify(entity),
      due: laws.due?.(entity) ?? null,
    };
    this.#writes.set(`${kind} ${entity.id}`, {
      write: { kind, id: entity.id, row, targets: laws.references?.(entity) ?? [] },
      // Through JSON once, so that listeners see exactly what a reader would.
      change: { kind, id: entity.id, after: JSON.parse(row.body) as Kinds[K] } as unknown as Change,
    });
  }

  #putKeyPair({ reference, anchorPem = '', ...row }: KeyPair): void {
    this.#keyPairs.set(reference, { reference, row: { ...row, anchorPem } });
  }

  finish(): { commit: Commit; changes: Change[] } {
    const writes = [...this.#writes.values()];
    return {
      commit: {
        sinceRevision: this.#sinceRevision,
        reads: { objects: this.#objects, ranges: this.#ranges.map(({ kind, by, key }) => ({ kind, by, key })) },
        writes: writes.map(({ write }) => write),
        keyPairs: [...this.#keyPairs.values()],
      },
      changes: writes.map(({ change }) => change),
    };
  }
}
