// Changes to the accounts file as text: comments and order stay, and what comes out is parsed before it is given back. Pure; who writes
// the file and tells the server is elsewhere.

import { AccountsProblem, parseAccounts, type AccountsFile, type KeyEntry, type SecretPlace } from './accounts-file.ts';

export interface AddedKey {
  readonly id: string;
  readonly place: SecretPlace;
  readonly user?: string | undefined;
  readonly policies?: readonly unknown[] | undefined;
}

export interface AddedAccount {
  readonly id: string;
  readonly name?: string | undefined;
  readonly operator?: boolean | undefined;
}

/** Long secrets stay on their lines. */
const WRITTEN = { lineWidth: 0 } as const;

/** Where a key stands in the file. */
export interface FoundKey {
  readonly account: string;
  readonly key: KeyEntry;
  readonly at: readonly ['accounts', number, 'keys', number];
}

/** A key by its id. Throws AccountsProblem. */
export function findKey({ path, accounts }: AccountsFile, keyId: string): FoundKey {
  for (const [accountAt, { id, keys }] of accounts.entries()) {
    const keyAt = keys.findIndex((key) => key.id === keyId);
    if (keyAt >= 0) return { account: id, key: keys[keyAt]!, at: ['accounts', accountAt, 'keys', keyAt] };
  }
  throw new AccountsProblem(`--accounts ${path}: there is no access key ${keyId}.`);
}

/** The text with a further key; of a new account, where the file has none of that id. `text` is undefined where there is no file. */
export async function withKey(
  path: string,
  text: string | undefined,
  account: AddedAccount,
  key: AddedKey,
): Promise<string> {
  const { id, name, operator } = account;
  const added = { id, ...(name !== undefined && { name }), ...(operator && { operator }), keys: [keyNode(key)] };
  if (text === undefined) {
    const { stringify } = await import('yaml');
    return checked(path, stringify({ accounts: [added] }));
  }
  const document = await documentOf(text);
  const known = (await parseAccounts(path, text)).accounts;
  const at = known.findIndex((one) => one.id === id);
  if (at < 0) document.addIn(['accounts'], document.createNode(added));
  else {
    const isChanged = (name !== undefined && name !== known[at]!.name) || (operator && !known[at]!.operator);
    if (isChanged)
      throw new AccountsProblem(`--accounts ${path}: the account ${id} is there, and is not changed by a key.`);
    document.addIn(['accounts', at, 'keys'], document.createNode(keyNode(key)));
  }
  return checked(path, document.toString(WRITTEN));
}

/** The text with the key's end: the moment in real time from which it is refused. */
export async function withEnd(path: string, text: string, keyId: string, until: string): Promise<string> {
  const { at } = findKey(await parseAccounts(path, text), keyId);
  const document = await documentOf(text);
  document.setIn([...at, 'until'], until);
  return checked(path, document.toString(WRITTEN));
}

/** The text with an account or a key disabled, or enabled again. */
export async function withDisabled(path: string, text: string, id: string, disabled: boolean): Promise<string> {
  const file = await parseAccounts(path, text);
  const accountAt = file.accounts.findIndex((account) => account.id === id);
  const at = accountAt >= 0 ? ['accounts', accountAt] : findKey(file, id).at;
  const document = await documentOf(text);
  if (disabled) document.setIn([...at, 'disabled'], true);
  else document.deleteIn([...at, 'disabled']);
  return checked(path, document.toString(WRITTEN));
}

async function documentOf(text: string) {
  const { parseDocument } = await import('yaml');
  return parseDocument(text);
}

async function checked(path: string, text: string): Promise<string> {
  await parseAccounts(path, text);
  return text;
}

function keyNode({ id, place, user, policies }: AddedKey) {
  return {
    id,
    ...(user !== undefined && { user }),
    ...place,
    ...(policies !== undefined && policies.length > 0 && { policies }),
  };
}
