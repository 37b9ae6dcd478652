// Certificates (custom-domains 5). The private key is not here: it is a sealed row of its own, found by `keyPairReference`.
// Times are milliseconds since the epoch.

import type { Entity } from './entity.ts';

export type CertificateStatus = 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' | 'VALIDATION_TIMED_OUT' | 'FAILED';
export type KeyAlgorithm = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';

export interface DomainValidation {
  readonly domainName: string;
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** The CNAME that proves the name: owner and target, both with a trailing dot. */
  readonly recordName: string;
  readonly recordValue: string;
}

/** What issuing added. A renewal replaces all of it under the same ARN. */
export interface IssuedCertificate {
  readonly keyPairReference: string;
  readonly certificatePem: string;
  readonly chainPem: string;
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly issuedAtMs: number;
}

export interface Certificate extends Entity {
  readonly arn: string;
  readonly domainName: string;
  readonly subjectAlternativeNames: readonly string[];
  readonly validationMethod: 'DNS';
  readonly keyAlgorithm: KeyAlgorithm;
  readonly status: CertificateStatus;
  readonly failureReason?: string;
  readonly validations: readonly DomainValidation[];
  readonly idempotencyToken?: string;
  readonly transparencyLogging: 'ENABLED' | 'DISABLED';
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly issued?: IssuedCertificate;
}

/** The local certificate authority: made at first start. Its key is a sealed row like any other and is never handed out. */
export interface Authority extends Entity {
  readonly certificatePem: string;
  readonly keyPairReference: string;
  readonly notAfterMs: number;
}

/** The certificate that serves API Gateway's own names of one region: `*.execute-api.{region}.{suffix}`. */
export interface ListenerCertificate extends Entity {
  readonly names: readonly string[];
  readonly keyPairReference: string;
  readonly notAfterMs: number;
}

/** A private key sealed for rest, with the chain that goes with it (leaf first, PEM). */
export interface KeyPair {
  readonly reference: string;
  readonly account: string;
  readonly region: string;
  readonly chainPem: string;
  readonly sealedKey: Uint8Array;
}

/** What the last look at one pending name found. Kept beside the certificate; makes no revision. */
export interface ValidationProgress {
  readonly domainName: string;
  readonly attempts: number;
  readonly lookedUp: string;
  readonly server: string;
  readonly found: string;
  readonly triedAtMs: number;
  readonly nextTryAtMs: number;
}
