// Certificates in words: what PEM text holds, and the name by which people know each. Reads them; trusts and checks nothing.

import { X509Certificate } from 'node:crypto';

const PEM = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, in its order. Throws when one of them is none. */
export function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(PEM) ?? []).map((one) => new X509Certificate(one));
}

/** The common name of a subject or issuer as node:crypto writes it, or all of it where there is none. */
export function commonName(name: string): string {
  return /CN=(.*)/.exec(name)?.[1] ?? name.replaceAll('\n', ', ');
}
