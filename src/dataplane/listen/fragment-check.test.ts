// Where a text breaks off within a character, and whether it can go on: by every text there is and every octet behind it.

import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { canGoOn, wholeCharacters } from './fragment-check.ts';

/** Each side of each bound that a second octet has. */
const SECONDS = [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];

function isTextSoFar(bytes: Buffer): boolean {
  const end = wholeCharacters(bytes);
  return isUtf8(bytes.subarray(0, end)) && canGoOn(bytes.subarray(end));
}

test('every beginning of a text is a text so far', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 8 }), (text) => {
      const bytes = Buffer.from(text);
      for (let end = 0; end <= bytes.length; end += 1) assert.ok(isTextSoFar(bytes.subarray(0, end)), String(end));
    }),
  );
});

test('octets that no text begins with are none', () => {
  /** Whether some octets make a text of these: tried, not reasoned. */
  const canBecomeText = (bytes: Buffer, more = 3): boolean => {
    if (isUtf8(bytes)) return true;
    if (more === 0) return false;
    return [0x80, 0x90, 0xa0].some((next) => canBecomeText(Buffer.concat([bytes, Buffer.from([next])]), more - 1));
  };
  for (let first = 0; first < 256; first += 1) {
    for (const second of SECONDS) {
      for (const bytes of [[first], [first, second], [0x61, first, second], [first, second, 0x80]]) {
        const buffer = Buffer.from(bytes);
        assert.equal(isTextSoFar(buffer), canBecomeText(buffer), buffer.toString('hex'));
      }
    }
  }
});
