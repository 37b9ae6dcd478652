// Opens what signs and what is shown: the local authority, the certificates of the listeners' own names, and the key pairs that lie sealed.
// For main.ts alone, at the start.

import { realClock, type LifecycleClock } from '../ambient/clock.ts';
import type { Undo } from '../ambient/undo.ts';
import type { Settings } from '../settings/settings.ts';
import { ensureListenerCertificate, type ListenerCertificateOptions } from './listener-certificates.ts';
import { openLocalAuthority, type LocalAuthority } from './local-authority.ts';
import type { SealedStore } from './open-sealed-store.ts';
import { createSigning, type Signing } from './signing.ts';

export interface Authority {
  readonly signing: Signing;
  readonly authority: LocalAuthority;
  readonly listeners: ListenerCertificateOptions;
  readonly keyPairs: {
    /** Undefined when there is none. */
    read(reference: string): { readonly chainPem: string; readonly keyPem: string } | undefined;
  };
}

export async function openAuthority(
  { store, keys, certificateSource }: SealedStore,
  settings: Settings,
  clock: LifecycleClock,
  undo: Undo,
): Promise<Authority> {
  const signing = createSigning();
  undo.push(() => signing.close());
  const { localValidityMs: validityMs } = settings;
  const signers = { store, certificateSource, keys, signing, realClock, clock, validityMs };
  const authority = await openLocalAuthority(signers);
  const { endpointSuffix: suffix, publicAddresses, region: defaultRegion } = settings;
  const listeners = { store, authority, suffix, defaultRegion, publicAddresses };
  await ensureListenerCertificate(listeners, defaultRegion, clock.now());
  // A fifth of the memory of a first start; the thread comes back with the first certificate that is asked for.
  await signing.close();
  const keyPairs: Authority['keyPairs'] = {
    read(reference) {
      const row = certificateSource.read(reference);
      return row && { chainPem: row.chainPem, keyPem: keys.open(row.sealedKey, reference) };
    },
  };
  return { signing, authority, listeners, keyPairs };
}
