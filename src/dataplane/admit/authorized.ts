// What connecting is in the terms of IAM: its action, what is known of whoever may do it, and what a client reads that may not.

import type { Decision } from '../../protocol/iam-policy.ts';
import type { AuthorizerFacts } from '../connections/connection-facts.ts';

export const INVOKE = 'execute-api:Invoke';

/** Members of `identity`, in AWS's names. */
export type IamFacts = Readonly<Record<'accountId' | 'caller' | 'user' | 'userArn' | 'accessKey', string>>;

/** What is known of whoever may connect, for the life of the socket. */
export interface Authorized {
  readonly authorizer?: AuthorizerFacts;
  readonly iam?: IamFacts;
  /** The value of the API key that the authorizer gives its client: told to nobody. */
  readonly usageIdentifierKey?: string | undefined;
}

/** AWS's sentence for a client that may not connect. */
export function notAuthorized(decision: Exclude<Decision, 'allowed'>): string {
  return decision === 'explicitDeny'
    ? 'User is not authorized to access this resource with an explicit deny in an identity-based policy'
    : 'User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action';
}
