// By which name an authority knows a certificate (RFC 9773 4.1), and which answers about its renewal are believed.

import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { test } from 'node:test';
import { AuthorityKeyIdentifierExtension, X509CertificateGenerator, cryptoProvider } from '@peculiar/x509';
import { certificateIdentifier, readWindow } from './renewal-window.ts';

cryptoProvider.set(webcrypto as never);
const KEYS = (await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
  'sign',
  'verify',
])) as webcrypto.CryptoKeyPair;

async function certificate(serialNumber: string, keyIdentifier?: string): Promise<string> {
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: 'CN=a leaf',
    notBefore: new Date('2026-01-01'),
    notAfter: new Date('2026-04-01'),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys: KEYS,
    extensions: keyIdentifier === undefined ? [] : [new AuthorityKeyIdentifierExtension(keyIdentifier)],
  });
  return made.toString('pem');
}

/** The numbers of the example in RFC 9773. */
const KEY_IDENTIFIER = '69885b6b87464041e1b37b847ba0ae2cde01c8d4';

const IDENTIFIERS = [
  ['the example of the RFC', '0087654321', 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE'],
  ['a serial without a leading zero', '07654321', 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.B2VDIQ'],
] as const;

for (const [name, serial, want] of IDENTIFIERS) {
  test(`the identifier of ${name}`, async () => {
    assert.equal(await certificateIdentifier(await certificate(serial, KEY_IDENTIFIER)), want);
  });
}

test('a certificate that names no key of its authority has no identifier, nor has what is none', async () => {
  assert.equal(await certificateIdentifier(await certificate('01')), undefined);
  assert.equal(await certificateIdentifier('nothing'), undefined);
});

const NOW = Date.UTC(2026, 0, 1);
const clock = { now: () => NOW };
const START = '2026-02-01T00:00:00Z';
const END = '2026-02-02T00:00:00Z';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const ASK_AGAIN: readonly (readonly [string, number | undefined, number])[] = [
  ['six hours when nothing is said', undefined, NOW + 6 * 60 * MINUTE_MS],
  ['as it is said', NOW + 7_000_000, NOW + 7_000_000],
  ['a minute at least', NOW, NOW + MINUTE_MS],
  ['a day at most', NOW + 30 * DAY_MS, NOW + DAY_MS],
];

for (const [name, retryAtMs, askAgainAtMs] of ASK_AGAIN) {
  test(`it is asked again after ${name}`, () => {
    const window = readWindow({ start: START, end: END, retryAtMs }, clock);
    assert.deepEqual(window, { startMs: Date.parse(START), endMs: Date.parse(END), askAgainAtMs });
  });
}

const NO_WINDOWS: readonly (readonly [string, object])[] = [
  ['an end before its start', { start: END, end: START }],
  ['no end', { start: START }],
  ['no start', { end: END }],
  ['numbers', { start: 1, end: 2 }],
  ['words', { start: 'soon', end: 'later' }],
  ['a day that is none', { start: '2026-13-01T00:00:00Z', end: END }],
  ['nothing', {}],
];

for (const [name, said] of NO_WINDOWS) {
  test(`a window with ${name} is none`, () => assert.equal(readWindow(said, clock), undefined));
}
