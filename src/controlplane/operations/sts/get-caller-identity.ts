// GetCallerIdentity: whose key signed the request. No policy can take it away, as at AWS.

import { hash } from 'node:crypto';
import type { Operation } from '../operation.ts';

const USER_ID_CHARACTERS = 17;

export const getCallerIdentity: Operation<'sts', 'GetCallerIdentity'> = async (_input, { caller }) => {
  const { account, arn } = caller;
  return { UserId: userIdOf(account, arn), Account: account, Arn: arn };
};

/** The root of an account goes by the account's id, a user by an id of its own, which its ARN makes. */
function userIdOf(account: string, arn: string): string {
  if (arn.endsWith(':root')) return account;
  return `AIDA${hash('sha256', arn, 'hex').toUpperCase().slice(0, USER_ID_CHARACTERS)}`;
}
