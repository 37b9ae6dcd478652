// Who may sign: access keys and the accounts they belong to. Either the accounts file, or the development credentials.
// A table is immutable; a reload makes a new one and swaps it whole.

import { StartProblem } from '../model/start-problem.ts';
import { conditionKeyProblem } from './policy-context.ts';
import { parsePolicy, type Policy } from '../protocol/iam-policy.ts';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Identity {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly arn: string;
  /** What the key may do; undefined when it may do everything in its account. */
  readonly policies?: readonly Policy[];
}

/** What calls to backends are signed with, where the operator bound them to an account. */
export interface BackendCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken: string | undefined;
}

export interface Identities {
  /** Undefined when no such key exists. */
  find(accessKeyId: string): Identity | undefined;
  /** Undefined when none are bound to the account: its calls are not signed. */
  backendCredentials(account: string): BackendCredentials | undefined;
  /** True for test/test: no accounts are configured. */
  readonly isDevelopment: boolean;
  /** True for accounts that may do what concerns the whole server, such as rotating its keys. */
  isOperator(account: string): boolean;
  /** True when whatever leads to this server belongs to one account: there is no other, or the machine is one developer's. */
  readonly hasOneAccount: boolean;
  /** True when the operator recorded that the two accounts have one owner: their domain names may overlap. */
  sharesOwner(account: string, other: string): boolean;
  /** The other accounts that have the account's owner. */
  sharedOwners(account: string): readonly string[];
}

/** An accounts file that cannot be used; the message is one line. */
export class AccountsProblem extends StartProblem {}

const SECRET_CHARACTERS_MIN = 8;
const DEVELOPMENT_SECRET = 'test';
const DEVELOPMENT_ACCOUNT = '000000000000';

/** `test`/`test` is account 000000000000; a 12-digit access key id with secret `test` is that account. */
export const developmentIdentities: Identities = {
  isDevelopment: true,
  isOperator: () => true,
  hasOneAccount: true,
  sharesOwner: (account, other) => account === other,
  sharedOwners: () => [],
  backendCredentials: (account) => ({ accessKeyId: account, secret: DEVELOPMENT_SECRET, sessionToken: undefined }),
  find(accessKeyId) {
    const isAccount = /^\d{12}$/.test(accessKeyId);
    if (!isAccount && accessKeyId !== 'test') return undefined;
    return identity(isAccount ? accessKeyId : DEVELOPMENT_ACCOUNT, accessKeyId, DEVELOPMENT_SECRET);
  },
};

function identity(account: string, accessKeyId: string, secret: string, policies?: readonly Policy[]): Identity {
  return { account, accessKeyId, secret, arn: `arn:aws:iam::${account}:root`, ...(policies && { policies }) };
}

type Zod = (typeof import('zod'))['z'];

/** What the file holds; zod is loaded when there is one. */
function accountsSchema(z: Zod) {
  const policies = z.array(z.unknown()).min(1).optional();
  const key = z.union([
    z.strictObject({ id: z.string().min(3), secret: z.string().min(SECRET_CHARACTERS_MIN), policies }),
    z.strictObject({ id: z.string().min(3), secretFile: z.string().min(1), policies }),
  ]);
  const bound = { accessKeyId: z.string().min(3), sessionToken: z.string().min(1).optional() };
  const account = z.strictObject({
    id: z.string().regex(/^\d{12}$/, 'an account id is 12 digits, in quotes'),
    name: z.string().optional(),
    operator: z.boolean().default(false),
    keys: z.array(key).min(1),
    policies,
    backendCredentials: z
      .union([
        z.strictObject({ ...bound, secret: z.string().min(SECRET_CHARACTERS_MIN) }),
        z.strictObject({ ...bound, secretFile: z.string().min(1) }),
      ])
      .optional(),
  });
  const groupsOfOwners = z.array(z.array(account.shape.id).min(2)).default([]);
  return z.strictObject({ accounts: z.array(account).min(1), sharedOwners: groupsOfOwners });
}

/**
 * Reads the accounts file: `accounts: [{id, name, operator, keys: [{id, secret | secretFile, policies}], policies, backendCredentials}]`, and `sharedOwners`, groups of account ids
 * that have one owner. Throws AccountsProblem.
 */
export async function readAccountsFile(path: string): Promise<Identities> {
  const [{ parse }, { z }] = await Promise.all([import('yaml'), import('zod')]);
  let content: unknown;
  try {
    content = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AccountsProblem(`--accounts ${path}: ${(error as Error).message.split('\n')[0]}`);
  }
  const parsed = accountsSchema(z).safeParse(content);
  if (!parsed.success) {
    throw new AccountsProblem(`--accounts ${path}: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
  }
  const table = new Map<string, Identity>();
  for (const { id, keys, policies: ofAccount = [] } of parsed.data.accounts) {
    for (const entry of keys) {
      const given = [...ofAccount, ...(entry.policies ?? [])];
      if (table.has(entry.id))
        throw new AccountsProblem(`--accounts ${path}: the access key ${entry.id} is listed twice.`);
      table.set(
        entry.id,
        identity(
          id,
          entry.id,
          'secret' in entry ? entry.secret : readSecret(path, entry.secretFile),
          given.length === 0 ? undefined : given.map((one) => readPolicy(path, entry.id, one)),
        ),
      );
    }
  }
  const backends = new Map<string, BackendCredentials>();
  for (const { id, backendCredentials: given } of parsed.data.accounts) {
    if (!given) continue;
    const secret = 'secret' in given ? given.secret : readSecret(path, given.secretFile);
    backends.set(id, { accessKeyId: given.accessKeyId, secret, sessionToken: given.sessionToken });
  }
  const operators = new Set(parsed.data.accounts.flatMap(({ id, operator }) => (operator ? [id] : [])));
  const groups = parsed.data.sharedOwners;
  const sharedOwners = (of: string) => [
    ...new Set(
      groups
        .filter((group) => group.includes(of))
        .flat()
        .filter((other) => other !== of),
    ),
  ];
  return {
    isDevelopment: false,
    isOperator: (id) => operators.has(id),
    hasOneAccount: new Set(parsed.data.accounts.map(({ id }) => id)).size === 1,
    backendCredentials: (id) => backends.get(id),
    find: (accessKeyId) => table.get(accessKeyId),
    sharesOwner: (one, other) => one === other || sharedOwners(one).includes(other),
    sharedOwners,
  };
}

function readPolicy(accountsPath: string, keyId: string, document: unknown): Policy {
  const policy = parsePolicy(document, { keyProblem: conditionKeyProblem });
  if ('problem' in policy)
    throw new AccountsProblem(`--accounts ${accountsPath}: a policy of the access key ${keyId}: ${policy.problem}.`);
  return policy;
}

function readSecret(accountsPath: string, file: string): string {
  let secret: string;
  try {
    secret = readFileSync(resolve(dirname(accountsPath), file), 'utf8').trim();
  } catch (error) {
    throw new AccountsProblem(
      `--accounts ${accountsPath}: the secret file ${file} cannot be read: ${(error as Error).message}`,
    );
  }
  if (secret.length >= SECRET_CHARACTERS_MIN) return secret;
  throw new AccountsProblem(
    `--accounts ${accountsPath}: the secret in ${file} has ${secret.length} characters, at least ${SECRET_CHARACTERS_MIN} are needed.`,
  );
}
