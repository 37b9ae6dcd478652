// ListCertificates against a model of it: every filter, both orders, every page size, on certificates in all states. Their ids say
// nothing about when they were created, and some were created in the same millisecond.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import fc from 'fast-check';
import type { Certificate } from '../../src/model/certificate.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { certificateOf, issuedFacts, seedCertificates, type Seed } from '../harness/seeded-store.ts';

const COUNT = 60;
const NOW_MS = Date.now();
const ALGORITHMS = ['RSA_2048', 'RSA_3072', 'EC_prime256v1', 'EC_secp384r1'] as const;
const STATUSES = ['ISSUED', 'EXPIRED', 'FAILED', 'VALIDATION_TIMED_OUT', 'PENDING_VALIDATION'] as const;
const IMPORTED = {
  subject: 'CN=imported',
  issuer: 'Us',
  signatureAlgorithm: 'SHA256WITHRSA',
  keyUsages: ['DIGITAL_SIGNATURE', 'KEY_AGREEMENT'],
  extendedKeyUsages: [{ name: 'CODE_SIGNING', oid: '1.3.6.1.5.5.7.3.3' }],
};

function seedOf(number: number): Seed {
  const status = STATUSES[number % STATUSES.length]!;
  const isIssued = status === 'ISSUED' || status === 'EXPIRED';
  const isImported = isIssued && number % 3 === 0;
  return {
    domainName: `n${number}.seed.localhost`,
    status,
    keyAlgorithm: isImported ? 'RSA_3072' : ALGORITHMS[(number >> 1) % ALGORITHMS.length]!,
    // Scattered, and each moment for two or three of them.
    createdAtMs: NOW_MS - ((number * 7) % 25) * 1_000,
    exportOption: number % 4 === 1 ? 'ENABLED' : 'DISABLED',
    ...(isIssued && { issued: issuedFacts() }),
    ...(isImported && { type: 'IMPORTED', validations: [], imported: IMPORTED }),
  };
}

const all = Array.from({ length: COUNT }, (_, number) => certificateOf(seedOf(number), number));
const gateway = await startTestGateway({ after }, ['--data-dir', await seedCertificates({ after }, all)]);
const { clients } = gateway;
const list = (input: acm.ListCertificatesRequest) => clients.acm.send(new acm.ListCertificatesCommand(input));

async function pagesOf(input: acm.ListCertificatesRequest): Promise<string[][]> {
  const pages: string[][] = [];
  let NextToken: string | undefined;
  do {
    const page: acm.ListCertificatesResponse = await list({ ...input, NextToken });
    pages.push(page.CertificateSummaryList!.map((one) => one.CertificateArn!));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return pages;
}

// ---- the model ----

function usages({ issued, imported }: Certificate): { key: readonly string[]; extended: readonly string[] } {
  if (!issued) return { key: [], extended: [] };
  if (!imported) return { key: ['DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT'], extended: ['TLS_WEB_SERVER_AUTHENTICATION'] };
  return { key: imported.keyUsages, extended: imported.extendedKeyUsages.map(({ name }) => name) };
}

function expectedOf(input: acm.ListCertificatesRequest): string[] {
  const { CertificateStatuses, CertificateKeyPairOrigins, SortOrder, Includes = {} } = input;
  const any = (wanted: readonly string[] | undefined, has: readonly string[]) =>
    !wanted || wanted.some((one) => has.includes(one));
  const found = all.filter((one) => {
    const { key, extended } = usages(one);
    return (
      any(Includes.keyTypes ?? ['RSA_1024', 'RSA_2048'], [one.keyAlgorithm]) &&
      any(CertificateStatuses, [one.status]) &&
      any(CertificateKeyPairOrigins, [one.imported ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED']) &&
      any(Includes.keyUsage, key) &&
      any(Includes.extendedKeyUsage, extended) &&
      (!Includes.exportOption || Includes.exportOption === one.exportOption) &&
      !Includes.managedBy
    );
  });
  const byId = found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (!SortOrder) return byId.map(({ arn }) => arn);
  const ascending = byId.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  return (SortOrder === 'ASCENDING' ? ascending : ascending.toReversed()).map(({ arn }) => arn);
}

const some = <T extends string>(...values: T[]) => fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const selection = fc
  .record({
    CertificateStatuses: some<acm.CertificateStatus>(...STATUSES, 'REVOKED'),
    CertificateKeyPairOrigins: some<acm.CertificateKeyPairOrigin>('AWS_MANAGED', 'CUSTOMER_PROVIDED', 'ACME'),
    keyTypes: fc.oneof(fc.constant<acm.KeyAlgorithm[]>([...ALGORITHMS]), some<acm.KeyAlgorithm>(...ALGORITHMS)),
    keyUsage: some<acm.KeyUsageName>('DIGITAL_SIGNATURE', 'KEY_ENCIPHERMENT', 'KEY_AGREEMENT', 'CRL_SIGNING'),
    extendedKeyUsage: some<acm.ExtendedKeyUsageName>('TLS_WEB_SERVER_AUTHENTICATION', 'CODE_SIGNING', 'ANY'),
    exportOption: fc.constantFrom<acm.CertificateExport | undefined>(undefined, 'ENABLED', 'DISABLED'),
    managedBy: fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant('CLOUDFRONT' as const) },
    ),
    SortOrder: fc.constantFrom<acm.SortOrder | undefined>(undefined, 'ASCENDING', 'DESCENDING'),
  })
  .map(({ CertificateStatuses, CertificateKeyPairOrigins, SortOrder, ...Includes }): acm.ListCertificatesRequest => ({
    CertificateStatuses,
    CertificateKeyPairOrigins,
    Includes,
    ...(SortOrder && { SortBy: 'CREATED_AT' as const, SortOrder }),
  }));

void test('every selection, order and page size shows each certificate that fits once, in order, on full pages', async () => {
  await fc.assert(
    fc.asyncProperty(selection, fc.integer({ min: 1, max: COUNT + 1 }), async (input, MaxItems) => {
      const pages = await pagesOf({ ...input, MaxItems });
      const expected = expectedOf(input);
      assert.deepEqual(pages.flat(), expected);
      assert.ok(
        pages.slice(0, -1).every((page) => page.length === MaxItems),
        'only the last page is not full',
      );
    }),
    { numRuns: 120 },
  );
});

const EVERY_TYPE: acm.ListCertificatesRequest = { Includes: { keyTypes: [...ALGORITHMS] } };
const NEWEST_FIRST = { ...EVERY_TYPE, SortBy: 'CREATED_AT', SortOrder: 'DESCENDING' } as const;

void test('a certificate that goes, and one that comes, between two pages move no other', async () => {
  const before = expectedOf(NEWEST_FIRST);
  const first = await list({ ...NEWEST_FIRST, MaxItems: 10 });
  // One of the page that was read, and the very last of it, where the next begins.
  for (const arn of [before[3]!, before[9]!]) {
    await clients.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: arn }));
    all.splice(
      all.findIndex((one) => one.arn === arn),
      1,
    );
  }
  const asked = { DomainName: 'newest.seed.localhost', ValidationMethod: 'DNS' } as const;
  const { CertificateArn: newest } = await clients.acm.send(new acm.RequestCertificateCommand(asked));
  const rest = await list({ ...NEWEST_FIRST, NextToken: first.NextToken });
  assert.deepEqual(
    [...first.CertificateSummaryList!, ...rest.CertificateSummaryList!].map((one) => one.CertificateArn),
    before,
  );
  const now = await list({ ...NEWEST_FIRST, MaxItems: 1 });
  assert.equal(now.CertificateSummaryList![0]!.CertificateArn, newest, 'and it is the first of the next list');
  await clients.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: newest }));
});

