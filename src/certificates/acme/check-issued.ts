// What an authority sent as a certificate → one that is used, or an IssueProblem: it must be for our key and exactly our names, be
// valid now, and each certificate must certify the one before it. An authority is believed in nothing that can be looked at.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { limit } from '../../settings/limits.ts';
import { IssueProblem, type Issued } from '../issuer.ts';

const BEGIN = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

export function checkIssued(sent: string, keyPem: string, names: readonly string[], nowMs: number): Issued {
  const [leaf, ...above] = readChain(sent);
  if (!leaf.checkPrivateKey(createPrivateKey(keyPem))) refuse('a certificate for another key');
  checkNames(leaf, names);
  const [notBeforeMs, notAfterMs] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (!(notBeforeMs <= nowMs)) refuse(`a certificate that is valid from ${leaf.validFromDate.toISOString()} only`);
  if (!(notAfterMs > nowMs)) refuse(`a certificate that was valid until ${leaf.validToDate.toISOString()}`);
  let last = leaf;
  for (const [at, next] of above.entries()) {
    if (!isCertifiedBy(last, next)) refuse(`a chain in which certificate ${at + 2} does not certify the one before it`);
    last = next;
  }
  const root = above.length > 0 && isCertifiedBy(last, last) ? last : undefined;
  const intermediates = root ? above.slice(0, -1) : above;
  return {
    certificatePem: leaf.toString(),
    keyPem,
    serial: (leaf.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    notBeforeMs,
    notAfterMs,
    intermediatesPem: intermediates.map(String).join(''),
    ...(root ? { anchorPem: root.toString() } : {}),
  };
}

function readChain(sent: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = sent.match(BEGIN) ?? [];
  const max = limit('acmeChainLengthMax');
  if (blocks.length > max) refuse(`a chain of ${blocks.length} certificates; at most ${max} are taken`);
  const chain = blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw refusal(`a chain whose certificate ${at + 1} cannot be read`, error);
    }
  });
  const [leaf, ...above] = chain;
  if (!leaf) throw refusal('no certificate in PEM');
  return [leaf, ...above];
}

function checkNames(leaf: X509Certificate, names: readonly string[]): void {
  const parts = (leaf.subjectAltName ?? '').split(', ');
  const found = parts.map((part) => (part.startsWith('DNS:') ? part.slice('DNS:'.length).toLowerCase() : part));
  const isSame = found.length === names.length && names.every((name) => found.includes(name));
  if (!isSame) refuse(`a certificate for other names than were asked for: ${found.join(', ').slice(0, 400) || 'none'}`);
}

function isCertifiedBy(certificate: X509Certificate, by: X509Certificate): boolean {
  try {
    return certificate.checkIssued(by) && certificate.verify(by.publicKey);
  } catch {
    // A kind of key that nobody knows certifies nothing.
    return false;
  }
}

function refusal(what: string, cause?: unknown): IssueProblem {
  return new IssueProblem(`the authority returned ${what}`, { cause });
}

function refuse(what: string): never {
  throw refusal(what);
}
