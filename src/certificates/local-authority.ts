// The local certificate authority: made at first start, its key sealed like any other. It signs certificates for names that were
// proven, and for API Gateway's own names; it is what `/_sallyport/ca.pem` hands out for clients to trust.

import { ids } from '../ambient/ids.ts';
import type { Clock } from '../ambient/clock.ts';
import type { Authority, IssuableAlgorithm, KeyPair } from '../model/certificate.ts';
import { assert } from '../model/faults.ts';
import type { CertificateSource, Store } from '../store/contract.ts';
import type { Sealing } from './key-ring.ts';
import type { SignedCertificate, Signing } from './signing.ts';

const DAY_MS = 86_400_000;
const AUTHORITY_VALIDITY_DAYS = 3_650;
/** A clock a little behind ours must not find a certificate of the future. */
const BACKDATED_MS = 3_600_000;
const AUTHORITY_ID = 'local';
/** The owner of what belongs to the server itself. */
export const SERVER_OWNER = { account: 'sallyport', region: 'local' } as const;

export interface LocalAuthority {
  readonly certificatePem: string;
  /** A new key and a certificate for the names, DNS names and IP addresses alike. */
  issue(names: readonly string[], keyAlgorithm: IssuableAlgorithm): Promise<SignedCertificate>;
  /** The signed certificate as a row: chain and sealed key under a fresh reference. */
  keyPairOf(signed: SignedCertificate, owner: { account: string; region: string }): KeyPair;
}

interface Parts {
  readonly store: Store;
  readonly certificateSource: CertificateSource;
  readonly keys: Sealing;
  readonly signing: Signing;
  readonly realClock: Clock;
  /** Ends of certificates are lifecycle time: where it was moved forward, a new certificate must not be over already. */
  readonly clock: Clock;
  readonly validityMs: number;
}

/** Loads the authority, or makes it when the store has none. */
export async function openLocalAuthority(parts: Parts): Promise<LocalAuthority> {
  const { store, certificateSource, keys, signing, realClock, clock, validityMs } = parts;
  const authority = (await store.view.get('authority', AUTHORITY_ID)) ?? (await makeAuthority(parts));
  const keyPairOf: LocalAuthority['keyPairOf'] = (signed, { account, region }) => {
    const reference = ids.keyPair();
    return {
      reference,
      account,
      region,
      chainPem: signed.certificatePem,
      anchorPem: authority.certificatePem,
      sealedKey: keys.seal(signed.keyPem, reference),
    };
  };
  return {
    certificatePem: authority.certificatePem,
    issue(names, keyAlgorithm) {
      const row = certificateSource.read(authority.keyPairReference);
      assert(row, 'the authority has its key');
      const notBeforeMs = realClock.now() - BACKDATED_MS;
      // Nothing outlives the root, whose end every client looks at, too.
      const notAfterMs = Math.min(clock.now() - BACKDATED_MS + validityMs, authority.notAfterMs);
      return signing.sign({
        make: 'leaf',
        names,
        keyAlgorithm,
        notBeforeMs,
        notAfterMs,
        authorityPem: authority.certificatePem,
        authorityKeyPem: keys.open(row.sealedKey, authority.keyPairReference),
      });
    },
    keyPairOf,
  };
}

async function makeAuthority({ store, keys, signing, realClock }: Parts): Promise<Authority> {
  const notBeforeMs = realClock.now() - BACKDATED_MS;
  const signed = await signing.sign({
    make: 'authority',
    commonName: `Sallyport local CA ${ids.hex(3)}`,
    notBeforeMs,
    notAfterMs: notBeforeMs + AUTHORITY_VALIDITY_DAYS * DAY_MS,
  });
  const reference = ids.keyPair();
  const authority: Authority = {
    id: AUTHORITY_ID,
    ...SERVER_OWNER,
    certificatePem: signed.certificatePem,
    keyPairReference: reference,
    notAfterMs: signed.notAfterMs,
  };
  await store.transact(async (transaction) => {
    transaction.put('authority', authority);
    const sealedKey = keys.seal(signed.keyPem, reference);
    transaction.putKeyPair({ reference, ...SERVER_OWNER, chainPem: signed.certificatePem, sealedKey });
  });
  return authority;
}
