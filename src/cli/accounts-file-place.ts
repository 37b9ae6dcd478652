// The accounts file on the disk: written whole or not at all, readable by its owner alone, by one command at a time.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { readAccountsText } from '../identity/accounts-file.ts';
import { CommandProblem } from './command-problem.ts';

const ID_CHARACTERS = 16;
const SECRET_BYTES = 30;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `AKIA…`, 20 characters, as AWS's are. */
export function newAccessKeyId(): string {
  return `AKIA${[...randomBytes(ID_CHARACTERS)].map((byte) => BASE32[byte % BASE32.length]).join('')}`;
}

/** 40 characters, as AWS's are. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64');
}

/** The file's text; undefined where there is none. Throws AccountsProblem for one that cannot be read. */
export function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readAccountsText(path, 'service') : undefined;
}

/**
 * Replaces the file by what `change` makes of its text: mode 0600, its owner's. Nobody else changes it meanwhile: a second command
 * is refused. Throws CommandProblem, and whatever `change` throws; then the file is as it was.
 */
export async function changeFile(path: string, change: (text: string | undefined) => Promise<string>): Promise<string> {
  const draft = `${path}.new`;
  let descriptor: number;
  try {
    descriptor = openSync(draft, 'wx', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandProblem(
      code === 'EEXIST'
        ? `${draft} is there: another command changes ${path} at this moment, or was broken off. In the latter case remove it.`
        : `${draft} cannot be written: ${code}.`,
    );
  }
  try {
    const text = await change(readIfThere(path));
    if (existsSync(path)) keepOwner(draft, path);
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
    renameSync(draft, path);
    syncDirectory(dirname(path));
    return text;
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes the secret to a file of its own beside the accounts file. Returns its path as the accounts file names it. */
export function writeSecretFile(path: string, accessKeyId: string, secret: string): string {
  const folder = join(dirname(path), `${basename(path, extname(path))}.secrets`);
  const file = join(folder, `${accessKeyId}.secret`);
  try {
    const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
    writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
    if (existsSync(path)) {
      keepOwner(file, path);
      if (isNew) keepOwner(folder, path, 0o700);
    }
    syncDirectory(folder);
  } catch (error) {
    throw new CommandProblem(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
  return `./${relative(dirname(resolve(path)), resolve(file))}`;
}

/** An administrator who edits for the service leaves the file to the service. */
function keepOwner(file: string, like: string, mode = 0o600): void {
  const { uid, gid } = statSync(like);
  const own = statSync(file);
  if (own.uid !== uid || own.gid !== gid) chownSync(file, uid, gid);
  chmodSync(file, mode);
}

function syncDirectory(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
