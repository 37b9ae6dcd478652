// The rows that lie sealed, for the store's thread: secrets, swapped all at once, and sealed keys by the data key above them.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Resealing, SealedKey, Secret } from '../contract.ts';
import type { KeyPairWrite } from './messages.ts';

const UNDER = 'INDEXED BY key_pair_sealed WHERE substr(sealed_key, 2, 1) = ?';

interface SecretRow {
  readonly id: string;
  readonly purpose: string;
  readonly data_key: number | null;
  readonly wrapped: Uint8Array;
  readonly created: number;
}

export class VaultRows {
  readonly #database: DatabaseSync;
  readonly #statement: (sql: string) => StatementSync;

  constructor(database: DatabaseSync, statement: (sql: string) => StatementSync) {
    this.#database = database;
    this.#statement = statement;
  }

  secrets(): Secret[] {
    const rows = this.#statement('SELECT * FROM secret ORDER BY id').all() as unknown as SecretRow[];
    return rows.map(({ id, purpose, data_key: dataKey, wrapped, created }) => ({
      id,
      purpose,
      ...(dataKey !== null && { dataKey }),
      wrapped,
      createdAtMs: created,
    }));
  }

  swapSecrets(before: readonly Secret[], after: readonly Secret[]): boolean {
    const isSwapped = this.#whole(() => {
      const kept = new Set(after.map(({ dataKey }) => dataKey));
      const isInUse = before.some(({ dataKey }) => dataKey !== undefined && !kept.has(dataKey) && this.#seals(dataKey));
      if (isInUse || !areSame(this.secrets(), before)) return false;
      this.#statement('DELETE FROM secret').run();
      const insert = this.#statement('INSERT INTO secret VALUES (?, ?, ?, ?, ?)');
      for (const { id, purpose, dataKey, wrapped, createdAtMs } of after)
        insert.run(id, purpose, dataKey ?? null, wrapped, createdAtMs);
      return true;
    });
    if (isSwapped) this.#emptyLog();
    return isSwapped;
  }

  /** The log still holds what was there before, until it is written over. */
  #emptyLog(): void {
    try {
      this.#statement('PRAGMA wal_checkpoint(TRUNCATE)').all();
    } catch {
      // The swap is done; a disk that is full is told of by whoever writes next.
    }
  }

  sealedUnder(dataKey: number, after: string, limit: number): SealedKey[] {
    const select = this.#statement(
      `SELECT reference, sealed_key AS sealedKey FROM key_pair ${UNDER} AND reference > ? ORDER BY reference LIMIT ?`,
    );
    return select.all(Buffer.of(dataKey), after, limit) as unknown as SealedKey[];
  }

  countSealed(): ReadonlyMap<number, number> {
    const rows = this.#statement(
      'SELECT substr(sealed_key, 2, 1) AS under, count(*) AS count FROM key_pair INDEXED BY key_pair_sealed GROUP BY 1',
    ).all() as { under: Uint8Array; count: number }[];
    return new Map(rows.flatMap(({ under: [dataKey], count }) => (dataKey === undefined ? [] : [[dataKey, count]])));
  }

  reseal(swaps: readonly Resealing[]): number {
    return this.#whole(() => {
      const update = this.#statement('UPDATE key_pair SET sealed_key = ? WHERE reference = ? AND sealed_key = ?');
      const changes = swaps.map(({ reference, before, after }) => Number(update.run(after, reference, before).changes));
      return changes.reduce((sum, one) => sum + one, 0);
    });
  }

  /** False when one would lie under a data key that is gone. */
  knowsDataKeys(keyPairs: readonly KeyPairWrite[]): boolean {
    const sealed = keyPairs.flatMap(({ row }) => (row ? [row.sealedKey[1] ?? null] : []));
    if (sealed.length === 0) return true;
    const rows = this.#statement('SELECT data_key FROM secret WHERE data_key IS NOT NULL').all();
    const known = new Set((rows as { data_key: number | null }[]).map((row) => row.data_key));
    return known.size === 0 || sealed.every((dataKey) => known.has(dataKey));
  }

  #seals(dataKey: number): boolean {
    return this.#statement(`SELECT 1 FROM key_pair ${UNDER} LIMIT 1`).get(Buffer.of(dataKey)) !== undefined;
  }

  /** Runs `work` in a transaction of its own. */
  #whole<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function areSame(some: readonly Secret[], others: readonly Secret[]): boolean {
  const spell = (all: readonly Secret[]) =>
    all
      .map(({ id, purpose, dataKey, wrapped, createdAtMs }) =>
        JSON.stringify([id, purpose, dataKey, Buffer.from(wrapped).toString('base64'), createdAtMs]),
      )
      .sort()
      .join();
  return spell(some) === spell(others);
}
