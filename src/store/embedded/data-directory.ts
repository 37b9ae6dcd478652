// The data directory: made at first start, held by one process at a time, with the master key and the database in it.

import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CertificateSource } from '../contract.ts';

const MASTER_KEY_BYTES = 32;

/** A data directory that cannot be used; the message is one line that names it and the way out. */
export class DataDirectoryProblem extends Error {}

export interface DataDirectory {
  readonly databasePath: string;
  readonly masterKey: Uint8Array;
  /** A second, read-only connection for handshakes. Opened after the store has made its tables. */
  openCertificateSource(): CertificateSource & { close(): void };
  /** Lets another process use the directory. The system does the same when this process dies, however it dies. */
  release(): void;
}

/** Makes or opens the directory and takes its lock. Throws DataDirectoryProblem. */
export function openDataDirectory(path: string, masterKeyFile: string | undefined): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new DataDirectoryProblem(
      `--data-dir ${path} cannot be made: ${(error as Error).message}. Choose another with --data-dir.`,
    );
  }
  const lock = takeLock(path);
  const databasePath = join(path, 'sallyport.db');
  let masterKey: Uint8Array;
  try {
    masterKey = masterKeyFile === undefined ? ownMasterKey(join(path, 'master.key')) : readMasterKey(masterKeyFile);
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    databasePath,
    masterKey,
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

function readMasterKey(file: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new DataDirectoryProblem(`the master key ${file} cannot be read: ${(error as Error).message}.`);
  }
  const key = Buffer.from(text, 'base64');
  if (key.length === MASTER_KEY_BYTES) return key;
  throw new DataDirectoryProblem(
    `the master key ${file} must be ${MASTER_KEY_BYTES} bytes in base64, and has ${key.length}.`,
  );
}

/** The key in the data directory, made at first start: whole or not at all, and readable by its owner alone. */
function ownMasterKey(file: string): Uint8Array {
  if (existsSync(file)) {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    return readMasterKey(file);
  }
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    flag: 'wx',
    flush: true,
  });
  renameSync(draft, file);
  return readMasterKey(file);
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
