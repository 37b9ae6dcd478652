// The certificate that a client would be shown for a server name, in words: by the same choice and from the same rows as a
// handshake.

import { X509Certificate } from 'node:crypto';
import { normalizeName } from '../../protocol/host-name.ts';
import { keyPairFor } from '../../snapshot/resolve.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { KeyPairs } from './secure-contexts.ts';

export interface ShownCertificate {
  readonly names: readonly string[];
  readonly notAfterMs: number;
  readonly chain: readonly string[];
  readonly issuer: string;
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

export function shownCertificate(
  snapshot: Snapshot,
  keyPairs: KeyPairs,
  serverName: string,
): ShownCertificate | undefined {
  const reference = keyPairFor(snapshot, normalizeName(serverName));
  const pair = reference === undefined ? undefined : keyPairs.read(reference);
  const [leaf, ...others] = (pair?.chainPem.match(PEM) ?? []).map((pem) => new X509Certificate(pem));
  if (!leaf) return undefined;
  const names = (leaf.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'));
  return {
    names: names.length > 0 ? names.map((name) => name.slice('DNS:'.length)) : [commonName(leaf.subject)],
    notAfterMs: leaf.validToDate.getTime(),
    chain: [leaf, ...others].map(({ subject }) => commonName(subject)),
    issuer: commonName(leaf.issuer),
  };
}

function commonName(name: string): string {
  return /CN=(.*)/.exec(name)?.[1] ?? name.replaceAll('\n', ', ');
}
