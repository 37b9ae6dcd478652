// What lies on this machine: the data directory, its disk and its schema, the master key, and the accounts file. Where a gateway runs
// elsewhere, this says nothing of its files. Nothing is made, opened for writing, or given other rights.

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { exposureOf, readPrivateFile } from '../../ambient/private-file.ts';
import { parseAccounts, readAccountsText, type KeyEntry } from '../../identity/accounts-file.ts';
import { StartProblem } from '../../model/start-problem.ts';
import { limit } from '../../settings/limits.ts';
import { MIGRATIONS, peekSchema } from '../../store/embedded/schema.ts';
import { readMasterKey } from '../../store/embedded/master-key.ts';
import { counted } from '../terminal.ts';
import { note, problem, well, type Check, type Finding, type Patient } from './finding.ts';

const GIBIBYTE = 2 ** 30;
const PERCENT = 100;
const KEY_LINE = /^[A-Za-z0-9+/]{43}=$/;

/** The directory of the gateway that runs, where it says so: the settings that are read here may be another's. */
function dataDirOf({ settings, gateway }: Patient): string {
  const told = gateway?.status?.addresses['dataDir'];
  return resolve(typeof told === 'string' ? told : settings.dataDir);
}

export const dataDirCheck: Check = {
  name: 'data',
  look(patient) {
    const path = dataDirOf(patient);
    if (!existsSync(path)) return [missing(path, patient)];
    const rights = statSync(path);
    if (!rights.isDirectory())
      return [problem('data', `--data-dir ${path} is no directory`, 'choose another with --data-dir')];
    return [rightsOf(path, rights), ...schemaOf(path)];
  },
};

function missing(path: string, { gateway }: Patient): Finding {
  if (gateway)
    return note(
      'data',
      `there is no ${path} here: the gateway's files are not looked at`,
      'run doctor where the gateway runs, with its --data-dir',
    );
  let parent = dirname(path);
  while (!existsSync(parent)) parent = dirname(parent);
  const code = refusalOf(parent);
  if (code === undefined) return well('data', `--data-dir ${path} is not there yet, and can be made`);
  return problem(
    'data',
    `--data-dir ${path} is not there, and ${parent} cannot be written: ${code}`,
    'choose another with --data-dir, or give this user rights there',
  );
}

function rightsOf(path: string, rights: { readonly mode: number; readonly uid: number }): Finding {
  const code = refusalOf(path);
  if (code === 'EROFS')
    return problem(
      'data',
      `--data-dir ${path} is read-only`,
      'changes are refused: look at the mount (mount | grep, dmesg)',
    );
  if (code !== undefined)
    return problem(
      'data',
      `--data-dir ${path} cannot be written by this user: ${code}`,
      'run as the user of the service, or give it the directory: chown -R',
    );
  // Of a service that is another user's root judges as that user would.
  const user = process.geteuid?.();
  const exposed = user === undefined ? undefined : exposureOf(path, rights, user === 0 ? rights.uid : user);
  if (exposed === undefined) return well('data', `--data-dir ${path} can be written, and by nobody else`);
  return problem('data', `${exposed.split(':', 1)[0]}`, `chmod 700 ${path}`);
}

