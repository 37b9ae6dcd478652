// The codes are those of the crypto library, whatever the key and the text.

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import test from 'node:test';
import { HmacSha256 } from './hmac-sha256.ts';

const key = fc.uint8Array({ maxLength: 200 });

void test('the code of a text is the library’s, one text after another under one key', () => {
  fc.assert(
    fc.property(key, fc.array(fc.string({ unit: 'binary', maxLength: 600 }), { maxLength: 4 }), (bytes, texts) => {
      const own = new HmacSha256(bytes);
      for (const text of texts) {
        const expected = createHmac('sha256', bytes).update(text).digest('hex');
        assert.equal(own.hex(text), expected);
        assert.equal(own.digest(text).toString('hex'), expected);
      }
    }),
  );
});

void test('the code of bytes is the library’s, below, at and above what has room beside the key', () => {
  const own = new HmacSha256(Buffer.from('key'));
  for (const length of [0, 1, 767, 768, 769, 5_000]) {
    const bytes = Buffer.alloc(length, 0xa5);
    assert.deepEqual(own.digest(bytes), createHmac('sha256', 'key').update(bytes).digest());
  }
});
