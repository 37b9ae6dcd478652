// From a signed request to its caller. Both planes ask here, and each words the refusal in its own way.

import type { Clock } from '../ambient/clock.ts';
import { readClaim, verifySignature, type Claim, type SignedRequest } from '../protocol/sigv4.ts';
import type { Policy } from '../protocol/iam-policy.ts';
import { limit } from '../settings/limits.ts';
import type { Identities } from './identities.ts';

export interface Caller {
  readonly account: string;
  readonly accessKeyId: string;
  readonly arn: string;
  /** Undefined when the caller may do everything in its account. */
  readonly policies?: readonly Policy[];
  /** True for temporary credentials. */
  readonly isSession?: true;
}

export interface Authenticated {
  readonly caller: Caller;
  readonly claim: Claim;
}

/** Why a request has no caller. The message is AWS's and may be sent. */
export interface Unauthenticated {
  readonly unauthenticated: 'missing' | 'incomplete' | 'unknown-key' | 'mismatch' | 'expired' | 'expired-token';
  readonly message: string;
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.';

/** Signatures are checked in real time, never in lifecycle time. */
export function authenticate(
  request: SignedRequest,
  identities: Identities,
  realClock: Clock,
): Authenticated | Unauthenticated {
  const claim = readClaim(request);
  if (claim === 'none') return { unauthenticated: 'missing', message: 'Missing Authentication Token' };
  if ('problem' in claim) return { unauthenticated: 'incomplete', message: claim.problem };
  if (claim.form === 'query' && request.method !== 'GET') {
    return {
      unauthenticated: 'incomplete',
      message: `A signature in the query string counts for GET only, not for ${request.method}.`,
    };
  }
  const nowMs = realClock.now();
  const identity = identities.find(claim.accessKeyId, claim.sessionToken);
  const isOver = identity?.untilMs !== undefined && identity.untilMs <= nowMs;
  if (!identity || (isOver && !identity.isSession))
    return { unauthenticated: 'unknown-key', message: 'The security token included in the request is invalid.' };
  if (isOver)
    return { unauthenticated: 'expired-token', message: 'The security token included in the request is expired' };
  const expired = expiry(claim, nowMs);
  if (expired !== undefined) return { unauthenticated: 'expired', message: expired };
  if (!verifySignature(request, claim, identity.secret)) return { unauthenticated: 'mismatch', message: MISMATCH };
  const { account, accessKeyId, arn, policies, isSession } = identity;
  return {
    caller: { account, accessKeyId, arn, ...(policies && { policies }), ...(isSession && { isSession }) },
    claim,
  };
}

/** AWS's sentence when the signature is too old or from the future; undefined when it is of now. */
function expiry(claim: Claim, nowMs: number): string | undefined {
  const { timeMs: signedAtMs } = claim;
  const skewMs = limit('clockSkewMsMax');
  const stamp = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
  if (signedAtMs > nowMs + skewMs) {
    return `Signature not yet current: ${claim.timestamp} is still later than ${stamp(nowMs + skewMs)} (${stamp(nowMs)} + 5 min.)`;
  }
  const allowedMs = claim.expiresSeconds === undefined ? skewMs : claim.expiresSeconds * 1_000;
  if ((claim.expiresSeconds ?? 0) > limit('presignedExpirySecondsMax')) {
    return `X-Amz-Expires must be less than ${limit('presignedExpirySecondsMax')} seconds`;
  }
  if (signedAtMs + allowedMs < nowMs) {
    return `Signature expired: ${claim.timestamp} is now earlier than ${stamp(nowMs - allowedMs)} (${stamp(nowMs)} - ${Math.ceil(allowedMs / 60_000)} min.)`;
  }
  return undefined;
}
