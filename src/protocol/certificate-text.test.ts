// Names are read as node:crypto writes them, one attribute a line.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificatesIn, commonName } from './certificate-text.ts';

const NAMES: readonly (readonly [what: string, name: string, want: string])[] = [
  ['a common name', 'CN=ws.example.com', 'ws.example.com'],
  ['one among others', 'C=US\nO=Example\nCN=Example R1\nOU=x', 'Example R1'],
  ['none at all', 'C=US\nO=Example', 'C=US, O=Example'],
];
for (const [what, name, want] of NAMES) test(`${what} in words`, () => assert.equal(commonName(name), want));

test('text without certificates holds none, and one that is no certificate is an error', () => {
  assert.deepEqual(certificatesIn('nothing'), []);
  assert.throws(() => certificatesIn('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'));
});
