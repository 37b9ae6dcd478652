// Certificates (custom-domains 5). The private key is not here: it is a sealed row of its own, found by `keyPairReference`.
// Times are milliseconds since the epoch.

import type { Entity } from './entity.ts';

export type CertificateStatus = 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' | 'VALIDATION_TIMED_OUT' | 'FAILED';
/** What a certificate can be requested with. */
export type IssuableAlgorithm = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
/** What a certificate can be imported with, too. RSA below 2048 bits is not here: no listener would serve it. */
export type KeyAlgorithm = IssuableAlgorithm | 'RSA_3072' | 'RSA_4096' | 'EC_secp521r1';

export interface DomainValidation {
  readonly domainName: string;
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** The CNAME that proves the name: owner and target, both with a trailing dot. */
  readonly recordName: string;
  readonly recordValue: string;
}

/**
 * What issuing or importing added. A renewal or a re-import replaces all of it under the same ARN. The certificate itself lies
 * with its chain in the key pair's row, so that whoever reads many certificates reads no PEM.
 */
export interface IssuedCertificate {
  readonly keyPairReference: string;
  /** Lower-case hex pairs with colons. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly issuedAtMs: number;
}

/** What an imported certificate says of itself, as DescribeCertificate shows it. */
export interface ImportedFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly signatureAlgorithm: string;
  readonly keyUsages: readonly string[];
  readonly extendedKeyUsages: readonly { readonly name: string; readonly oid: string }[];
}

export interface Certificate extends Entity {
  readonly arn: string;
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  readonly domainName: string;
  readonly subjectAlternativeNames: readonly string[];
  /** Absent for an imported certificate, which nobody validated. */
  readonly validationMethod?: 'DNS';
  readonly keyAlgorithm: KeyAlgorithm;
  readonly status: CertificateStatus;
  readonly failureReason?: string;
  readonly validations: readonly DomainValidation[];
  readonly idempotencyToken?: string;
  readonly transparencyLogging: 'ENABLED' | 'DISABLED';
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly issued?: IssuedCertificate;
  readonly imported?: ImportedFacts;
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

/** A private key sealed for rest, with the chain that goes with it (PEM). */
export interface KeyPair {
  readonly reference: string;
  readonly account: string;
  readonly region: string;
  /** What TLS sends: the leaf, then each certificate that certifies the one before. */
  readonly chainPem: string;
  /** The root above, where it is known: a client has it already or does not trust it, so it is never sent (RFC 8446 4.4.2). */
  readonly anchorPem?: string;
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
