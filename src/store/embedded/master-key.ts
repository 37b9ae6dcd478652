// Where the master key comes from: the data directory's own file, a file or a variable that was named, or a passphrase. It is read
// at start and never logged; no problem repeats it, nor anything that may be one by mistake.

import { StartProblem } from '../../model/start-problem.ts';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { randomBytes, scryptSync } from 'node:crypto';
import { dirname, join } from 'node:path';
import { readPrivateFile, type PrivateFile } from '../../ambient/private-file.ts';
import { limit } from '../../settings/limits.ts';
import type { Settings } from '../../settings/settings.ts';

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** OWASP's parameters for scrypt: some 0.4 s and 128 MB, once a start. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 } as const;
const FORMS = 'a FILE, env:NAME, passphrase-file:FILE or passphrase-env:NAME';

/** A master key that cannot be used; the message is one line that names the setting and the way out, and holds no secret. */
export class MasterKeyProblem extends StartProblem {}

export interface MasterKey {
  /** What it is called in messages. */
  readonly name: string;
  /** What it may be: two when its replacement was cut short, else one. */
  readonly candidates: readonly Uint8Array[];
  /** True when nothing was ever sealed under it: it was made just now. */
  readonly isFresh: boolean;
  /** Only the data directory's own key may be replaced; any other is the operator's. */
  readonly isOwn: boolean;
  /**
   * Makes sure that a later start finds these candidates, whole or not at all: called before anything is wrapped under one, and
   * with the one that counts when it is known. Throws MasterKeyProblem.
   */
  keep(candidates: readonly Uint8Array[]): void;
}

export interface MasterKeyPlace {
  readonly dataDir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly flag: 'master-key' | 'previous-master-key';
}

/** Both keys as the settings name them: the previous one is read when it is asked for. */
export function readMasterKeys(
  settings: Pick<Settings, 'dataDir' | 'masterKey' | 'previousMasterKey'>,
  environment: NodeJS.ProcessEnv,
): { readonly master: MasterKey; readonly previous: (() => MasterKey) | undefined } {
  const { dataDir, masterKey, previousMasterKey } = settings;
  const read = (text: string | undefined, flag: MasterKeyPlace['flag']) =>
    readMasterKey(text, { dataDir, environment, flag });
  return {
    master: read(masterKey, 'master-key'),
    previous: previousMasterKey === undefined ? undefined : () => read(previousMasterKey, 'previous-master-key'),
  };
}

export function newMasterKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** Where the key that `text` names lies, in words that hold no secret. Nothing is read. */
export function whereMasterKeyLies(text: string | undefined, dataDir: string): string {
  if (text === undefined) return join(dataDir, 'master.key');
  const [, path = ''] = /^(?:passphrase-file:)?([^:]*)$/.exec(text) ?? [];
  // What is no file may be the key or the passphrase itself.
  if (path !== '' && existsSync(path)) return `--master-key ${text}`;
  return /^[A-Za-z][\w-]*:/.test(text) ? `--master-key ${named(text)}` : '--master-key';
}

/** Reads the key that `text` names; the data directory's own when it is undefined. Changes nothing but the rights of the own file. */
export function readMasterKey(text: string | undefined, place: MasterKeyPlace): MasterKey {
  if (text === undefined) return ownKey(join(place.dataDir, 'master.key'));
  const [, scheme, rest = ''] = /^([A-Za-z][\w-]*):(.*)$/s.exec(text) ?? [];
  switch (scheme) {
    case undefined:
      return fileKey(text, place);
    case 'env':
      return foreignKey(
        `--${place.flag} ${named(`env:${rest}`)}`,
        decode(variable(rest, place), `--${place.flag} ${named(`env:${rest}`)}`),
      );
    case 'passphrase-file':
      return passphraseKey(readNamed(rest, place), `--${place.flag} passphrase-file:${rest}`, place);
    case 'passphrase-env':
      return passphraseKey(variable(rest, place), `--${place.flag} ${named(`passphrase-env:${rest}`)}`, place);
    default:
      // The rest may be the secret itself, so it is not repeated.
      throw new MasterKeyProblem(`--${place.flag}: expected ${FORMS}.`);
  }
}

/** The text itself where it is spelled like a variable, so that a key or a passphrase in the wrong place is not repeated. */
function named(text: string): string {
  return /^[a-z-]+:[A-Z_][A-Z0-9_]*$/.test(text) ? text : text.slice(0, text.indexOf(':'));
}

