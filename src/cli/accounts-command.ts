// `sallyport accounts`: who may sign. Lists and changes the accounts file where it lies, and has the gateway read it anew. A secret is
// shown once, when it is made.

import { randomInt } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { digestOf, type LoadedAccounts } from '../identity/accounts.ts';
import {
  parseAccounts,
  readAccountsText,
  readSecret,
  type AccountEntry,
  type AccountsFile,
  type KeyEntry,
  type SecretPlace,
} from '../identity/accounts-file.ts';
import { findKey, withDisabled, withEnd, withKey, type AddedKey } from '../identity/edit-accounts.ts';
import { parsePolicy } from '../protocol/iam-policy.ts';
import { parseDurationMs } from '../settings/read-settings.ts';
import { changeFile, newAccessKeyId, newSecret, readIfThere, writeSecretFile } from './accounts-file-place.ts';
import { CommandProblem } from './command-problem.ts';
import { hasCredentials, NoGatewayProblem, tellControl, type ControlOptions } from './control-client.ts';
import { bold, mark, withEndpoint } from './terminal.ts';

export interface AccountsOptions extends ControlOptions {
  readonly accounts: string;
  readonly json?: boolean;
  /** False: the gateway is not told. */
  readonly reload?: boolean;
}

export interface AddOptions extends AccountsOptions {
  readonly name?: string;
  readonly operator?: boolean;
  readonly user?: string;
  readonly policy?: readonly string[];
  readonly seal?: boolean;
}

export interface RotateOptions extends AccountsOptions {
  readonly keep: string;
}

const ACCOUNT_ID = /^\d{12}$/;

/** Prints every account and its keys, without their secrets. */
export async function listAccountsCommand(options: AccountsOptions): Promise<void> {
  const file = await parseAccounts(options.accounts, readAccountsText(options.accounts, 'service'));
  if (options.json) return console.log(JSON.stringify(file.accounts.map(shown), null, 2));
  for (const account of file.accounts) {
    const { id, name = '', operator, disabled, keys } = account;
    console.log(
      `${mark(!disabled)} ${bold(id)}${name && `  ${name}`}${operator ? '  operator' : ''}${disabled ? '  disabled' : ''}`,
    );
    for (const key of keys) {
      const user = key.user === undefined ? '' : `, user ${key.user}`;
      console.log(
        `    ${key.id.padEnd(20)}  ${stateOf(key)}, secret ${placeWords(key.place)}${user}, ${mayWords(account, key)}`,
      );
    }
  }
}

/** An account with its first key, or a further key of one. */
export async function addAccountCommand(id: string | undefined, options: AddOptions): Promise<void> {
  const account = id ?? newAccountId();
  if (!ACCOUNT_ID.test(account)) throw new CommandProblem(`an account id is 12 digits, and '${account}' is not.`);
  const policies = (options.policy ?? []).map(readPolicyFile);
  const { name, operator, user } = options;
  await makeKey(options, options.seal === true, (path, text, made) =>
    withKey(path, text, { id: account, name, operator }, { ...made, user, policies }),
  );
}

/** A new key with what the old one may do; the old one ends after `--keep`. */
export async function rotateKeyCommand(keyId: string, options: RotateOptions): Promise<void> {
  const untilMs = Date.now() + parseDurationMs('keep', options.keep);
  const until = `${new Date(untilMs).toISOString().slice(0, 19)}Z`;
  const file = await parseAccounts(options.accounts, readAccountsText(options.accounts, 'service'));
  const isSealed = 'sealedSecret' in findKey(file, keyId).key.place;
  await makeKey(options, isSealed, async (path, text, made) => {
    const { account, key } = findKey(await parseAccounts(path, text!), keyId);
    const next = { ...made, user: key.user, policies: key.policies };
    return withKey(path, await withEnd(path, text!, keyId, until), { id: account }, next);
  });
  if (!options.json) console.log(`${keyId} is refused from ${until} on`);
}

/** Takes an account or a key out of use, or back into it. */
export async function disableCommand(id: string, disabled: boolean, options: AccountsOptions): Promise<void> {
  const before = readIfThere(options.accounts);
  const after = await changeFile(options.accounts, (text) =>
    withDisabled(options.accounts, text ?? readAccountsText(options.accounts, 'service'), id, disabled),
  );
  const told = await tellGateway(options, before, after);
  if (options.json) return console.log(JSON.stringify({ id, disabled, gateway: told }, null, 2));
  console.log(`${id} is ${disabled ? 'disabled' : 'enabled'} in ${options.accounts}`);
  printTold(told, options);
}

type Change = (path: string, text: string | undefined, made: Pick<AddedKey, 'id' | 'place'>) => Promise<string>;

