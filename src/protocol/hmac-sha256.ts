// HMAC with SHA-256 (RFC 2104) under a key that is used again and again: the two blocks that the key makes are kept, and a code costs
// two hashes and no object of the crypto library, which would cost several times as much.

import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** Longer texts have a buffer of their own. */
const TEXT_BYTES_USUAL = 768;

export class HmacSha256 {
  /** The key's block with room for the text behind it. */
  readonly #inner: Buffer;
  /** The key's block with room for the inner hash behind it. */
  readonly #outer: Buffer;

  constructor(key: Uint8Array) {
    const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    this.#inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_USUAL);
    this.#outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);
    for (let at = 0; at < BLOCK_BYTES; at += 1) {
      this.#inner[at] = (short[at] ?? 0) ^ INNER_PAD;
      this.#outer[at] = (short[at] ?? 0) ^ OUTER_PAD;
    }
  }

  /** The code of a text in UTF-8, in hex. */
  hex(text: string): string {
    this.#finish(text);
    return hash('sha256', this.#outer, 'hex');
  }

  /** The code of a text in UTF-8, or of bytes. */
  digest(message: string | Uint8Array): Buffer {
    this.#finish(message);
    return hash('sha256', this.#outer, 'buffer');
  }

  #finish(message: string | Uint8Array): void {
    // No character has more than three bytes for each of its units.
    const isUsual = message.length <= (typeof message === 'string' ? TEXT_BYTES_USUAL / 3 : TEXT_BYTES_USUAL);
    if (!isUsual) {
      const bytes = typeof message === 'string' ? Buffer.from(message) : message;
      this.#keep(Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES), bytes]));
      return;
    }
    let length = message.length;
    if (typeof message === 'string') length = this.#inner.write(message, BLOCK_BYTES);
    else this.#inner.set(message, BLOCK_BYTES);
    this.#keep(this.#inner.subarray(0, BLOCK_BYTES + length));
  }

  #keep(inner: Uint8Array): void {
    this.#outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
  }
}
