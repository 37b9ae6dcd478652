// Keys at rest: AES-256-GCM envelopes bound to the row they belong to, each of which says by a number which key sealed it.
// Layout: version (1) · key id (1) · nonce (12) · ciphertext · tag (16).

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2 + NONCE_BYTES;
/** The length of every key here: the master key, what it wraps, and what is derived. */
export const KEY_BYTES = 32;
/** Data keys have the numbers from 1 up to this; the master key is 0. */
export const KEY_ID_MAX = 255;
export const MASTER_KEY_ID = 0;

export interface SealingKey {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** A key for one purpose, derived so that no purpose can be used to learn another's. */
export function deriveKey(masterKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `sallyport ${purpose}`, KEY_BYTES));
}

/** Seals `plain` for the row `identity`; it opens for no other row. */
export function seal(key: SealingKey, plain: Uint8Array, identity: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(identity));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION, key.id), nonce, body, cipher.getAuthTag()]);
}

/** Which key sealed it; undefined when it is no envelope. */
export function keyIdOf(envelope: Uint8Array): number | undefined {
  return envelope.length < HEADER_BYTES + TAG_BYTES || envelope[0] !== VERSION ? undefined : envelope[1];
}

/** Opens what `seal` made. Throws when the envelope was changed, belongs to another row, or the key is not the one. */
export function open(key: SealingKey, envelope: Uint8Array, identity: string): Buffer {
  if (keyIdOf(envelope) !== key.id) throw new Error(`the sealed key of ${identity} has an unknown form`);
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  const nonce = bytes.subarray(2, HEADER_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(identity));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(HEADER_BYTES, bytes.length - TAG_BYTES)), decipher.final()]);
}