const OTHER_LISTS: readonly (readonly [name: string, input: acm.ListCertificatesRequest])[] = [
  ['in the other order', { ...NEWEST_FIRST, SortOrder: 'ASCENDING' }],
  ['in no order', EVERY_TYPE],
  ['of other key types', { ...NEWEST_FIRST, Includes: { keyTypes: ['RSA_2048'] } }],
  ['of one status', { ...NEWEST_FIRST, CertificateStatuses: ['ISSUED'] }],
  ['of another export option', { ...NEWEST_FIRST, Includes: { ...EVERY_TYPE.Includes, exportOption: 'DISABLED' } }],
];
for (const [name, input] of OTHER_LISTS) {
  void test(`a token is refused by the list ${name}`, async () => {
    const { NextToken } = await list({ ...NEWEST_FIRST, MaxItems: 1 });
    await assert.rejects(list({ ...input, NextToken }), { name: 'ValidationException', message: /token/ });
  });
}

void test('a token is good for pages of another size, and for its filters in another order', async () => {
  const Includes = { keyTypes: [...ALGORITHMS].reverse() };
  const { NextToken } = await list({ ...NEWEST_FIRST, MaxItems: 1 });
  const rest = await list({ ...NEWEST_FIRST, Includes, NextToken });
  assert.deepEqual(
    rest.CertificateSummaryList!.map((one) => one.CertificateArn),
    expectedOf(NEWEST_FIRST).slice(1),
  );
});

void test('a summary says what may be done with the certificate, and nothing about exports of an imported one', async () => {
  const { CertificateSummaryList } = await list({ Includes: { keyTypes: ['RSA_3072'], keyUsage: ['KEY_AGREEMENT'] } });
  const [imported] = CertificateSummaryList!;
  assert.deepEqual(
    [imported?.Type, imported?.Exported, imported?.KeyUsages, imported?.ExtendedKeyUsages, imported?.KeyAlgorithm],
    ['IMPORTED', undefined, ['DIGITAL_SIGNATURE', 'KEY_AGREEMENT'], ['CODE_SIGNING'], 'RSA-3072'],
  );
  const [exportable] = (await list({ ...EVERY_TYPE, Includes: { ...EVERY_TYPE.Includes, exportOption: 'ENABLED' } }))
    .CertificateSummaryList!;
  assert.deepEqual([exportable?.ExportOption, exportable?.Exported], ['ENABLED', false]);
});

for (const given of [{ SortBy: 'CREATED_AT' as const }, { SortOrder: 'ASCENDING' as const }]) {
  void test(`${Object.keys(given)[0]} alone is refused`, async () => {
    await assert.rejects(list(given), { name: 'ValidationException', message: /SortBy and SortOrder/ });
  });
}
