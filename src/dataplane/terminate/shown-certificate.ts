// The certificate that a client would be shown for a server name, in words: by the same choice and from the same rows as a
// handshake.

import { certificatesIn, commonName } from '../../protocol/certificate-text.ts';
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

export function shownCertificate(
  snapshot: Snapshot,
  keyPairs: KeyPairs,
  serverName: string,
): ShownCertificate | undefined {
  const reference = keyPairFor(snapshot, normalizeName(serverName));
  const pair = reference === undefined ? undefined : keyPairs.read(reference);
  const [leaf, ...others] = certificatesIn(pair?.chainPem ?? '');
  if (!leaf) return undefined;
  const names = (leaf.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:'));
  return {
    names: names.length > 0 ? names.map((name) => name.slice('DNS:'.length)) : [commonName(leaf.subject)],
    notAfterMs: leaf.validToDate.getTime(),
    chain: [leaf, ...others].map(({ subject }) => commonName(subject)),
    issuer: commonName(leaf.issuer),
  };
}
