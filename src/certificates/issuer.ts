// Who signs certificates: what the reconciler asks of the local CA and of an authority of ACME alike, and the words in which
// either says that it did not.

import type { Certificate, FailureReason, IssuableAlgorithm } from '../model/certificate.ts';
import type { SignedCertificate } from './signing.ts';

/** A new certificate with its new key, as it came from the issuer: checked by whoever asked before it is used. */
export interface Issued extends SignedCertificate {
  /** What certifies the leaf, in order, without the root (PEM); '' when the root signs leaves itself. */
  readonly intermediatesPem: string;
  /** The root, where it is known. */
  readonly anchorPem?: string;
}

/** How the name was proven here, which decides what the authority can be answered with. */
export type Proof = 'record' | 'address' | 'approval';

export interface IssueRequest {
  readonly certificate: Certificate;
  readonly keyAlgorithm: IssuableAlgorithm;
  readonly proofs: ReadonlyMap<string, Proof>;
  /** The certificate that this one will replace (PEM, leaf first); absent at the first issue. */
  readonly replacedPem?: string;
}

/** When an authority wants a certificate renewed (RFC 9773). Real time. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
  /** When to ask again. */
  readonly askAgainAtMs: number;
}

export interface Issuer {
  readonly name: string;
  /** Domain names that CAA records call it by (RFC 8659); empty when it is bound by none. */
  caaNames(): Promise<readonly string[]>;
  /** True when a name that leads to this server is answered for without a record of its own. */
  readonly canAnswerByAddress: boolean;
  /** True when the authority has a word about when its certificates are renewed (RFC 9773). */
  readonly suggestsRenewal: boolean;
  /** How long before their end certificates of such a lifetime are renewed. */
  renewalLeadMs(lifetimeMs: number): number;
  /** Rejects with an IssueProblem. */
  issue(request: IssueRequest): Promise<Issued>;
  /** Undefined where the authority has no opinion, or could not be asked. */
  renewalWindow(leafPem: string): Promise<RenewalWindow | undefined>;
}

/** Why there is no certificate yet. The message is for people, names the thing and the bound, and holds no secret. */
export class IssueProblem extends Error {
  /** Set when trying again cannot help. */
  readonly failureReason: FailureReason | undefined;
  /** The name that it is about, where it is about one. */
  readonly domainName: string | undefined;
  /** Not before this, in real time: the authority said so, or its limits do. */
  readonly retryAtMs: number | undefined;
  /** What the operator of the server does about it, where waiting alone does not help. */
  readonly remedy: string | undefined;

  constructor(message: string, details: IssueProblemDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'IssueProblem';
    this.failureReason = details.failureReason;
    this.domainName = details.domainName;
    this.retryAtMs = details.retryAtMs;
    this.remedy = details.remedy;
  }
}

interface IssueProblemDetails {
  readonly failureReason?: FailureReason;
  readonly domainName?: string | undefined;
  readonly retryAtMs?: number | undefined;
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}
