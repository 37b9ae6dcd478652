// The identities that count at this moment, and the way to others: the accounts file is read anew, and its table is swapped whole. A
// file that cannot be used changes nothing. No socket is closed, whoever opened it.

import { hash } from 'node:crypto';
import type { Log } from '../observe/log.ts';
import { parseAccounts, readAccountsText } from './accounts-file.ts';
import { developmentIdentities, identitiesOf, type Identities } from './identities.ts';
import { createSealedSecrets, type SealedSecrets } from './sealed-secrets.ts';
import { createSessionTokens, withSessions, type SessionTokens } from './session-tokens.ts';

export interface LoadedAccounts {
  /** As the settings name it. */
  readonly path: string;
  /** SHA-256 of the file's text, in hex: whoever wrote it can tell whether it is the one that was read. */
  readonly digest: string;
  readonly accounts: number;
  /** Those that may sign now. */
  readonly keys: number;
}

export interface Accounts {
  current(): Identities;
  /** What the table in use was made of; undefined for the development credentials. */
  loaded(): LoadedAccounts | undefined;
  /** Reads the file anew. Throws AccountsProblem, and then the table in use stays; the log has it either way. Undefined where there is no file. */
  reload(): Promise<LoadedAccounts | undefined>;
  /** Why the file was not taken when it was read last; undefined when it was. */
  trouble(): string | undefined;
  /** Secrets as they may lie in the file. */
  readonly sealed: SealedSecrets;
  /** Temporary credentials. */
  readonly sessions: SessionTokens;
}

/**
 * The development credentials where `path` is undefined. `keyBytes` is what secrets in the file are sealed with, and sessions made.
 * Throws AccountsProblem.
 */
export async function openAccounts(path: string | undefined, keyBytes: Uint8Array, log: Log): Promise<Accounts> {
  const secrets = { sealed: createSealedSecrets(keyBytes), sessions: createSessionTokens(keyBytes) };
  const development = withSessions(developmentIdentities, secrets.sessions);
  let table = path === undefined ? undefined : await load(path, secrets);
  let trouble: string | undefined;
  let turn = Promise.resolve();
  return {
    ...secrets,
    current: () => table?.identities ?? development,
    loaded: () => table?.loaded,
    trouble: () => trouble,
    async reload() {
      if (path === undefined) return undefined;
      // In turns: the file that was read last is the one that counts.
      const read = turn.then(() => load(path, secrets));
      turn = read.then(
        (next) => {
          table = next;
          trouble = undefined;
          log.info('the accounts file was read anew', { ...next.loaded });
        },
        (error: Error) => {
          trouble = `the file was not taken: ${error.message}`;
          log.error('the accounts file was not taken: the accounts stay as they were', { reason: error.message });
        },
      );
      await turn;
      return (await read).loaded;
    },
  };
}

async function load(
  path: string,
  { sealed, sessions }: Pick<Accounts, 'sealed' | 'sessions'>,
): Promise<{ identities: Identities; loaded: LoadedAccounts }> {
  const text = readAccountsText(path);
  const file = await parseAccounts(path, text);
  const identities = withSessions(identitiesOf(file, sealed.unseal), sessions);
  const keys = file.accounts.flatMap(({ keys: ofAccount }) => ofAccount.filter(({ id }) => identities.find(id))).length;
  return { identities, loaded: { path, digest: digestOf(text), accounts: file.accounts.length, keys } };
}

export function digestOf(text: string): string {
  return hash('sha256', text, 'hex');
}
