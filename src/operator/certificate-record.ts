// Certificates as the operator's surface asks for them, and what an authority's limits leave: the ports behind which the store and
// the issuers answer.

import type { Certificate, CertificateProgress, CertificateStatus } from '../model/certificate.ts';

/** A certificate of an account, whatever became of it, with the note of the work on it while there is some. */
export interface CertificateRecord {
  readonly certificate: Certificate;
  readonly progress: CertificateProgress | undefined;
}

/**
 * The certificates of an account, read from the store.
 * @port certificate-records
 */
export interface CertificateRecords {
  /** Certificates of the account, of any region, whose names cover the host. */
  certificatesFor(account: string, host: string): Promise<readonly CertificateRecord[]>;
  /** All of the account's behind `after`, in order of ARN. */
  certificatesOf(account: string, after: string, limit: number): Promise<readonly CertificateRecord[]>;
  /** Undefined for another account's. */
  certificate(account: string, arn: string): Promise<CertificateRecord | undefined>;
  /** The domain names that use it. */
  usedBy(arn: string, limit: number): Promise<readonly string[]>;
  /** Leaf first, up to the root where it is known (PEM). */
  chainOf(keyPairReference: string): Promise<string | undefined>;
  /** Begins the renewal of an issued certificate now; tells why not, where it cannot be renewed. */
  renewNow(account: string, arn: string, nowMs: number): Promise<'begun' | 'absent' | 'imported' | CertificateStatus>;
}

/** One limit of an authority, and how much of it is used. Real time. */
export interface BudgetLine {
  readonly limit: string;
  readonly allowed: number;
  readonly windowMs: number;
  readonly used: number;
  readonly left: number;
  /** When the next one is given back; undefined while nothing is used. */
  readonly nextAtMs?: number;
  /** What it is counted for, where it is not the whole account: a registered domain. */
  readonly about?: string;
}

/**
 * What the limits of the configured authority leave; undefined where there is no such authority.
 * @port issuer-budget
 */
export interface IssuerBudget {
  (): Promise<readonly BudgetLine[] | undefined>;
}
