// What somebody imports as a certificate, a key or a chain, with anything changed in it: read whole, or refused by AWS's
// ValidationException; and no word of a refusal is of the private key.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import fc from 'fast-check';
import { readImported } from '../../src/controlplane/operations/acm/read-imported.ts';
import { Fault } from '../../src/model/faults.ts';
import { certificatesIn } from '../../src/protocol/certificate-text.ts';
import { readClientHello } from '../../src/protocol/client-hello.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { changed, fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('certificates');
const authority = await foreignAuthority({ after });
const [leaf, rsa] = await Promise.all([
  authority.leaf(['a.example', '*.b.example']),
  authority.leaf(['c.example'], { algorithm: 'RSA_2048' }),
]);
const NOW_MS = Date.now();

const GOOD = [leaf, rsa].map(({ certificatePem, keyPem, chainPem }) => ({ certificatePem, keyPem, chainPem }));
const FIELDS = ['certificatePem', 'keyPem', 'chainPem'] as const;

async function importOf(certificate: Uint8Array, key: Uint8Array, chain: Uint8Array | undefined): Promise<void> {
  const input = { Certificate: certificate, PrivateKey: key, CertificateChain: chain } as Parameters<
    typeof readImported
  >[0];
  try {
    const read = await readImported(input, NOW_MS);
    assert.ok(read.names.length > 0 && read.notAfterMs > read.notBeforeMs);
    assert.equal(certificatesIn(read.chainPem).length > 0, true);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'ValidationException', String((error as Error).stack));
    for (const line of leaf.keyPem.split('\n').filter(({ length }) => length > 8))
      assert.ok(!error.message.includes(line));
  }
}

const CHANGED_PEM = fc
  .constantFrom(...GOOD)
  .chain((good) =>
    fc
      .constantFrom(...FIELDS)
      .chain((field) => changed(Buffer.from(good[field])).map((octets) => ({ good, field, octets }))),
  );

property(
  'PEM with anything changed is read, or refused',
  CHANGED_PEM,
  async ({ good, field, octets }) => {
    const of = (one: (typeof FIELDS)[number]) => (one === field ? octets : Buffer.from(good[one]));
    await importOf(of('certificatePem'), of('keyPem'), of('chainPem'));
  },
  500,
);

/** The octets below the base64, changed and wrapped again: what the ASN.1 readers are asked about. */
const toPem = (der: Uint8Array, label: string) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;
const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');

property(
  'DER with anything changed is read, or refused',
  fc.constantFrom(...GOOD).chain((good) => changed(derOf(good.certificatePem)).map((der) => ({ good, der }))),
  async ({ good, der }) => {
    await importOf(Buffer.from(toPem(der, 'CERTIFICATE')), Buffer.from(good.keyPem), undefined);
  },
  600,
);

property(
  'a key of DER with anything changed is read, or refused',
  fc.constantFrom(...GOOD).chain((good) => changed(derOf(good.keyPem)).map((der) => ({ good, der }))),
  async ({ good, der }) => {
    await importOf(
      Buffer.from(good.certificatePem),
      Buffer.from(toPem(der, 'PRIVATE KEY')),
      Buffer.from(good.chainPem),
    );
  },
  400,
);

const WORDS = textOf(
  '-----BEGIN ',
  'CERTIFICATE',
  'PRIVATE KEY',
  '-----',
  '-----END ',
  '\n',
  'MIIB',
  '=',
  'Proc-Type: 4,ENCRYPTED',
  leaf.certificatePem,
);

property(
  'text of any kind is refused, or read',
  WORDS,
  async (text) => {
    await importOf(Buffer.from(text), Buffer.from(text), Buffer.from(text));
    await importOf(Buffer.from(leaf.certificatePem), Buffer.from(leaf.keyPem), Buffer.from(text));
  },
  300,
);

property(
  'beginnings without an end are looked at once',
  fc.integer({ min: 1, max: 20_000 }),
  async (count) => {
    const text = Buffer.from('-----BEGIN CERTIFICATE-----'.repeat(count));
    await importOf(text, text, text);
  },
  20,
);

property(
  'octets before TLS are a hello, or not yet, or none',
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .uint8Array({ maxLength: 200 })
      .map((tail) => Buffer.concat([Buffer.from('16030100ff010000fb0303', 'hex'), tail])),
  ),
  (octets) => {
    const hello = readClientHello(Buffer.from(octets));
    assert.ok(hello === undefined || typeof hello === 'number' || typeof hello === 'object');
  },
);
