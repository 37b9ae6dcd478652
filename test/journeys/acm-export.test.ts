// ExportCertificate and RenewCertificate through the SDK, the AWS CLI and openssl: a key leaves under its passphrase alone, of those
// certificates alone that were requested for it, and marks them.

import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import { createClients } from '../../demo/chain.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { importCertificate, issueCertificate, makeHostedZone, requestCertificate } from '../harness/domains.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { missing, runPeer } from '../harness/peers.ts';
import { certificateOf, issuedFacts, seedCertificates } from '../harness/seeded-store.ts';

const PASSPHRASE = 'correct horse battery staple';
const EXPORTABLE = { Options: { Export: 'ENABLED' } } as const;
const ACCOUNT = '000000000000';

const exported = {
  status: 'ISSUED',
  issued: issuedFacts(),
  exportOption: 'ENABLED',
  exportedAtMs: Date.now(),
} as const;
const renewing = { status: 'PENDING_VALIDATION', validations: [], updatedAtMs: Date.now() } as const;
const seeds = {
  expired: certificateOf({ domainName: 'a.seed.localhost', ...exported, status: 'EXPIRED' }, 1),
  failed: certificateOf({ domainName: 'b.seed.localhost', exportOption: 'ENABLED', status: 'FAILED' }, 2),
  renewing: certificateOf({ domainName: 'c.seed.localhost', ...exported, renewal: renewing }, 3),
  longAgo: certificateOf({ domainName: 'd.seed.localhost', ...exported, exportedAtMs: Date.now() - 1e9 }, 4),
};
const gateway = await startTestGateway({ after }, [
  '--data-dir',
  await seedCertificates({ after }, Object.values(seeds)),
]);
const { clients } = gateway;
const zoneId = await makeHostedZone(clients, 'example.com');

function send(CertificateArn: string, passphrase: string | Uint8Array = PASSPHRASE, as = clients) {
  const Passphrase = typeof passphrase === 'string' ? Buffer.from(passphrase) : passphrase;
  return as.acm.send(new acm.ExportCertificateCommand({ CertificateArn, Passphrase }));
}

async function describe(CertificateArn: string): Promise<acm.CertificateDetail> {
  return (await clients.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!;
}

async function listed(arn: string): Promise<acm.CertificateSummary> {
  const Includes = { keyTypes: ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] as acm.KeyAlgorithm[] };
  const { CertificateSummaryList } = await clients.acm.send(new acm.ListCertificatesCommand({ Includes }));
  return CertificateSummaryList!.find((one) => one.CertificateArn === arn)!;
}

/** The key, opened by openssl with the passphrase; undefined when it does not open. */
async function opened(privateKey: string, passphrase: string): Promise<string | undefined> {
  const path = join(temporaryDirectory({ after }), 'key.pem');
  writeFileSync(path, privateKey);
  const { code, stdout } = await runPeer('openssl', ['pkey', '-in', path, '-passin', `pass:${passphrase}`]);
  return code === 0 ? stdout : undefined;
}

