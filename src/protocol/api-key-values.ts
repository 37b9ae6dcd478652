// Values of API keys: how they are found without being read, and how they lie at rest. Both under keys derived from one secret of the
// server, so that a store without its master key tells nothing, not even to somebody who guesses values.

import { HmacSha256 } from './hmac-sha256.ts';
import { deriveKey, open, seal, type SealingKey } from './sealed-envelope.ts';

/** No value is longer, or shorter. */
export const API_KEY_VALUE_CHARACTERS = { min: 20, max: 128 } as const;

export interface ApiKeyValues {
  /** The same for the same value in one account and region, and nowhere else. */
  fingerprint(account: string, region: string, value: string): string;
  /** In base64. */
  seal(value: string, apiKeyId: string): string;
  /** Throws for what was not sealed here, or for another key. */
  unseal(sealedValue: string, apiKeyId: string): string;
}

export function createApiKeyValues(secret: Uint8Array): ApiKeyValues {
  const key: SealingKey = { id: 1, bytes: deriveKey(secret, 'values of API keys') };
  const hmac = new HmacSha256(deriveKey(secret, 'fingerprints of API keys'));
  const identityOf = (apiKeyId: string) => `api key ${apiKeyId}`;
  return {
    fingerprint: (account, region, value) => hmac.hex(`${account}\n${region}\n${value}`),
    seal: (value, apiKeyId) => seal(key, Buffer.from(value), identityOf(apiKeyId)).toString('base64'),
    unseal: (sealedValue, apiKeyId) => open(key, Buffer.from(sealedValue, 'base64'), identityOf(apiKeyId)).toString(),
  };
}
