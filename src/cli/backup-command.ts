// `sallyport backup` and `sallyport restore`: read the settings, tell how far it is, and say where the master key lies, which no
// backup holds. What a backup is, the store knows.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartProblem } from '../model/start-problem.ts';
import { readSettings } from '../settings/read-settings.ts';
import { CONFIG_FLAG } from '../settings/settings.ts';
import { makeBackup } from '../store/embedded/backup.ts';
import { BackupProblem } from '../store/embedded/backup-archive.ts';
import { whereMasterKeyLies } from '../store/embedded/master-key.ts';
import { restoreBackup, type Restored } from '../store/embedded/restore.ts';
import { CommandProblem } from './command-problem.ts';
import { bold } from './terminal.ts';

export interface RestoreFlags {
  readonly dataDir?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export interface BackupFlags extends RestoreFlags {
  readonly force?: boolean;
}

/** How often somebody who does not watch a terminal is told. */
const TOLD_EVERY_MS = 1_000;
const PERCENT = 100;
const MEGABYTE = 1_000_000;

export async function backupCommand(file: string, flags: BackupFlags): Promise<void> {
  const { dataDir, masterKey, accountsFile } = await settingsOf(flags);
  const key = whereMasterKeyLies(masterKey, resolve(dataDir));
  const telling = tellProgress(flags);
  const isForced = flags.force === true;
  const options = { dataDir, file, isForced, masterKey: key, onProgress: telling.progress };
  const manifest = await inOneLine(() => makeBackup(options)).finally(telling.end);
  const { size: bytes } = statSync(file);
  if (flags.json) return console.log(JSON.stringify({ file, bytes, ...manifest }, null, 2));
  const size = `${(bytes / MEGABYTE).toFixed(1)} MB`;
  console.log(
    `${file} holds --data-dir ${dataDir} as of ${manifest.startedAt}: revision ${manifest.revision}, ${size}`,
  );
  console.log(
    `${bold('the master key is not in it')}: keep a copy of ${key} apart from it. Without the key no private key opens`,
  );
  if (accountsFile !== undefined)
    console.log(
      `${accountsFile} is not in it either: keep it with your settings; what is sealed in it opens with this backup and the key`,
    );
}

export async function restoreCommand(file: string, flags: RestoreFlags): Promise<void> {
  const { dataDir } = await settingsOf(flags);
  const telling = tellProgress(flags);
  const restore = async () => restoreBackup({ file, dataDir, onProgress: telling.progress });
  const restored = await inOneLine(restore).finally(telling.end);
  const { manifest, hasMasterKey } = restored;
  if (flags.json) return console.log(JSON.stringify({ dataDir, hasMasterKey, ...manifest }, null, 2));
  console.log(
    `--data-dir ${dataDir} holds ${file} now, as of ${manifest.startedAt}: revision ${manifest.revision}, by sallyport ${manifest.version}`,
  );
  for (const line of nextSteps(restored, dataDir)) console.log(line);
}

/** What the reader has to do about the master key, and how to go on. */
function nextSteps({ manifest, hasMasterKey, hasSalt }: Restored, dataDir: string): string[] {
  const ownKey = join(dataDir, 'master.key');
  const serve = `sallyport serve --data-dir ${dataDir}`;
  if (hasMasterKey) return [`${bold('next')}  ${serve} (with ${ownKey}, which was there already)`];
  // A flag that was named then is to be named again; a file of the directory's own is put where it belongs.
  if (hasSalt || manifest.masterKey.startsWith('--master-key'))
    return [`${bold('next')}  ${serve}, with the same master key as then: it was ${manifest.masterKey}`];
  return [
    `${bold('the master key was not in it')}: it was ${manifest.masterKey}, and no private key opens without it`,
    `${bold('next')}  cp YOUR-COPY ${ownKey} && chmod 600 ${ownKey}, and then ${serve}`,
  ];
}

function settingsOf(flags: RestoreFlags) {
  return readSettings({ [CONFIG_FLAG]: flags.config, 'data-dir': flags.dataDir }, process.env);
}

async function inOneLine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupProblem || error instanceof StartProblem) throw new CommandProblem(error.message);
    throw error;
  }
}

/** A terminal sees one line that grows, everybody else one now and then; who asked for JSON, none. */
function tellProgress({ json }: RestoreFlags) {
  let toldAtMs = performance.now();
  let hasLine = false;
  return {
    progress(step: string, done: number, total: number): void {
      const nowMs = performance.now();
      if (json || nowMs - toldAtMs < TOLD_EVERY_MS) return;
      toldAtMs = nowMs;
      const line = `${step}: ${Math.floor((PERCENT * done) / Math.max(total, 1))} %`;
      if (process.stdout.isTTY) process.stdout.write(`\r${line}\x1b[K`);
      else console.log(line);
      hasLine = process.stdout.isTTY;
    },
    end(): void {
      if (hasLine) process.stdout.write('\r\x1b[K');
    },
  };
}