const KEYS: readonly acm.KeyAlgorithm[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'];
for (const KeyAlgorithm of KEYS) {
  test(
    `openssl opens an exported key of ${KeyAlgorithm} with its passphrase alone`,
    { skip: missing('openssl') },
    async () => {
      const name = `${KeyAlgorithm.toLowerCase().replace('_', '-')}.example.com`;
      const arn = await issueCertificate(clients, zoneId, name, { ...EXPORTABLE, KeyAlgorithm });
      const { Certificate, CertificateChain, PrivateKey } = await send(arn);
      assert.match(PrivateKey!, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      const key = await opened(PrivateKey!, PASSPHRASE);
      assert.ok(
        new X509Certificate(Certificate!).checkPrivateKey(createPrivateKey(key!)),
        'it is the certificate’s key',
      );
      assert.equal(await opened(PrivateKey!, `${PASSPHRASE}.`), undefined);
      const got = await clients.acm.send(new acm.GetCertificateCommand({ CertificateArn: arn }));
      assert.deepEqual([Certificate, CertificateChain], [got.Certificate, got.CertificateChain]);
      assert.equal(
        new X509Certificate(CertificateChain!).fingerprint256,
        new X509Certificate(gateway.ca).fingerprint256,
      );
      assert.ok(
        !gateway.lines.some((line) => line.includes('PRIVATE KEY') || line.includes(PASSPHRASE)),
        'no log has it',
      );
    },
  );
}

test('an export marks the certificate, which is renewed from then on', async () => {
  const arn = await issueCertificate(clients, zoneId, 'marked.example.com', EXPORTABLE);
  const before = await listed(arn);
  assert.deepEqual([before.Exported, before.ExportOption, before.RenewalEligibility], [false, 'ENABLED', 'INELIGIBLE']);
  await send(arn);
  const marked = await listed(arn);
  assert.deepEqual([marked.Exported, marked.RenewalEligibility], [true, 'ELIGIBLE']);
  assert.equal((await describe(arn)).RenewalEligibility, 'ELIGIBLE');
});

test('one that was exported only before it was issued anew is not renewed', async () => {
  const { Exported, RenewalEligibility } = await listed(seeds.longAgo.arn);
  assert.deepEqual([Exported, RenewalEligibility], [true, 'INELIGIBLE']);
});

test('exports at the same time each have an envelope of their own', async () => {
  const arn = await issueCertificate(clients, zoneId, 'many.example.com', EXPORTABLE);
  const keys = (await Promise.all(Array.from({ length: 5 }, () => send(arn)))).map(({ PrivateKey }) => PrivateKey!);
  assert.equal(new Set(keys).size, 5);
  const opens = keys.map((key) =>
    createPrivateKey({ key, passphrase: PASSPHRASE }).export({ type: 'pkcs8', format: 'pem' }),
  );
  assert.equal(new Set(opens).size, 1);
});

test('the AWS CLI exports into files that openssl reads', { skip: missing('aws') || missing('openssl') }, async () => {
  const arn = await issueCertificate(clients, zoneId, 'cli.example.com', EXPORTABLE);
  const path = join(temporaryDirectory({ after }), 'passphrase');
  writeFileSync(path, PASSPHRASE);
  const words = `acm export-certificate --certificate-arn ${arn} --passphrase fileb://${path} --query PrivateKey`;
  const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: REGION };
  const args = [...words.split(' '), '--output', 'text', '--endpoint-url', gateway.endpoint];
  const { code, stdout, stderr } = await runPeer('aws', args, { ...environment, AWS_PAGER: '' });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  assert.match((await opened(stdout, PASSPHRASE))!, /BEGIN PRIVATE KEY/);
});

// ---- passphrases ----

const passphrases = await issueCertificate(clients, zoneId, 'passphrases.example.com', EXPORTABLE);
const GOOD: readonly (readonly [name: string, passphrase: string])[] = [
  ['4 characters', 'four'],
  ['128 characters', 'x'.repeat(128)],
  ['signs and blanks', ' !"&\'()*+,-./:;<=>?@[\\]^_`{|}~\t'],
];
for (const [name, passphrase] of GOOD) {
  test(`takes a passphrase of ${name}`, async () => {
    const { PrivateKey } = await send(passphrases, passphrase);
    assert.ok(createPrivateKey({ key: PrivateKey!, passphrase }));
  });
}
const BAD: readonly (readonly [name: string, passphrase: string | Uint8Array, message: RegExp])[] = [
  ['3 characters', 'abc', /^1 validation error detected: Value of 3 bytes at 'passphrase' /],
  ['129 characters', 'x'.repeat(129), /^1 validation error detected: Value of 129 bytes at 'passphrase' /],
  ['a #', 'secret#', /^The passphrase may hold any ASCII character except #, \$ and %/],
  ['a $', '$ecret', /^The passphrase may hold/],
  ['a %', 'secret%secret', /^The passphrase may hold/],
  ['letters beyond ASCII', 'geheimnisvölle', /^The passphrase may hold/],
  ['octets of chance', Buffer.of(1, 2, 3, 200), /^The passphrase may hold/],
];
for (const [name, passphrase, message] of BAD) {
  test(`refuses a passphrase of ${name}, without repeating it`, async () => {
    await assert.rejects(send(passphrases, passphrase), (refusal: Error) => {
      assert.equal(refusal.name, 'ValidationException');
      assert.match(refusal.message, message);
      assert.ok(typeof passphrase !== 'string' || !refusal.message.includes(passphrase));
      return true;
    });
  });
}

// ---- certificates whose key stays ----

const KEPT: readonly (readonly [name: string, arn: () => string | Promise<string>, error: string, message: RegExp])[] =
  [
    [
      'that was requested without export',
      () => issueCertificate(clients, zoneId, 'kept.example.com'),
      'ValidationException',
      /cannot be exported: it was requested with Options\.Export DISABLED/,
    ],
    [
      'that was imported',
      async () => importCertificate(clients, await (await foreignAuthority({ after })).leaf(['imported.example.com'])),
      'ValidationException',
      /cannot be exported: it was imported/,
    ],
    ['that has expired', () => seeds.expired.arn, 'ValidationException', /cannot be exported: it has expired/],
    ['that failed', () => seeds.failed.arn, 'ValidationException', /was never issued \(FAILED\)/],
    [
      'that is pending',
      () => requestCertificate(clients, 'pending.example.com', EXPORTABLE),
      'RequestInProgressException',
      /not yet issued$/,
    ],
    [
      'of nobody',
      () => certificateOf({ domainName: 'nobody.example.com' }, 999).arn,
      'ResourceNotFoundException',
      /not found in account/,
    ],
    ['that is none', () => `arn:aws:acm-pca:${REGION}:${ACCOUNT}:certificate/1`, 'InvalidArnException', /acm-pca/],
  ];
for (const [name, arn, error, message] of KEPT) {
  test(`does not export a certificate ${name}`, async () => {
    await assert.rejects(send(await arn()), { name: error, message });
  });
}

test('does not export another account’s certificate, and leaves it unmarked', async () => {
  const arn = await issueCertificate(clients, zoneId, 'ours.example.com', EXPORTABLE);
  const stranger = createClients(gateway.endpoint, REGION, '111122223333');
  await assert.rejects(send(arn, PASSPHRASE, stranger), { name: 'ResourceNotFoundException' });
  assert.equal((await listed(arn)).Exported, false);
});

test('a refused passphrase leaves the certificate unmarked', async () => {
  const arn = await issueCertificate(clients, zoneId, 'unmarked.example.com', EXPORTABLE);
  await assert.rejects(send(arn, 'secret#'), { name: 'ValidationException' });
  assert.equal((await listed(arn)).Exported, false);
});

// ---- renewal on request ----

const renew = (CertificateArn: string) => clients.acm.send(new acm.RenewCertificateCommand({ CertificateArn }));

test('RenewCertificate begins the renewal of an exported certificate at once', async () => {
  const arn = await issueCertificate(clients, zoneId, 'renewed.example.com', EXPORTABLE);
  assert.equal((await describe(arn)).RenewalSummary, undefined);
  await send(arn);
  await renew(arn);
  const { RenewalSummary: summary } = await describe(arn);
  assert.match(summary!.RenewalStatus!, /^(PENDING_AUTO_RENEWAL|PENDING_VALIDATION|SUCCESS)$/);
  assert.ok(summary!.UpdatedAt instanceof Date);
  const [option] = summary!.DomainValidationOptions!;
  assert.deepEqual([option?.DomainName, option?.ValidationMethod], ['renewed.example.com', 'DNS']);
  assert.match(option!.ResourceRecord!.Name!, /^_[0-9a-f]{32}\.renewed\.example\.com\.$/);
});

const NOT_RENEWED: readonly (readonly [
  name: string,
  arn: () => string | Promise<string>,
  error: string,
  message: RegExp,
])[] = [
  [
    'that was not exported',
    () => issueCertificate(clients, zoneId, 'unexported.example.com', EXPORTABLE),
    'ValidationException',
    /it was never exported/,
  ],
  ['that has expired', () => seeds.expired.arn, 'ValidationException', /its status is EXPIRED/],
  [
    'whose renewal is under way',
    () => seeds.renewing.arn,
    'RequestInProgressException',
    /under way: PENDING_VALIDATION/,
  ],
  [
    'that is pending',
    () => requestCertificate(clients, 'pending.example.com'),
    'RequestInProgressException',
    /not yet issued$/,
  ],
  [
    'that was imported',
    async () => importCertificate(clients, await (await foreignAuthority({ after })).leaf(['imported.example.com'])),
    'ValidationException',
    /it was imported/,
  ],
];
for (const [name, arn, error, message] of NOT_RENEWED) {
  test(`RenewCertificate does not renew a certificate ${name}`, async () => {
    await assert.rejects(renew(await arn()), { name: error, message });
  });
}

test('RevokeCertificate is not there, and says so by its name', async () => {
  const revoked = { CertificateArn: seeds.renewing.arn, RevocationReason: 'KEY_COMPROMISE' } as const;
  await assert.rejects(clients.acm.send(new acm.RevokeCertificateCommand(revoked)), {
    name: 'NotImplemented',
    message: /^RevokeCertificate is not available/,
  });
});
