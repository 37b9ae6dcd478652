// The certificates of API Gateway's own names: `*.execute-api.{region}.{suffix}` for each region in use, made when the first API
// or domain name of a region appears, and made anew before they expire.

import type { ListenerCertificate } from '../model/certificate.ts';
import type { Store } from '../store/contract.ts';
import { SERVER_OWNER, type LocalAuthority } from './local-authority.ts';

const RENEW_BEFORE_MS = 30 * 86_400_000;

export interface ListenerCertificateOptions {
  readonly store: Store;
  readonly authority: LocalAuthority;
  readonly suffix: string;
  readonly defaultRegion: string;
  readonly publicAddresses: readonly string[];
}

/** Makes the region's certificate when there is none, or when it is for other names or about to expire. */
export async function ensureListenerCertificate(
  options: ListenerCertificateOptions,
  region: string,
  nowMs: number,
): Promise<void> {
  const { store, authority, suffix, defaultRegion, publicAddresses } = options;
  const wildcard = `*.execute-api.${region}.${suffix}`;
  const isDefault = region === defaultRegion;
  const existing = await store.view.get('listener-certificate', region);
  const isDefaultAlready = existing?.names.includes('') ?? false;
  const isGood = existing?.names.includes(wildcard) && existing.renewAtMs > nowMs && isDefaultAlready === isDefault;
  if (isGood) return;
  const addresses = [...new Set(['127.0.0.1', '::1', ...publicAddresses])];
  const signed = await authority.issue(isDefault ? [wildcard, 'localhost', ...addresses] : [wildcard], 'EC_prime256v1');
  const keyPair = authority.keyPairOf(signed, SERVER_OWNER);
  const certificate: ListenerCertificate = {
    id: region,
    ...SERVER_OWNER,
    // `''` stands for every server name that nothing else answers.
    names: isDefault ? [wildcard, ''] : [wildcard],
    keyPairReference: keyPair.reference,
    notAfterMs: signed.notAfterMs,
    renewAtMs: signed.notAfterMs - Math.min(RENEW_BEFORE_MS, (signed.notAfterMs - nowMs) / 3),
  };
  await store.transact(async (transaction) => {
    if (existing) transaction.removeKeyPair(existing.keyPairReference);
    transaction.putKeyPair(keyPair);
    transaction.put('listener-certificate', certificate);
  });
}
