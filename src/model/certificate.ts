// Certificates (custom-domains 5). The private key is not here: it is a sealed row of its own, found by `keyPairReference`.
// Times are milliseconds since the epoch.

import type { Entity } from './entity.ts';

export type CertificateStatus = 'PENDING_VALIDATION' | 'ISSUED' | 'EXPIRED' | 'VALIDATION_TIMED_OUT' | 'FAILED';
/** What a certificate can be requested with. */
export type IssuableAlgorithm = 'RSA_2048' | 'EC_prime256v1' | 'EC_secp384r1';
/** What a certificate can be imported with, too. RSA below 2048 bits is not here: no listener would serve it. */
export type KeyAlgorithm = IssuableAlgorithm | 'RSA_3072' | 'RSA_4096' | 'EC_secp521r1';

export type ValidationMethod = 'DNS' | 'EMAIL';
/** Why a certificate can never be issued, or a renewal does not succeed (custom-domains 5.5). */
export type FailureReason =
  | 'ADDITIONAL_VERIFICATION_REQUIRED'
  | 'CAA_ERROR'
  | 'DOMAIN_NOT_ALLOWED'
  | 'DOMAIN_VALIDATION_DENIED'
  | 'INVALID_PUBLIC_DOMAIN'
  | 'OTHER';

export interface DomainValidation {
  readonly domainName: string;
  readonly status: 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** Where mail about the name goes: the name itself, or a parent of it. */
  readonly validationDomain: string;
  /** The CNAME that proves the name: owner and target, both with a trailing dot. */
  readonly recordName: string;
  readonly recordValue: string;
  /** When mail was handed over; absent while it is still to be sent, and again when somebody asked for more. */
  readonly mailedAtMs?: number;
}

/** The managed renewal of a certificate, from the moment it began (custom-domains 5.11). */
export interface Renewal {
  readonly status: 'PENDING_AUTO_RENEWAL' | 'PENDING_VALIDATION' | 'SUCCESS' | 'FAILED';
  readonly validations: readonly DomainValidation[];
  readonly reason?: FailureReason;
  readonly updatedAtMs: number;
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
  /** What signed it: `SHA256WITHRSA`. Absent for an imported certificate, which says so itself. */
  readonly signatureAlgorithm?: string;
  /** The organization that signed it, where it is not the local CA. */
  readonly issuerName?: string;
  /** When its renewal begins; for an imported certificate, when its end is first told of. */
  readonly renewAtMs: number;
  /** When it is first looked at: when its renewal begins, or sooner where the authority has a word about that (RFC 9773). */
  readonly reviewAtMs: number;
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
  readonly validationMethod?: ValidationMethod;
  /** Which of the configured issuers signs it; absent for an imported certificate. */
  readonly issuer?: string;
  /** True when the request named that issuer: only then is it shown. */
  readonly isIssuerChosen?: boolean;
  /** The access key that asked for it. */
  readonly requestedBy?: string;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly status: CertificateStatus;
  readonly failureReason?: FailureReason;
  readonly validations: readonly DomainValidation[];
  readonly idempotencyToken?: string;
  /** What was asked for together with the token: a repetition is known by it whatever has changed since. */
  readonly requestDigest?: string;
  readonly transparencyLogging: 'ENABLED' | 'DISABLED';
  /** Whether its key may leave through ExportCertificate. */
  readonly exportOption: 'ENABLED' | 'DISABLED';
  /** When its key left last. */
  readonly exportedAtMs?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly issued?: IssuedCertificate;
  readonly imported?: ImportedFacts;
  readonly renewal?: Renewal;
  /** A change of the validation method from EMAIL to DNS: how far it is. */
  readonly methodUpdate?: 'PENDING_DOMAIN_VALIDATION' | 'SUCCESS' | 'FAILED';
  /** When that change was asked for. */
  readonly methodUpdateAtMs?: number;
}

/** What an account has decided about all of its certificates in a region. `id` is `accountConfigurationId`. */
export interface AccountConfiguration extends Entity {
  /** Days before the end of a certificate from which on its end is told of. */
  readonly daysBeforeExpiry: number;
  readonly idempotencyToken: string;
  readonly changedAtMs: number;
}

export function accountConfigurationId(account: string, region: string): string {
  return `${account}/${region}`;
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
  /** When it is made anew. */
  readonly renewAtMs: number;
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

/** How far the work on a certificate is: kept beside it as a note; makes no revision. */
export interface CertificateProgress {
  readonly attempts: number;
  readonly triedAtMs: number;
  readonly nextTryAtMs: number;
  /** What stands in the way of all names together: what the issuer said, or how long its limits make us wait. */
  readonly problem?: string;
  /** What the operator does about the problem, where waiting alone does not help. */
  readonly remedy?: string;
  /** What the last look at each name that is not proven found. */
  readonly names: readonly NameProgress[];
}

export interface NameProgress {
  readonly domainName: string;
  /** `{name} {type}` */
  readonly lookedUp: string;
  readonly server: string;
  /** What came back, in words. */
  readonly found: string;
  /** What is wrong, where more than the answer shows it: the mistake by its name, and what mends it. */
  readonly advice?: string;
  /** Where CAA records forbid it: the name of the issuer that they would have to allow. */
  readonly caaName?: string;
}

export type ChallengeType = 'dns-01' | 'http-01' | 'tls-alpn-01';

/** What an authority of ACME will ask for, and what it is answered with (RFC 8555 8, RFC 8737). Lives as long as its order. */
export interface Challenge extends Entity {
  readonly type: ChallengeType;
  /** dns-01: the first label of the delegated name; http-01: `{host}/{token}`; tls-alpn-01: the host. */
  readonly key: string;
  /** dns-01: the text of the record; http-01: the key authorization; tls-alpn-01: nothing. */
  readonly value: string;
  /** tls-alpn-01: the certificates to show, one for each kind of key that a handshake may have chosen before. */
  readonly keyPairReferences?: { readonly ec: string; readonly rsa: string };
}

const DAY_MS = 86_400_000;

/** Whole days until an end, rounded up: 0 when it is over. Told in this way everywhere. */
export function daysUntil(nowMs: number, atMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / DAY_MS));
}

/** The label under the endpoint suffix below which delegated dns-01 challenges are answered. */
export const CHALLENGE_LABEL = 'acme-challenges';

/** The label in the server's own region whose host serves approval links; no API id looks like it. */
export const APPROVALS_LABEL = 'approvals';

/** Our account at an authority of ACME; `id` is its directory's URL. The account key is a sealed row like any other. */
export interface AcmeAccount extends Entity {
  readonly accountUrl: string;
  readonly keyPairReference: string;
  readonly eabKeyId?: string;
}

/** One thing that the authority's limits count, in real time. */
export interface AcmeUse extends Entity {
  readonly directoryUrl: string;
  readonly what: 'order' | 'certificate' | 'failure';
  /** The names of the order or certificate; of a failure, the one name. */
  readonly names: readonly string[];
  /** Renewals that replace a certificate in time are not counted by most limits (RFC 9773 5). */
  readonly isReplacing: boolean;
  readonly atMs: number;
}
