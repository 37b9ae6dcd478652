// The data directory: made at first start, held by one process at a time, with the database in it.

import { StartProblem } from '../../model/start-problem.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CertificateSource } from '../contract.ts';
import { assertSchemaKnown, peekSchema } from './schema.ts';

/** A data directory that cannot be used; the message is one line that names it and the way out. */
export class DataDirectoryProblem extends StartProblem {}

export interface DataDirectory {
  readonly databasePath: string;
  /** A second, read-only connection for handshakes. Opened after the store has made its tables. */
  openCertificateSource(): CertificateSource & { close(): void };
  /** Lets another process use the directory. The system does the same when this process dies, however it dies. */
  release(): void;
}

/** Makes or opens the directory and takes its lock. Throws DataDirectoryProblem, or SchemaProblem for one of a later version. */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DataDirectoryProblem(
      `--data-dir ${path} cannot be made: ${(error as Error).message}. Choose another with --data-dir.`,
    );
  }
  const lock = takeLock(path);
  const databasePath = join(path, 'sallyport.db');
  try {
    assertSchemaKnown(peekSchema(databasePath), path);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    databasePath,
    openCertificateSource: () => openCertificateSource(databasePath),
    release: () => lock.close(),
  };
}

/** A file lock of SQLite's: the kernel gives it back when the process ends, even by kill -9. */
function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(path, 'lock.db'));
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const { message } = error as Error;
    if (message.includes('locked')) {
      throw new DataDirectoryProblem(
        `--data-dir ${path} is in use by another sallyport. Stop it, or choose another directory.`,
      );
    }
    throw new DataDirectoryProblem(`--data-dir ${path} cannot be written: ${message}. Choose another with --data-dir.`);
  }
}

function openCertificateSource(databasePath: string): CertificateSource & { close(): void } {
  const database = new DatabaseSync(databasePath, { readOnly: true });
  database.exec('PRAGMA busy_timeout = 1000');
  const select = database.prepare('SELECT chain, sealed_key FROM key_pair WHERE reference = ?');
  return {
    read(reference) {
      const row = select.get(reference) as { chain: string; sealed_key: Uint8Array } | undefined;
      return row && { chainPem: row.chain, sealedKey: row.sealed_key };
    },
    close: () => database.close(),
  };
}