function variable(name: string, { environment, flag }: MasterKeyPlace): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  const which = /^[A-Z_][A-Z0-9_]*$/.test(name) ? `the variable ${name}` : 'the variable that it names';
  throw new MasterKeyProblem(`--${flag}: ${which} is not set. Expected ${FORMS}.`);
}

const isKey = (text: string) => /^[A-Za-z0-9+/]{43}=$/.test(text);

function decode(text: string, name: string): Uint8Array {
  const trimmed = text.trim();
  const key = Buffer.from(trimmed, 'base64');
  if (isKey(trimmed)) return key;
  const found = key.length === KEY_BYTES ? 'is not' : `has ${key.length}`;
  throw new MasterKeyProblem(`the master key ${name} must be ${KEY_BYTES} bytes in base64, and ${found}.`);
}

function foreignKey(name: string, key: Uint8Array): MasterKey {
  return { name, candidates: [key], isFresh: false, isOwn: false, keep: () => {} };
}

function fileKey(file: string, place: MasterKeyPlace): MasterKey {
  return foreignKey(`--${place.flag} ${file}`, decode(readNamed(file, place), file));
}

/** A file that was named must be there, and nobody else may be able to read it. */
function readNamed(file: string, { flag }: MasterKeyPlace): string {
  let read: PrivateFile;
  try {
    read = readPrivateFile(file);
  } catch (error) {
    // What is no path may be the key or passphrase itself.
    const isPath = /^\.{0,2}\//.test(file) && !isKey(file.trim());
    const { code } = error as NodeJS.ErrnoException;
    const what = isPath
      ? `the master key ${file} cannot be read: ${code}`
      : `--${flag}: the file cannot be read: ${code}`;
    throw new MasterKeyProblem(`${what}. Expected ${FORMS}.`);
  }
  if (read.exposure !== undefined) throw new MasterKeyProblem(`--${flag} ${read.exposure}`);
  return read.content;
}

function passphraseKey(text: string, name: string, place: MasterKeyPlace): MasterKey {
  const passphrase = text.replace(/\r?\n$/, '').normalize('NFC');
  const shortest = limit('passphraseCharactersMin');
  if (passphrase.length < shortest) {
    throw new MasterKeyProblem(
      `${name}: the passphrase has ${passphrase.length} characters, at least ${shortest} are needed.`,
    );
  }
  const saltFile = join(place.dataDir, 'master.salt');
  const isFresh = !existsSync(saltFile);
  const salt = isFresh ? randomBytes(SALT_BYTES) : readSalt(saltFile);
  return {
    name: `${name} (with the salt of ${saltFile})`,
    candidates: [scryptSync(passphrase, salt, KEY_BYTES, SCRYPT)],
    isFresh,
    isOwn: false,
    keep: () => isFresh && writeWhole(saltFile, `${salt.toString('base64')}\n`),
  };
}

function readSalt(file: string): Buffer {
  const salt = Buffer.from(readOwn(file).trim(), 'base64');
  if (salt.length === SALT_BYTES) return salt;
  throw new MasterKeyProblem(`the salt ${file} must be ${SALT_BYTES} bytes in base64, and has ${salt.length}.`);
}

/** The key in the data directory, readable by its owner alone; a fresh one, kept when it is first used, where there is none. */
function ownKey(file: string): MasterKey {
  const isFresh = !existsSync(file);
  if (!isFresh && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  const candidates = isFresh
    ? [newMasterKey()]
    : readOwn(file)
        .trim()
        .split('\n')
        .map((line) => decode(line, file));
  let kept = isFresh ? '' : spell(candidates);
  return {
    name: file,
    candidates,
    isFresh,
    isOwn: true,
    keep(wanted) {
      if (spell(wanted) !== kept) writeWhole(file, spell(wanted));
      kept = spell(wanted);
    },
  };
}

function spell(keys: readonly Uint8Array[]): string {
  return keys.map((key) => `${Buffer.from(key).toString('base64')}\n`).join('');
}

function readOwn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new MasterKeyProblem(`the master key ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
  }
}

/** On the disk under its name, whole, before this returns. */
function writeWhole(file: string, content: string): void {
  const draft = `${file}.new`;
  try {
    rmSync(draft, { force: true });
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
    renameSync(draft, file);
    const directory = openSync(dirname(file), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    throw new MasterKeyProblem(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
