// Keys at rest: AES-256-GCM envelopes bound to the row they belong to, and the keys derived from the master key.
// Layout: version (1) · key id (1) · nonce (12) · ciphertext · tag (16).

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 1;
const KEY_ID = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2 + NONCE_BYTES;
export const MASTER_KEY_BYTES = 32;

/** A key for one purpose, derived so that no purpose can be used to learn another's. */
export function deriveKey(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `sallyport ${purpose}`, 32));
}

/** Seals `plain` for the row `identity`; it opens for no other row. */
export function seal(key: Uint8Array, plain: Uint8Array, identity: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(identity));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION, KEY_ID), nonce, body, cipher.getAuthTag()]);
}

/** Opens what `seal` made. Throws when the envelope was changed, belongs to another row, or the key is not the one. */
export function open(key: Uint8Array, envelope: Uint8Array, identity: string): Buffer {
  if (envelope.length < HEADER_BYTES + TAG_BYTES || envelope[0] !== VERSION || envelope[1] !== KEY_ID) {
    throw new Error(`the sealed key of ${identity} has an unknown form`);
  }
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(2, HEADER_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(identity));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
}
