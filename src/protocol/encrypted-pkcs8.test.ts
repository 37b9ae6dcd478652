// Keys under a passphrase: what is written opens with it in OpenSSL's reader, and with nothing else.

import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import { encryptPkcs8 } from './encrypted-pkcs8.ts';

const KEYS: readonly (readonly [name: string, make: () => KeyObject])[] = [
  ['RSA 2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
  ['RSA 4096, whose envelope is longer', () => generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey],
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey],
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey],
];
/** Rounds whose INTEGER has its first bit set, and not; few, since nothing is kept under them. */
const ROUNDS = [1, 127, 128, 255, 256, 32_768, 65_535];

for (const [name, make] of KEYS) {
  void test(`a key of ${name} opens with its passphrase alone`, async () => {
    const key = make();
    const passphrase = Buffer.from('a passphrase of 128 octets'.padEnd(128, '.'));
    const pem = await encryptPkcs8(key.export({ type: 'pkcs8', format: 'der' }), passphrase, 1_000);
    assert.match(
      pem,
      /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END ENCRYPTED PRIVATE KEY-----\n$/,
    );
    assert.ok(createPrivateKey({ key: pem, passphrase }).equals(key));
    assert.throws(() => createPrivateKey({ key: pem, passphrase: passphrase.subarray(1) }));
  });
}

void test('every number of rounds is written as a positive INTEGER', async () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const keyDer = key.export({ type: 'pkcs8', format: 'der' });
  for (const rounds of ROUNDS) {
    const pem = await encryptPkcs8(keyDer, Buffer.from('pass'), rounds);
    assert.ok(createPrivateKey({ key: pem, passphrase: 'pass' }).equals(key), `${rounds} rounds`);
  }
});

void test('two envelopes of one key have nothing in common', async () => {
  const keyDer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' });
  const [first, second] = [
    await encryptPkcs8(keyDer, Buffer.from('pass'), 1_000),
    await encryptPkcs8(keyDer, Buffer.from('pass'), 1_000),
  ];
  // The body behind the identifiers, which are the same.
  assert.notEqual(first.split('\n').at(-3), second.split('\n').at(-3));
});
