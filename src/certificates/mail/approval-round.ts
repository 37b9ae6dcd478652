// Which validation an approval is for: the first one of a certificate, or that of the renewal which follows one of its issues. A link
// of an earlier round must never approve a later one.

import type { Certificate, DomainValidation } from '../../model/certificate.ts';

export interface ApprovalRound {
  /** Never the same for two rounds of a certificate. */
  readonly id: string;
  readonly validations: readonly DomainValidation[];
  readonly isRenewal: boolean;
}

const FIRST = 'first';

/** The round that waits for approvals now; undefined when none does. */
export function openRound(certificate: Certificate): ApprovalRound | undefined {
  const { status, validationMethod, validations, issued, renewal } = certificate;
  if (validationMethod !== 'EMAIL') return undefined;
  if (status === 'PENDING_VALIDATION') return { id: FIRST, validations, isRenewal: false };
  const isRenewing = renewal?.status === 'PENDING_AUTO_RENEWAL' || renewal?.status === 'PENDING_VALIDATION';
  if (status !== 'ISSUED' || !issued || !isRenewing) return undefined;
  return { id: renewalRound(issued.serial), validations: renewal.validations, isRenewal: true };
}

function renewalRound(serial: string): string {
  return `after ${serial}`;
}

export type RoundState = 'waiting' | 'approved' | 'superseded' | 'closed' | 'gone';

/** What has become of a name in a round of a certificate, which may be over, or deleted with its certificate. */
export function roundState(certificate: Certificate | undefined, roundId: string, domainName: string): RoundState {
  if (!certificate) return 'gone';
  if (certificate.validationMethod !== 'EMAIL') return 'superseded';
  const round = openRound(certificate);
  if (round && round.id !== roundId) return 'superseded';
  if (round) {
    const status = round.validations.find((validation) => validation.domainName === domainName)?.status;
    return status === 'PENDING_VALIDATION' ? 'waiting' : status === 'SUCCESS' ? 'approved' : 'closed';
  }
  // No round ends in a certificate unless all its names were approved; a renewal that failed left the certificate as it was.
  const { status, issued } = certificate;
  return status === 'ISSUED' && roundId !== renewalRound(issued?.serial ?? '') ? 'approved' : 'closed';
}

/** The certificate with the name approved in its open round. */
export function withApproved(certificate: Certificate, domainName: string, nowMs: number): Certificate {
  const approved = (validations: readonly DomainValidation[]) =>
    validations.map((one) => (one.domainName === domainName ? { ...one, status: 'SUCCESS' as const } : one));
  const { renewal } = certificate;
  if (renewal && openRound(certificate)?.isRenewal === true) {
    const validations = approved(renewal.validations);
    return { ...certificate, renewal: { ...renewal, validations, updatedAtMs: nowMs } };
  }
  return { ...certificate, validations: approved(certificate.validations) };
}
