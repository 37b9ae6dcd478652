// What functions of the settings file may sign with. On the development credentials that is their account's own key; with accounts
// configured, temporary credentials of the key that the settings name, and of no other: nothing is given that nobody chose.

import type { Clock } from '../ambient/clock.ts';
import { limit } from '../settings/limits.ts';
import { DEVELOPMENT_ACCOUNT, DEVELOPMENT_SECRET, type Identities } from './identities.ts';
import type { SessionTokens } from './session-tokens.ts';

const DEVELOPMENT_KEY = 'test';

export function createFunctionAccounts(identities: () => Identities, sessions: SessionTokens, clock: Clock) {
  return {
    /** What calls of the account to backends are signed with. */
    backendCredentials: (account: string, role?: string) => identities().backendCredentials(account, role),
    /** Whether a function that names no account is the account's: when there is one account, or all are one developer's. */
    ownsUnclaimed: () => identities().hasOneAccount,
    /** Undefined when the function gets none. They outlive the process that gets them. */
    credentialsFor(account: string, accessKey: string | undefined) {
      const current = identities();
      if (current.isDevelopment) {
        const accessKeyId = account === DEVELOPMENT_ACCOUNT ? DEVELOPMENT_KEY : account;
        return { accessKeyId, secret: DEVELOPMENT_SECRET };
      }
      if (accessKey === undefined || current.find(accessKey)?.account !== account) return undefined;
      return sessions.issue(accessKey, clock.now() + limit('functionSessionMs'));
    },
  };
}
