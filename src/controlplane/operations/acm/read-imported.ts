// What somebody imports → a certificate that can be served, or a ValidationException that says which field is wrong and why
// (custom-domains 5.9). Nothing is stored here. PEM only; the private key is in no message.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import type { ImportedFacts, KeyAlgorithm } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import { hostNameProblem } from '../../../protocol/host-name.ts';
import type { ImportCertificateRequest } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';

export interface ReadCertificate {
  /** The first is the common name where there is one among them. Lower case. */
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  readonly facts: ImportedFacts;
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Leaf first, without the root. */
  readonly chainPem: string;
  /** The root, when it was given. */
  readonly anchorPem: string | undefined;
  /** PKCS#8, in the clear. */
  readonly keyPem: string;
}

// No dash lies in between: a text of beginnings without an end is read once.
const BEGIN = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** `[0] EXPLICIT Version` of a certificate of version 3 (RFC 5280 4.1.2.1). */
const VERSION_3 = Buffer.from([0xa0, 0x03, 0x02, 0x01, 0x02]);
const KEY_USAGES = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
] as const;
const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
};

export function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}

export async function readImported(input: ImportCertificateRequest, nowMs: number): Promise<ReadCertificate> {
  const leaf = readLeaf(text(input.Certificate));
  const key = readKey(text(input.PrivateKey));
  const keyAlgorithm = algorithmOf(leaf.publicKey);
  if (!isMatching(leaf, key)) throw invalid('The private key does not match the public key of the certificate.');
  const [notBeforeMs, notAfterMs] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (nowMs < notBeforeMs || nowMs > notAfterMs) {
    const dates = `${leaf.validFromDate.toISOString()} to ${leaf.validToDate.toISOString()}`;
    throw invalid(`The certificate is not valid now: it is valid from ${dates}.`);
  }
  if (leaf.issuer === '') throw invalid('The certificate has an empty issuer.');
  const chain = input.CertificateChain === undefined ? [] : readChain(text(input.CertificateChain));
  checkChain(leaf, chain);
  const last = chain.at(-1);
  const anchor = last && isSignedBy(last, last) ? last : undefined;
  const { names, facts } = await describe(leaf);
  return {
    names,
    keyAlgorithm,
    facts,
    serial: (leaf.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    notBeforeMs,
    notAfterMs,
    chainPem: [leaf, ...chain.filter((one) => one !== anchor)].map(String).join(''),
    anchorPem: anchor?.toString(),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function parse(pem: string, field: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem);
    // Parts that are read only when they are asked for: a certificate is good when all of it is.
    const { publicKey, subject, issuer, serialNumber, validFromDate, validToDate } = certificate;
    if (publicKey && `${subject}${issuer}${serialNumber}` && validFromDate.getTime() <= validToDate.getTime()) {
      return certificate;
    }
  } catch {
    // Told below, like one whose dates are none or in the wrong order.
  }
  throw invalid(`The ${field} is not PEM-encoded or is not valid.`);
}

function readLeaf(pem: string): X509Certificate {
  const found = pem.match(BEGIN) ?? [];
  if (found.length > 1) {
    throw invalid(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    );
  }
  if (found.length === 0) throw invalid('The certificate is not PEM-encoded or is not valid.');
  const leaf = parse(found[0]!, 'certificate');
  // The version stands right behind the headers of the two outer sequences, which are at most four octets long here.
  if (!leaf.raw.subarray(0, 16).includes(VERSION_3)) throw invalid('The certificate must be of X.509 version 3.');
  return leaf;
}

function readKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw invalid('The private key is encrypted. Import it without a passphrase.');
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid('The private key is not PEM-encoded or is not valid.');
  }
}

