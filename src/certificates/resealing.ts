// Seals every private key that lies under one data key under the next, page by page, and then removes the first. It may end at any
// moment and be started again: what is sealed says which key it is under. A row that changes meanwhile is left as it became.

import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../observe/log.ts';
import { limit } from '../settings/limits.ts';
import type { SealedKey, Vault } from '../store/contract.ts';

/** How long until what may still be written is looked for again. */
const LOOK_AGAIN_MS = 200;

export interface ResealingReport {
  readonly from: number;
  readonly to: number;
  readonly isRunning: boolean;
  readonly resealed: number;
  readonly left: number;
  /** Why it ended before its end. */
  readonly problem: string | undefined;
}

export interface ResealingParts {
  readonly vault: Vault;
  readonly log: Log;
  readonly from: number;
  readonly to: number;
  /** Throws when the row does not open. */
  readonly sealAnew: (row: SealedKey) => Uint8Array;
  /** False while something sealed under `from` may still be on its way to the store. */
  readonly isSettled: () => boolean;
  /** `from` seals nothing any more, and is gone from the store. */
  readonly removed: () => void;
}

export class Resealing {
  readonly #parts: ResealingParts;
  readonly #stopping = new AbortController();
  #resealed = 0;
  #problem: string | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: ResealingParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  report(counts: ReadonlyMap<number, number>): ResealingReport {
    const { from, to } = this.#parts;
    const left = counts.get(from) ?? 0;
    return { from, to, isRunning: this.isRunning, resealed: this.#resealed, left, problem: this.#problem };
  }

  start(): void {
    const { log, from, to } = this.#parts;
    log.info('private keys are being sealed under a new data key', { from, to });
    this.#running = this.#run()
      .catch((error: Error) => {
        this.#problem = 'the store could not be reached; the next start goes on';
        log.error('sealing private keys anew failed; the next start goes on', { error: error.message });
      })
      .finally(() => (this.#running = undefined));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { log, from, to, isSettled, removed } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      // Before the rows are read: what is written later than this was sealed under the new key.
      const canEnd = isSettled();
      const damaged = await this.#resealAll();
      if (damaged.length > 0) {
        this.#problem = `${damaged.length} private keys do not open under data key ${from}, which is kept: ${damaged[0]} is the first`;
        log.error('some private keys do not open; their data key is kept', { from, damaged: damaged.slice(0, 10) });
        return;
      }
      if (canEnd && (await this.#remove())) {
        removed();
        log.info('private keys are sealed under the new data key; the old one is gone', {
          from,
          to,
          resealed: this.#resealed,
        });
        return;
      }
      await pause(LOOK_AGAIN_MS, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
    }
  }

  /** One walk over what lies under the old key; resolves to the references that do not open. */
  async #resealAll(): Promise<string[]> {
    const { vault, from, sealAnew } = this.#parts;
    const damaged: string[] = [];
    for (let after = ''; !this.#stopping.signal.aborted;) {
      const rows = await vault.sealedUnder(from, { after, limit: limit('resealedAtOnceMax') });
      const swaps = rows.flatMap((row) => {
        try {
          return [{ reference: row.reference, before: row.sealedKey, after: sealAnew(row) }];
        } catch {
          // Told all together at the end, by reference.
          damaged.push(row.reference);
          return [];
        }
      });
      if (swaps.length > 0) this.#resealed += await vault.reseal(swaps);
      const last = rows.at(-1);
      if (!last) break;
      after = last.reference;
    }
    return damaged;
  }

  /** False when something lies under it after all. */
  async #remove(): Promise<boolean> {
    const { vault, from } = this.#parts;
    const before = await vault.secrets();
    return vault.swapSecrets(
      before,
      before.filter(({ dataKey }) => dataKey !== from),
    );
  }
}
