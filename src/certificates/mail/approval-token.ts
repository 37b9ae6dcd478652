// The token of an approval link: what it stands for, and a MAC over it. Nothing of it is kept anywhere, so any number of mails costs
// no storage, and a token that we did not make costs one MAC and no look at the store. It is a secret: never logged.

import { createHmac, timingSafeEqual } from 'node:crypto';

export interface ApprovalClaims {
  readonly certificateArn: string;
  readonly domainName: string;
  /** The address that it was mailed to. */
  readonly mailbox: string;
  /** Lifecycle time. */
  readonly expiresAtMs: number;
  /** Of the ApprovalRound that it approves in. */
  readonly roundId: string;
}

/** Two parts in base64url with a dot between: the claims, and the MAC over the first part as it is written. */
export function signApproval(key: Uint8Array, claims: ApprovalClaims): string {
  const { certificateArn, domainName, mailbox, expiresAtMs, roundId } = claims;
  const payload = Buffer.from(JSON.stringify([certificateArn, domainName, mailbox, expiresAtMs, roundId]));
  const written = payload.toString('base64url');
  return `${written}.${macOf(key, written)}`;
}

/** The claims, or why they do not count: not made here or changed since, or too old. */
export function readApproval(key: Uint8Array, token: string, nowMs: number): ApprovalClaims | 'forged' | Expired {
  const dot = token.indexOf('.');
  const written = token.slice(0, Math.max(dot, 0));
  // Compared as text: a MAC that only decodes to the same bytes is another one.
  const [sent, expected] = [Buffer.from(token.slice(dot + 1)), Buffer.from(macOf(key, written))];
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return 'forged';
  const [certificateArn, domainName, mailbox, expiresAtMs, roundId] = JSON.parse(
    Buffer.from(written, 'base64url').toString(),
  ) as [string, string, string, number, string];
  if (nowMs >= expiresAtMs) return { expired: true, domainName };
  return { certificateArn, domainName, mailbox, expiresAtMs, roundId };
}

export interface Expired {
  readonly expired: true;
  readonly domainName: string;
}

function macOf(key: Uint8Array, written: string): string {
  return createHmac('sha256', key).update(written).digest('base64url');
}
