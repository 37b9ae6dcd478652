// A backup of a data directory: one consistent copy of its database, taken while the gateway serves or without one, and what is
// needed beside it. The master key is never in it, nor what belongs to one running process: the journal of `$disconnect`, the
// outbox, the lock. The store's thread waits for nothing here.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite';
import { readVersion } from '../../settings/version.ts';
import { ArchiveWriter, BackupProblem, MEMBERS, type Progress } from './backup-archive.ts';
import { assertSchemaKnown, schemaOf } from './schema.ts';

/** What a backup says of itself. */
export interface Manifest {
  /** Of the form of the archive. */
  readonly format: number;
  /** Of the program that made it. */
  readonly version: string;
  readonly schema: number;
  readonly revision: number;
  /** All that was acknowledged before this moment of real time is in it. */
  readonly startedAt: string;
  /** Where the master key was that opens it; in words, and no secret. */
  readonly masterKey: string;
}

export const FORMAT = 1;

export interface BackupOptions {
  readonly dataDir: string;
  readonly file: string;
  /** Whether a file of that name may be replaced. */
  readonly isForced: boolean;
  readonly masterKey: string;
  readonly onProgress: (step: string, done: number, total: number) => void;
}

/** Some four megabytes at a time: between two of them the command can tell how far it is. */
const PAGES_AT_ONCE = 1_000;

/**
 * Resolves when the backup is under its name and on the disk; whatever happens before that, nothing of this run is under the name.
 * Throws a BackupProblem.
 */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { dataDir, file, isForced } = options;
  const source = join(dataDir, 'sallyport.db');
  if (!existsSync(source))
    throw new BackupProblem(
      `--data-dir ${dataDir} holds no sallyport.db. Name the directory of the gateway with --data-dir.`,
    );
  if (!isForced && existsSync(file))
    throw new BackupProblem(`${file} is there already. Choose another name, or replace it with --force.`);
  const draft = `${file}.sallyport-draft`;
  const copy = `${draft}.db`;
  const clear = () => {
    for (const path of [draft, copy, `${copy}-journal`, `${copy}-wal`, `${copy}-shm`]) rmSync(path, { force: true });
  };
  try {
    // What a run that was killed left behind.
    clear();
    const manifest = await copyConsistently(source, copy, options);
    writeArchive(draft, copy, manifest, options);
    if (!isForced && existsSync(file))
      throw new BackupProblem(`${file} came to be there meanwhile. Choose another name.`);
    renameSync(draft, file);
    syncDirectory(dirname(file));
    return manifest;
  } catch (error) {
    throw asProblem(error, file);
  } finally {
    clear();
  }
}

async function copyConsistently(source: string, copy: string, options: BackupOptions): Promise<Manifest> {
  const startedAt = new Date().toISOString();
  // The copy is for its owner alone from its first octet.
  closeSync(openSync(copy, 'wx', 0o600));
  const database = new DatabaseSync(source, { readOnly: true });
  try {
    assertSchemaKnown(schemaOf(database), options.dataDir);
    // A read transaction holds one moment fast for as long as the copy takes; commits go on behind it.
    database.exec('BEGIN');
    const revision = revisionOf(database);
    const schema = schemaOf(database);
    const progress = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }) =>
      options.onProgress('copying the database', totalPages - remainingPages, totalPages);
    await copyDatabase(database, copy, { rate: PAGES_AT_ONCE, progress });
    checkDatabase(copy, { schema, revision }, (problem) => {
      throw new BackupProblem(
        `the database of --data-dir ${options.dataDir} is damaged: ${problem}. No backup was made; keep the ones you have, and restore the newest.`,
      );
    });
    return { format: FORMAT, version: readVersion(), schema, revision, startedAt, masterKey: options.masterKey };
  } finally {
    database.close();
  }
}

function writeArchive(draft: string, copy: string, manifest: Manifest, { dataDir, onProgress }: BackupOptions): void {
  const archive = new ArchiveWriter(draft, Date.parse(manifest.startedAt));
  const progress: Progress = (done, total) => onProgress('writing the backup', done, total);
  try {
    archive.addText(MEMBERS.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
    const salt = join(dataDir, MEMBERS.salt);
    if (existsSync(salt)) archive.addText(MEMBERS.salt, readFileSync(salt, 'utf8'));
    archive.addFile(MEMBERS.database, copy, progress);
  } catch (error) {
    archive.close();
    throw error;
  }
  archive.finish();
}

/** Tells what is wrong with a database that lies apart, if anything is; leaves it as one file without a log beside it. */
export function checkDatabase(
  path: string,
  expected: Pick<Manifest, 'schema' | 'revision'>,
  refuse: (problem: string) => never,
): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    const [{ integrity_check: found }] = database.prepare('PRAGMA integrity_check(1)').all() as [
      { integrity_check: string },
    ];
    if (found !== 'ok') refuse(found.split('\n')[0]!);
    if (schemaOf(database) !== expected.schema) refuse(`its schema is ${schemaOf(database)}, not ${expected.schema}`);
    if (revisionOf(database) !== expected.revision)
      refuse(`its revision is ${revisionOf(database)}, not ${expected.revision}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SQLITE_ERROR') throw error;
    refuse((error as Error).message);
  } finally {
    database.close();
  }
}

function revisionOf(database: DatabaseSync): number {
  return (database.prepare('SELECT number FROM revision').get() as { number: number }).number;
}

export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
}

/** The system's and SQLite's refusals in one line of ours. */
export function asProblem(error: unknown, file: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_SQLITE_ERROR') return new BackupProblem(`the database cannot be copied: ${message}.`);
  return code !== undefined && /^E[A-Z]+$/.test(code)
    ? new BackupProblem(`${file} cannot be written: ${message}.`)
    : error;
}