function isMatching(leaf: X509Certificate, key: KeyObject): boolean {
  try {
    return leaf.checkPrivateKey(key);
  } catch {
    // Keys of different kinds cannot even be compared.
    return false;
  }
}

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};
const RSA_BITS: readonly number[] = [2048, 3072, 4096];

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): KeyAlgorithm {
  const curve = CURVES[details?.namedCurve ?? ''];
  if (type === 'ec' && curve) return curve;
  const bits = details?.modulusLength ?? 0;
  if (type === 'rsa' && RSA_BITS.includes(bits)) return `RSA_${bits}` as KeyAlgorithm;
  const found = type === 'rsa' ? `RSA of ${bits} bits` : (details?.namedCurve ?? type);
  throw invalid(
    `The certificate's key is ${found}; RSA of 2048, 3072 or 4096 bits, P-256, P-384 and P-521 can be served.`,
  );
}

function readChain(pem: string): X509Certificate[] {
  const found = pem.match(BEGIN) ?? [];
  if (found.length === 0) throw invalid('The certificate chain is not PEM-encoded or is not valid.');
  const max = limit('importedChainLengthMax');
  if (found.length > max)
    throw invalid(`The certificate chain has ${found.length} certificates; at most ${max} are taken.`);
  return found.map((one) => parse(one, 'certificate chain'));
}

/** Each certificate certifies the one before it; the leaf itself is not among them. */
function checkChain(leaf: X509Certificate, chain: readonly X509Certificate[]): void {
  let certified = leaf;
  for (const [position, issuer] of chain.entries()) {
    const place = `Certificate ${position + 1} of the chain`;
    if (issuer.fingerprint256 === leaf.fingerprint256)
      throw invalid(`${place} is the certificate itself. Leave it out.`);
    if (!certified.checkIssued(issuer) || !isSignedBy(certified, issuer)) {
      throw invalid(`${place} (${issuer.subject.replaceAll('\n', ',')}) does not certify the one before it.`);
    }
    certified = issuer;
  }
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // Signed with a key of another kind.
    return false;
  }
}

/** Names and usages, by the ASN.1 library: loaded when the first certificate is imported. */
async function describe(leaf: X509Certificate): Promise<{ names: string[]; facts: ImportedFacts }> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  try {
    const parsed = new x509.X509Certificate(leaf.raw);
    const alternatives = parsed.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
    const extended = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
    const { name, hash } = parsed.signatureAlgorithm as { name: string; hash: { name: string } };
    return {
      names: namesOf(
        parsed.subjectName.getField('CN')[0],
        alternatives.filter(({ type }) => type === 'dns' || type === 'ip').map(({ value }) => value),
      ),
      facts: {
        subject: leaf.subject.replaceAll('\n', ','),
        issuer: parsed.issuerName.getField('O')[0] ?? parsed.issuer,
        signatureAlgorithm: `${hash.name.replace('-', '')}WITH${name.startsWith('RSA') ? 'RSA' : name}`,
        keyUsages: KEY_USAGES.filter((_, bit) => (usages & (1 << bit)) !== 0),
        extendedKeyUsages: extended.map((oid) => ({
          name: EXTENDED_KEY_USAGES[String(oid)] ?? 'CUSTOM',
          oid: String(oid),
        })),
      },
    };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw invalid('The certificate is not PEM-encoded or is not valid.');
  }
}

/** The alternative names, or the common name where there are none; the common name first. */
function namesOf(commonName: string | undefined, alternatives: readonly string[]): string[] {
  const common = commonName?.toLowerCase();
  const all = alternatives.length > 0 ? alternatives.map((name) => name.toLowerCase()) : common ? [common] : [];
  const names = [...new Set(common !== undefined && all.includes(common) ? [common, ...all] : all)];
  const isName = (name: string) => isIP(name) !== 0 || hostNameProblem(name.replace(/^\*\./, '')) === undefined;
  const wrong = names.find((name) => !isName(name));
  if (names.length === 0) throw invalid('The certificate has neither a subject alternative name nor a common name.');
  if (wrong !== undefined)
    throw invalid(`The certificate's name '${wrong.slice(0, 253)}' is neither a domain name nor an IP address.`);
  return names;
}
