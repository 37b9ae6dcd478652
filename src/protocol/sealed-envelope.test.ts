// Sealed envelopes open for their own row and key alone, and only as they were made.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { KEY_BYTES, deriveKey, keyIdOf, open, seal } from './sealed-envelope.ts';

const MASTER = Buffer.alloc(KEY_BYTES, 7);
const KEY = { id: 7, bytes: deriveKey(MASTER, 'certificates') };
const PLAIN = Buffer.from('-----BEGIN PRIVATE KEY-----');
const ROW = 'certificate:arn:1';
const HEADER_BYTES = 14;
const TAG_BYTES = 16;

void test('opens what was sealed', () => {
  const envelope = seal(KEY, PLAIN, ROW);
  assert.equal(envelope.length, HEADER_BYTES + PLAIN.length + TAG_BYTES);
  assert.deepEqual([...envelope.subarray(0, 2)], [1, 7]);
  assert.equal(envelope.includes(PLAIN), false);
  assert.deepEqual(open(KEY, envelope, ROW), PLAIN);
});

void test('opens an envelope that held nothing', () => {
  assert.deepEqual(open(KEY, seal(KEY, Buffer.alloc(0), ROW), ROW), Buffer.alloc(0));
});

void test('opens an envelope that is part of a larger buffer, as plain bytes', () => {
  const whole = Buffer.concat([Buffer.from('before'), seal(KEY, PLAIN, ROW), Buffer.from('after')]);
  const part = new Uint8Array(whole.buffer, whole.byteOffset + 6, whole.length - 11);
  assert.deepEqual(open(KEY, part, ROW), PLAIN);
});

void test('never seals the same text twice alike', () => {
  assert.notDeepEqual(seal(KEY, PLAIN, ROW), seal(KEY, PLAIN, ROW));
});

const REGIONS: readonly (readonly [region: string, from: number, to: number])[] = [
  ['version', 0, 1],
  ['key id', 1, 2],
  ['nonce', 2, HEADER_BYTES],
  ['ciphertext', HEADER_BYTES, HEADER_BYTES + PLAIN.length],
  ['tag', HEADER_BYTES + PLAIN.length, HEADER_BYTES + PLAIN.length + TAG_BYTES],
];

for (const [region, from, to] of REGIONS) {
  void test(`refuses a change in any byte of the ${region}`, () => {
    const envelope = seal(KEY, PLAIN, ROW);
    for (let at = from; at < to; at++) {
      const changed = Buffer.from(envelope);
      changed[at]! ^= 0x80;
      assert.throws(() => open(KEY, changed, ROW), Error, `byte ${at}`);
    }
  });
}

void test('refuses an envelope that was cut, at either end and anywhere', () => {
  const envelope = seal(KEY, PLAIN, ROW);
  for (let length = 0; length < envelope.length; length++) {
    assert.throws(() => open(KEY, envelope.subarray(0, length), ROW), Error, `the first ${length} bytes`);
  }
  assert.throws(() => open(KEY, envelope.subarray(1), ROW));
  assert.throws(() => open(KEY, Buffer.concat([envelope, Buffer.of(0)]), ROW));
});

void test('names the row of an envelope of unknown form', () => {
  assert.throws(
    () => open(KEY, Buffer.alloc(29), ROW),
    /^Error: the sealed key of certificate:arn:1 has an unknown form$/,
  );
});

void test('refuses another row', () => {
  const envelope = seal(KEY, PLAIN, ROW);
  for (const other of ['certificate:arn:2', 'certificate:arn:', '']) assert.throws(() => open(KEY, envelope, other));
});

void test('refuses another key', () => {
  const envelope = seal(KEY, PLAIN, ROW);
  const others = [deriveKey(MASTER, 'connection ids'), deriveKey(Buffer.alloc(KEY_BYTES, 8), 'certificates')];
  for (const bytes of others) assert.throws(() => open({ id: KEY.id, bytes }, envelope, ROW));
});

void test('says which key sealed it, and opens under no other number', () => {
  for (const id of [0, 1, 255]) {
    const envelope = seal({ ...KEY, id }, PLAIN, ROW);
    assert.equal(keyIdOf(envelope), id);
    assert.deepEqual(open({ ...KEY, id }, envelope, ROW), PLAIN);
    assert.throws(() => open(KEY, envelope, ROW));
  }
  assert.equal(keyIdOf(Buffer.alloc(0)), undefined);
  assert.equal(keyIdOf(seal(KEY, PLAIN, ROW).subarray(0, HEADER_BYTES + TAG_BYTES - 1)), undefined);
  assert.equal(keyIdOf(Buffer.alloc(100, 2)), undefined);
});

void test('derives one key for a purpose, and others for others', () => {
  assert.deepEqual(deriveKey(MASTER, 'certificates'), KEY.bytes);
  assert.equal(KEY.bytes.length, 32);
  assert.notDeepEqual(deriveKey(MASTER, 'certificate'), KEY.bytes);
  assert.notDeepEqual(KEY.bytes, MASTER);
});
