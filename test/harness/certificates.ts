// Certificates of somebody else's authority, for whoever imports them: made by the same library that makes ours, in its thread.

import { createSigning, type SignedCertificate } from '../../src/certificates/signing.ts';
import type { IssuableAlgorithm } from '../../src/model/certificate.ts';
import type { Owner } from './gateway.ts';

const DAY_MS = 86_400_000;

export interface ForeignLeaf extends SignedCertificate {
  /** What goes with it as its chain. */
  readonly chainPem: string;
}

export interface ForeignAuthority {
  readonly certificatePem: string;
  leaf(names: readonly string[], options?: LeafOptions): Promise<ForeignLeaf>;
}

export interface LeafOptions {
  readonly algorithm?: IssuableAlgorithm;
  readonly days?: number;
  /** Days before now at which it begins to be valid. */
  readonly daysAgo?: number;
}

export async function foreignAuthority(owner: Owner): Promise<ForeignAuthority> {
  const signing = createSigning();
  owner.after(() => signing.close());
  const notBeforeMs = Date.now() - DAY_MS;
  const authority = await signing.sign({
    make: 'authority',
    commonName: 'A foreign authority',
    notBeforeMs,
    notAfterMs: notBeforeMs + 4_000 * DAY_MS,
  });
  return {
    certificatePem: authority.certificatePem,
    async leaf(names, { algorithm = 'EC_prime256v1', days = 90, daysAgo = 1 } = {}) {
      const leaf = await signing.sign({
        make: 'leaf',
        names,
        keyAlgorithm: algorithm,
        notBeforeMs: Date.now() - daysAgo * DAY_MS,
        notAfterMs: Date.now() + (days - daysAgo) * DAY_MS,
        authorityPem: authority.certificatePem,
        authorityKeyPem: authority.keyPem,
      });
      return { ...leaf, chainPem: authority.certificatePem };
    },
  };
}