/** Why it cannot be written; undefined where it can. */
function refusalOf(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function schemaOf(path: string): Finding[] {
  const file = join(path, 'sallyport.db');
  if (!existsSync(file)) return [];
  try {
    const schema = peekSchema(file);
    const known = MIGRATIONS.length;
    if (schema === known) return [well('schema', `schema ${schema}, which this version writes`)];
    if (schema > known)
      return [
        problem(
          'schema',
          `schema ${schema}, of a later sallyport: this version knows up to ${known}`,
          'start the later version, or restore a backup of this one',
        ),
      ];
    return [
      note(
        'schema',
        `schema ${schema}, of an earlier sallyport; this version makes it ${known} at its start, and there is no way back`,
        'make a backup before: sallyport backup FILE',
      ),
    ];
  } catch (error) {
    return [
      problem(
        'schema',
        `${file} cannot be read: ${(error as Error).message}`,
        'restore a backup into an empty directory: sallyport restore',
      ),
    ];
  }
}

export const diskCheck: Check = {
  name: 'disk',
  look(patient) {
    let path = dataDirOf(patient);
    while (!existsSync(path)) path = dirname(path);
    const { bavail, bsize, blocks, ffree, files } = statfsSync(path);
    const free = bavail * bsize;
    const words = `${(free / GIBIBYTE).toFixed(free < GIBIBYTE ? 3 : 1)} GiB (${Math.floor((PERCENT * bavail) / Math.max(blocks, 1))} %) free at ${path}`;
    if (free < limit('diskFreeBytesMin'))
      return [problem('disk', words, 'make room: without any, changes are refused')];
    if (files > 0 && ffree === 0)
      return [problem('disk', `no file can be made at ${path}: no inode is free`, 'remove files')];
    return [well('disk', words)];
  },
};

export const masterKeyCheck: Check = {
  name: 'master key',
  look(patient) {
    const { masterKey } = patient.settings;
    const dataDir = dataDirOf(patient);
    if (masterKey !== undefined) return [namedKey(masterKey, dataDir)];
    const path = join(dataDir, 'master.key');
    if (!existsSync(path)) {
      if (!existsSync(join(dataDir, 'sallyport.db'))) return [];
      return patient.gateway && !existsSync(dataDir)
        ? []
        : [
            problem(
              'master key',
              `there is no ${path}, and a database that it sealed`,
              'put your copy of it there (chmod 600), or name the key with --master-key',
            ),
          ];
    }
    return [ownKey(path)];
  },
};

function namedKey(text: string, dataDir: string): Finding {
  try {
    const { name } = readMasterKey(text, { dataDir, environment: process.env, flag: 'master-key' });
    return well('master key', `${name} can be read, and by nobody else`);
  } catch (error) {
    if (!(error instanceof StartProblem)) throw error;
    return problem(
      'master key',
      error.message.replace(/\.$/, ''),
      'mend that: the gateway does not start without its key',
    );
  }
}

/** `readMasterKey` would mend its rights: here they are told. */
function ownKey(path: string): Finding {
  try {
    const { content, exposure } = readPrivateFile(path, 'service');
    if (exposure !== undefined) return problem('master key', ...halves(exposure));
    if (
      content
        .trim()
        .split('\n')
        .every((line) => KEY_LINE.test(line))
    )
      return well('master key', `${path} can be read, and by nobody else; keep a copy of it apart`);
    return problem('master key', `${path} holds no 32 bytes in base64`, 'put your copy of it there');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return problem('master key', `${path} cannot be read: ${code}`, 'run as the user of the service');
  }
}

export const accountsCheck: Check = {
  name: 'accounts',
  async look({ settings }) {
    const { accountsFile: path } = settings;
    if (path === undefined) return [];
    try {
      const { accounts } = await parseAccounts(path, readAccountsText(path, 'service'));
      const exposed = accounts.flatMap((account) => account.keys.flatMap((key) => secretTrouble(path, key)));
      if (exposed.length > 0) return exposed;
      const keys = accounts.reduce((sum, account) => sum + account.keys.length, 0);
      const words = `${path}: ${counted(accounts.length, 'account')}, ${counted(keys, 'key')}`;
      if (accounts.some(({ operator, disabled }) => operator && !disabled)) return [well('accounts', words)];
      return [
        note('accounts', `${words}, and no account is an operator`, `give one of them operator: true in ${path}`),
      ];
    } catch (error) {
      if (!(error instanceof StartProblem)) throw error;
      return [
        problem(
          'accounts',
          error.message.replace(/\.$/, ''),
          'mend the file: a gateway does not start with it, and one that runs keeps what it had',
        ),
      ];
    }
  },
};

/** What is the matter with the file that holds the secret of a key, where one does. */
function secretTrouble(path: string, { id, place }: KeyEntry): Finding[] {
  if (!('secretFile' in place)) return [];
  const file = resolve(dirname(path), place.secretFile);
  try {
    const { exposure } = readPrivateFile(file, 'service');
    return exposure === undefined ? [] : [problem('accounts', ...halves(exposure))];
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Its name may be the secret itself, in the wrong place.
    return [
      problem(
        'accounts',
        `the secret file of ${id} cannot be read: ${code}`,
        `mend its place in ${path}, or make a new key: sallyport accounts rotate ${id}`,
      ),
    ];
  }
}

/** `FILE can be read by others (mode 0644): chmod 600 FILE`, in its two parts. */
function halves(exposure: string): [string, string] {
  const [found = '', next = ''] = exposure.split(/: (?=ch)/);
  return [found, next];
}
