// Who may sign: access keys and the accounts they belong to. Either the accounts file, or the development credentials.
// A table is immutable; a reload makes a new one and swaps it whole (accounts.ts).

import { conditionKeyProblem } from './policy-context.ts';
import { parsePolicy, type Policy } from '../protocol/iam-policy.ts';
import { AccountsProblem, readSecret, type AccountsFile, type KeyEntry, type Unseal } from './accounts-file.ts';

export interface Identity {
  readonly account: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly arn: string;
  /** What the key may do; undefined when it may do everything in its account. */
  readonly policies?: readonly Policy[];
  /** The moment in real time from which the key is refused. */
  readonly untilMs?: number;
  /** True for temporary credentials. */
  readonly isSession?: true;
}

/** What calls to backends are signed with, where the operator bound them to an account. */
export interface BackendCredentials {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken: string | undefined;
}

export interface Identities {
  /** Undefined when no such key exists, it is disabled, or the session token is not its own. */
  find(accessKeyId: string, sessionToken?: string): Identity | undefined;
  /** Those of a role of the account, or else of the account; undefined when none are bound to it: its calls are not signed. */
  backendCredentials(account: string, role?: string): BackendCredentials | undefined;
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

export const DEVELOPMENT_SECRET = 'test';
export const DEVELOPMENT_ACCOUNT = '000000000000';

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
    const account = isAccount ? accessKeyId : DEVELOPMENT_ACCOUNT;
    return { account, accessKeyId, secret: DEVELOPMENT_SECRET, arn: arnOf(account, undefined) };
  },
};

function arnOf(account: string, user: string | undefined): string {
  return `arn:aws:iam::${account}:${user === undefined ? 'root' : `user/${user}`}`;
}

/** The table that the accounts file describes. Throws AccountsProblem, also for a secret or a policy that cannot be used. */
export function identitiesOf(file: AccountsFile, unseal: Unseal): Identities {
  const { path, accounts, sharedOwners: groups } = file;
  const table = new Map<string, Identity>();
  const backends = new Map<string, BackendCredentials>();
  for (const { id: account, keys, policies, disabled, backendCredentials: bound } of accounts) {
    for (const key of keys) {
      // Read all the same: a file that is wrong is told of now, not when the key is enabled.
      const identity = identityOf(path, account, key, policies, unseal);
      if (!disabled && !key.disabled) table.set(key.id, identity);
    }
    for (const { role, accessKeyId, sessionToken, place } of bound)
      backends.set(backendName(account, role), {
        accessKeyId,
        secret: readSecret(path, accessKeyId, place, unseal),
        sessionToken,
      });
  }
  const operators = new Set(accounts.flatMap(({ id, operator }) => (operator ? [id] : [])));
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
    hasOneAccount: new Set(accounts.map(({ id }) => id)).size === 1,
    backendCredentials: (id, role) =>
      (role === undefined ? undefined : backends.get(backendName(id, role))) ??
      backends.get(backendName(id, undefined)),
    find: (accessKeyId) => table.get(accessKeyId),
    sharesOwner: (one, other) => one === other || sharedOwners(one).includes(other),
    sharedOwners,
  };
}

/** Roles have no colon in their names. */
function backendName(account: string, role: string | undefined): string {
  return role === undefined ? account : `${account}:${role}`;
}

function identityOf(
  path: string,
  account: string,
  { id, user, place, policies: ofKey, until }: KeyEntry,
  ofAccount: readonly unknown[],
  unseal: Unseal,
): Identity {
  const given = [...ofAccount, ...ofKey];
  return {
    account,
    accessKeyId: id,
    secret: readSecret(path, id, place, unseal),
    arn: arnOf(account, user),
    ...(given.length > 0 && { policies: given.map((one) => readPolicy(path, id, one)) }),
    ...(until !== undefined && { untilMs: Date.parse(until) }),
  };
}

function readPolicy(accountsPath: string, keyId: string, document: unknown): Policy {
  const policy = parsePolicy(document, { keyProblem: conditionKeyProblem });
  if ('problem' in policy)
    throw new AccountsProblem(`--accounts ${accountsPath}: a policy of the access key ${keyId}: ${policy.problem}.`);
  return policy;
}
