// What the approval page asks: what a link is for, and to approve it. Approving marks one name of one certificate, in one
// transaction; the reconciler follows the change and goes on.

import type { Clock } from '../../ambient/clock.ts';
import type { Certificate } from '../../model/certificate.ts';
import type { Log } from '../../observe/log.ts';
import type { Store } from '../../store/contract.ts';
import { openRound, roundState, withApproved, type RoundState } from './approval-round.ts';
import { readApproval, type ApprovalClaims } from './approval-token.ts';

export interface ApprovalParts {
  readonly store: Store;
  /** Derived for approvals alone. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

export type Approval =
  | { readonly state: 'forged' }
  | { readonly state: 'expired' | 'superseded' | 'closed' | 'gone'; readonly domainName: string }
  | ({ readonly state: 'waiting' | 'approved' | 'accepted' } & Asked);

interface Asked {
  readonly domainName: string;
  readonly names: readonly string[];
  readonly account: string;
  readonly requestedBy: string | undefined;
  readonly region: string;
  readonly untilMs: number;
  readonly isRenewal: boolean;
}

export function createApprovals({ store, key, clock, log }: ApprovalParts) {
  /** `act` sees claims that are ours and not too old. */
  async function claimed(token: string, act: (claims: ApprovalClaims) => Promise<Approval>): Promise<Approval> {
    const claims = readApproval(key, token, clock.now());
    if (claims === 'forged') return { state: 'forged' };
    return 'expired' in claims ? { state: 'expired', domainName: claims.domainName } : act(claims);
  }
  return {
    /** What the link would approve. Changes nothing. Rejects with ServiceUnavailableException when the store is away. */
    look: (token: string): Promise<Approval> =>
      claimed(token, async (claims) => {
        const certificate = await store.view.get('certificate', claims.certificateArn);
        return approvalOf(certificate, claims, stateOf(certificate, claims));
      }),

    /** Approves the name once: 'accepted' is said by the call that did it, 'approved' by every later one. `from` is logged. */
    approve: (token: string, from: string): Promise<Approval> =>
      claimed(token, async (claims) => {
        const { certificateArn: arn, domainName, mailbox } = claims;
        const { certificate, before } = await store.transact(async (transaction) => {
          const current = await transaction.get('certificate', arn);
          const state = stateOf(current, claims);
          if (current && state === 'waiting') {
            transaction.put('certificate', withApproved(current, domainName, clock.now()));
          }
          return { certificate: current, before: state };
        });
        if (before !== 'waiting') return approvalOf(certificate, claims, before);
        log.info('a name was approved by mail', { arn, account: certificate?.account, domainName, mailbox, from });
        return approvalOf(certificate, claims, 'accepted');
      }),
  };
}

function stateOf(certificate: Certificate | undefined, { roundId, domainName }: ApprovalClaims): RoundState {
  return roundState(certificate, roundId, domainName);
}

function approvalOf(
  certificate: Certificate | undefined,
  { domainName, expiresAtMs: untilMs }: ApprovalClaims,
  state: RoundState | 'accepted',
): Approval {
  if (!certificate) return { state: 'gone', domainName };
  if (state !== 'waiting' && state !== 'approved' && state !== 'accepted') return { state, domainName };
  const { subjectAlternativeNames: names, account, requestedBy, region } = certificate;
  const isRenewal = openRound(certificate)?.isRenewal ?? false;
  return { state, domainName, names, account, requestedBy, region, untilMs, isRenewal };
}