async function makeKey(options: AccountsOptions, isSealed: boolean, change: Change): Promise<void> {
  const { accounts: path } = options;
  const [id, secret] = [newAccessKeyId(), newSecret()];
  const before = readIfThere(path);
  const place = isSealed ? await seal(options, before, id, secret) : { secretFile: writeSecretFile(path, id, secret) };
  let after: string;
  try {
    after = await changeFile(path, (text) => change(path, text, { id, place }));
  } catch (error) {
    if ('secretFile' in place) rmSync(resolve(dirname(path), place.secretFile), { force: true });
    throw error;
  }
  const told = await tellGateway(options, before, after);
  const { account } = findKey(await parseAccounts(path, after), id);
  if (options.json) {
    return console.log(JSON.stringify({ account, accessKeyId: id, secretAccessKey: secret, gateway: told }, null, 2));
  }
  console.log(`# account ${account}; the secret is shown this once`);
  console.log(`export AWS_ACCESS_KEY_ID=${id}`);
  console.log(`export AWS_SECRET_ACCESS_KEY=${secret}`);
  printTold(told, options);
}

async function seal(
  options: AccountsOptions,
  text: string | undefined,
  accessKeyId: string,
  secret: string,
): Promise<SecretPlace> {
  const signing = { ...options, ...(await signerOf(options.accounts, text)) };
  const answer = await tellControl(signing, '/_sallyport/accounts/seal', { accessKeyId, secret });
  return { sealedSecret: (answer as { sealedSecret: string }).sealedSecret };
}

/** What the gateway did with the file; words where it did nothing. */
type Told = { readonly loaded: LoadedAccounts } | { readonly notLoaded: string };

async function tellGateway(options: AccountsOptions, before: string | undefined, after: string): Promise<Told> {
  if (options.reload === false) return { notLoaded: 'was not told (--no-reload)' };
  // It still knows the keys from before.
  const signing = { ...options, ...(await signerOf(options.accounts, before ?? after)) };
  try {
    const loaded = (await tellControl(signing, '/_sallyport/accounts/reload', {})) as LoadedAccounts;
    if (loaded.digest === digestOf(after)) return { loaded };
    process.exitCode = 1;
    return { notLoaded: `at ${options.endpoint} reads another file, ${loaded.path}: the change does not count there` };
  } catch (error) {
    if (error instanceof NoGatewayProblem)
      return { notLoaded: `does not answer at ${options.endpoint}: it reads the file when it starts` };
    if (!(error instanceof CommandProblem)) throw error;
    process.exitCode = 1;
    return { notLoaded: `did not take the file: ${error.message} A SIGHUP has it read the file, too` };
  }
}

function printTold(told: Told, options: ControlOptions): void {
  if ('loaded' in told) {
    const { accounts, keys } = told.loaded;
    console.log(`# the gateway has read the file: accounts ${accounts}, keys ${keys}`);
  } else console.log(withEndpoint(`# the gateway ${told.notLoaded}`, options));
}

/** Who asks: the variables, or else an operator of the file itself, who may read it may sign as one. */
async function signerOf(path: string, text: string | undefined): Promise<Pick<ControlOptions, 'credentials'>> {
  if (hasCredentials() || text === undefined) return {};
  const operators = (await parseAccounts(path, text)).accounts.filter(
    ({ operator, disabled }) => operator && !disabled,
  );
  for (const key of operators.flatMap(({ keys }) => keys)) {
    if (key.disabled || 'sealedSecret' in key.place) continue;
    const secret = readSecret(path, key.id, key.place, () => '');
    return { credentials: { accessKeyId: key.id, secret } };
  }
  return {};
}

function newAccountId(): string {
  return String(randomInt(10 ** 11, 10 ** 12));
}

function readPolicyFile(file: string): unknown {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CommandProblem(`--policy ${file}: ${(error as Error).message}`);
  }
  const policy = parsePolicy(document);
  if ('problem' in policy) throw new CommandProblem(`--policy ${file}: ${policy.problem}.`);
  return document;
}

function shown({ id, name, operator, disabled, keys, policies }: AccountsFile['accounts'][number]) {
  return {
    id,
    name,
    operator,
    disabled,
    policies,
    keys: keys.map((key) => ({
      id: key.id,
      user: key.user,
      state: stateOf(key),
      until: key.until,
      secret: placeWords(key.place),
      policies: key.policies,
    })),
  };
}

function stateOf({ disabled, until }: KeyEntry): string {
  if (disabled) return 'disabled';
  if (until === undefined) return 'in use';
  return Date.parse(until) <= Date.now() ? `over since ${until}` : `in use until ${until}`;
}

function placeWords(place: SecretPlace): string {
  if ('secret' in place) return 'in this file';
  return 'sealedSecret' in place ? 'sealed' : `in ${place.secretFile}`;
}

function mayWords(account: AccountEntry, key: KeyEntry): string {
  const count = account.policies.length + key.policies.length;
  return count === 0 ? 'may do everything' : `policies ${count}`;
}
