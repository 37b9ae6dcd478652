// Secrets of access keys as they may lie in the accounts file: sealed by the gateway that uses it, for one access key. They open with
// its data directory and master key alone, so the file tells a thief nothing.

import { deriveKey, open, seal, type SealingKey } from '../protocol/sealed-envelope.ts';

export interface SealedSecrets {
  /** In base64. */
  seal(secret: string, accessKeyId: string): string;
  /** Throws for what was not sealed here, or for another access key. */
  unseal(sealedSecret: string, accessKeyId: string): string;
}

export function createSealedSecrets(keyBytes: Uint8Array): SealedSecrets {
  const key: SealingKey = { id: 1, bytes: deriveKey(keyBytes, 'secrets of access keys') };
  const identityOf = (accessKeyId: string) => `access key ${accessKeyId}`;
  return {
    seal: (secret, accessKeyId) => seal(key, Buffer.from(secret), identityOf(accessKeyId)).toString('base64'),
    unseal: (sealedSecret, accessKeyId) =>
      open(key, Buffer.from(sealedSecret, 'base64'), identityOf(accessKeyId)).toString(),
  };
}
