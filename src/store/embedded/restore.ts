// A backup into an empty data directory. All of the backup is checked before anything is written, and the database gets its name last:
// a restore that is cut short leaves a directory that holds none.

import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { asProblem, checkDatabase, FORMAT, syncDirectory, type Manifest } from './backup.ts';
import { BackupProblem, extractMember, MEMBERS, readArchive, type Progress } from './backup-archive.ts';
import { openDataDirectory } from './data-directory.ts';
import { MIGRATIONS } from './schema.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly dataDir: string;
  readonly onProgress: (step: string, done: number, total: number) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Whether the directory's own master key lay there already. */
  readonly hasMasterKey: boolean;
  /** True when the key is made from a passphrase. */
  readonly hasSalt: boolean;
}

const DRAFT = 'sallyport.db.restoring';
/** What a directory may hold and is empty all the same, beside the backup's own salt: the key, and what an attempt left. */
const MAY_BE_THERE: readonly string[] = ['master.key', 'lock.db', 'lock.db-journal', DRAFT, `${DRAFT}-journal`];

/** Throws a BackupProblem or a DataDirectoryProblem, and then nothing was restored. */
export function restoreBackup(options: RestoreOptions): Restored {
  const { file, dataDir, onProgress } = options;
  const archive = openArchive(file);
  try {
    const members = readArchive(archive, file, (done, total) => onProgress('checking the backup', done, total));
    const manifest = readManifest(members.get(MEMBERS.manifest)!.text, file);
    const database = members.get(MEMBERS.database);
    const salt = members.get(MEMBERS.salt);
    if (!database) throw new BackupProblem(`${file} is damaged: it holds no ${MEMBERS.database}. Take another backup.`);
    const release = takeEmpty(dataDir, salt?.text);
    try {
      onProgress('writing the database', 0, database.bytes);
      writeDatabase(options, (to, progress) => extractMember(archive, file, database, to, progress), manifest);
      if (salt && !existsSync(join(dataDir, MEMBERS.salt)))
        extractMember(archive, file, salt, join(dataDir, MEMBERS.salt), () => {});
      renameSync(join(dataDir, DRAFT), join(dataDir, MEMBERS.database));
      syncDirectory(dataDir);
      return { manifest, hasMasterKey: existsSync(join(dataDir, 'master.key')), hasSalt: salt !== undefined };
    } finally {
      rmSync(join(dataDir, DRAFT), { force: true });
      release();
    }
  } catch (error) {
    throw asProblem(error, dataDir);
  } finally {
    closeSync(archive);
  }
}

function openArchive(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new BackupProblem(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

function readManifest(text: string, file: string): Manifest {
  const manifest = parseManifest(text);
  if (!manifest)
    throw new BackupProblem(`${file} is damaged: its ${MEMBERS.manifest} says nothing. Take another backup.`);
  if (manifest.format > FORMAT) {
    throw new BackupProblem(
      `${file} was made by sallyport ${manifest.version} in a newer form. Restore it with that version, or a newer one.`,
    );
  }
  if (manifest.schema > MIGRATIONS.length) {
    throw new BackupProblem(
      `${file} was made by sallyport ${manifest.version} and has schema ${manifest.schema}, and this version knows up to ${MIGRATIONS.length}. ` +
        'Restore it with that version, or a newer one.',
    );
  }
  return manifest;
}

function parseManifest(text: string): Manifest | undefined {
  try {
    const said = JSON.parse(text) as Partial<Manifest> | null;
    const numbers = [said?.format, said?.schema, said?.revision];
    const words = [said?.version, said?.startedAt, said?.masterKey];
    const isWhole = numbers.every(Number.isSafeInteger) && words.every((word) => typeof word === 'string');
    return isWhole ? (said as Manifest) : undefined;
  } catch {
    // Not JSON: the caller says so.
    return undefined;
  }
}

/** The database under the name of a draft, whole and sound. */
function writeDatabase(
  { file, dataDir, onProgress }: RestoreOptions,
  extract: (to: string, progress: Progress) => void,
  manifest: Manifest,
): void {
  const draft = join(dataDir, DRAFT);
  for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true });
  extract(draft, (done, total) => onProgress('writing the database', done, total));
  checkDatabase(draft, manifest, (problem) => {
    throw new BackupProblem(`${file} holds a damaged database: ${problem}. Nothing was restored; take another backup.`);
  });
}

/** Takes the directory's lock; a directory that is in use or holds anything is refused, and left as it is. */
function takeEmpty(dataDir: string, salt: string | undefined): () => void {
  // Nothing of ours is put where it does not belong, not even a lock.
  if (existsSync(dataDir) && !readdirSync(dataDir).includes('lock.db')) assertEmpty(dataDir, salt);
  const directory = openDataDirectory(dataDir);
  try {
    assertEmpty(dataDir, salt);
  } catch (error) {
    directory.release();
    throw error;
  }
  return () => directory.release();
}

function assertEmpty(dataDir: string, salt: string | undefined): void {
  const isOurs = (name: string) =>
    name === MEMBERS.salt ? readFileSync(join(dataDir, name), 'utf8') === salt : MAY_BE_THERE.includes(name);
  const stranger = readdirSync(dataDir).find((name) => !isOurs(name));
  if (stranger === undefined) return;
  throw new BackupProblem(
    `--data-dir ${dataDir} is not empty: it holds ${stranger}. A backup is restored into an empty directory alone: choose another, or move this one away.`,
  );
}
