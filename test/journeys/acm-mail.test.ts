// Certificates that are validated by mail, in states that take days to come to: what DescribeCertificate shows of them, whom
// ResendValidationEmail lets write again, and the move to DNS by UpdateCertificateOptions. No mail goes out here: it stays unsent.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import type { Certificate, DomainValidation } from '../../src/model/certificate.ts';
import { makeHostedZone, putRecord } from '../harness/domains.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { certificateOf, issuedFacts, seedCertificates, type Seed } from '../harness/seeded-store.ts';

const NOW_MS = Date.now();

/** Mailed about, unless `changes` say otherwise. */
function validation(domainName: string, changes: Partial<DomainValidation> = {}): DomainValidation {
  const { validations } = certificateOf({ domainName }, 0);
  return { ...validations[0]!, mailedAtMs: NOW_MS, ...changes };
}

let count = 0;
function mailed(seed: Seed): Certificate {
  count += 1;
  const { domainName } = seed;
  return certificateOf({ validationMethod: 'EMAIL', validations: [validation(domainName)], ...seed }, count);
}

const issued = { status: 'ISSUED', issued: issuedFacts() } as const;
const seeds = {
  pending: mailed({
    domainName: 'www.a.localhost',
    subjectAlternativeNames: ['www.a.localhost', '*.b.localhost', 'c.localhost'],
    validations: [
      validation('www.a.localhost'),
      validation('*.b.localhost', { validationDomain: 'b.localhost' }),
      validation('c.localhost', { status: 'SUCCESS' }),
    ],
  }),
  issued: mailed({ domainName: 'd.localhost', ...issued }),
  renewing: mailed({
    domainName: 'e.localhost',
    ...issued,
    validations: [validation('e.localhost', { status: 'SUCCESS' })],
    renewal: {
      status: 'PENDING_VALIDATION',
      validations: [validation('e.localhost')],
      reason: 'CAA_ERROR',
      updatedAtMs: NOW_MS,
    },
  }),
  renewed: mailed({
    domainName: 'f.localhost',
    ...issued,
    renewal: {
      status: 'SUCCESS',
      validations: [validation('f.localhost', { status: 'SUCCESS' })],
      updatedAtMs: NOW_MS,
    },
  }),
  timedOut: mailed({ domainName: 'g.localhost', status: 'VALIDATION_TIMED_OUT' }),
  failed: mailed({ domainName: 'h.localhost', status: 'FAILED', failureReason: 'DOMAIN_VALIDATION_DENIED' }),
  expired: mailed({ domainName: 'i.localhost', status: 'EXPIRED', issued: issuedFacts(300) }),
  moved: mailed({
    domainName: 'j.localhost',
    validationMethod: 'DNS',
    methodUpdate: 'SUCCESS',
    methodUpdateAtMs: NOW_MS,
    status: 'EXPIRED',
    issued: issuedFacts(300),
  }),
  byDns: certificateOf({ domainName: 'k.localhost' }, 100),
  toBeMoved: mailed({
    domainName: 'l.localhost',
    ...issued,
    validations: [validation('l.localhost', { status: 'SUCCESS' })],
  }),
};
const dataDir = await seedCertificates({ after }, Object.values(seeds));
const gateway = await startTestGateway({ after }, ['--smtp', 'smtp://127.0.0.1:9', '--data-dir', dataDir]);
const { clients } = gateway;

async function describe(CertificateArn: string): Promise<acm.CertificateDetail> {
  return (await clients.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!;
}

function mailboxesAt(domain: string): string[] {
  return ['admin', 'administrator', 'hostmaster', 'postmaster', 'webmaster'].map((mailbox) => `${mailbox}@${domain}`);
}

// ---- what is shown ----

test('the addresses that were written to are shown, without www. and *.', async () => {
  const { DomainValidationOptions, RenewalSummary } = await describe(seeds.pending.arn);
  const pending = { ValidationMethod: 'EMAIL', ValidationStatus: 'PENDING_VALIDATION' };
  assert.deepEqual(DomainValidationOptions, [
    {
      DomainName: 'www.a.localhost',
      ValidationDomain: 'www.a.localhost',
      ValidationEmails: mailboxesAt('a.localhost'),
      ...pending,
    },
    {
      DomainName: '*.b.localhost',
      ValidationDomain: 'b.localhost',
      ValidationEmails: mailboxesAt('b.localhost'),
      ...pending,
    },
    {
      DomainName: 'c.localhost',
      ValidationDomain: 'c.localhost',
      ValidationEmails: mailboxesAt('c.localhost'),
      ...pending,
      ValidationStatus: 'SUCCESS',
    },
  ]);
  assert.equal(RenewalSummary, undefined);
});

test('a renewal is shown from its beginning, with what it waits for and why', async () => {
  const { RenewalSummary, DomainValidationOptions, Status } = await describe(seeds.renewing.arn);
  assert.deepEqual(RenewalSummary, {
    RenewalStatus: 'PENDING_VALIDATION',
    RenewalStatusReason: 'CAA_ERROR',
    UpdatedAt: new Date(NOW_MS),
    DomainValidationOptions: [
      {
        DomainName: 'e.localhost',
        ValidationDomain: 'e.localhost',
        ValidationEmails: mailboxesAt('e.localhost'),
        ValidationMethod: 'EMAIL',
        ValidationStatus: 'PENDING_VALIDATION',
      },
    ],
  });
  assert.deepEqual([Status, DomainValidationOptions![0]!.ValidationStatus], ['ISSUED', 'SUCCESS']);
});

const SHOWN: readonly (readonly [name: keyof typeof seeds, members: Partial<acm.CertificateDetail>])[] = [
  ['timedOut', { Status: 'VALIDATION_TIMED_OUT', FailureReason: undefined, RenewalEligibility: 'INELIGIBLE' }],
  ['failed', { Status: 'FAILED', FailureReason: 'DOMAIN_VALIDATION_DENIED' }],
  ['expired', { Status: 'EXPIRED', RenewalEligibility: 'INELIGIBLE', Serial: '03:e9' }],
  [
    'moved',
    {
      UpdateSummary: {
        Status: 'SUCCESS',
        Type: 'DOMAIN_VALIDATION_METHOD',
        DomainValidationMethodUpdateSummary: { From: 'EMAIL', To: 'DNS' },
        RequestedAt: new Date(NOW_MS),
      },
    },
  ],
];
for (const [name, members] of SHOWN) {
  test(`DescribeCertificate of one that is ${name}`, async () => {
    const shown = await describe(seeds[name].arn);
    const told = Object.fromEntries(
      Object.keys(members).map((key) => [key, shown[key as keyof acm.CertificateDetail]]),
    );
    assert.deepEqual(told, members);
  });
}

// ---- mail once more ----

function resend({ arn: CertificateArn }: Certificate, Domain: string, ValidationDomain: string): Promise<unknown> {
  return clients.acm.send(new acm.ResendValidationEmailCommand({ CertificateArn, Domain, ValidationDomain }));
}

const RESENT: readonly (readonly [name: string, at: number, domain: string, validationDomain: string])[] = [
  ['a name', 0, 'www.a.localhost', 'www.a.localhost'],
  ['a wildcard, by its domain', 1, '*.b.localhost', 'b.localhost'],
  ['a wildcard in capitals, by itself', 1, '*.B.localhost', '*.b.localhost'],
];
for (const [name, at, domain, validationDomain] of RESENT) {
  test(`mail about ${name} is to be sent again, and about no other`, async () => {
    const emailsOf = async () =>
      (await describe(seeds.pending.arn)).DomainValidationOptions!.map(({ ValidationEmails }) => ValidationEmails);
    const before = await emailsOf();
    await resend(seeds.pending, domain, validationDomain);
    assert.deepEqual(await emailsOf(), before.with(at, []));
  });
}

test('mail about a renewal is to be sent again, and the first validation stays as it was', async () => {
  await resend(seeds.renewing, 'e.localhost', 'e.localhost');
  const { RenewalSummary, DomainValidationOptions } = await describe(seeds.renewing.arn);
  assert.deepEqual(RenewalSummary!.DomainValidationOptions![0]!.ValidationEmails, []);
  assert.deepEqual(DomainValidationOptions![0]!.ValidationEmails, mailboxesAt('e.localhost'));
});

// -- One refusal a line: it is read as a table.
// prettier-ignore
const NOT_RESENT: readonly (readonly [name: string, certificate: Certificate, domain: string, validationDomain: string, error: string, message: RegExp])[] = [
  ['another validation domain', seeds.pending, 'www.a.localhost', 'a.localhost', 'InvalidDomainValidationOptionsException', /but www\.a\.localhost by mail to www\.a\.localhost/],
  ['another name', seeds.pending, 'b.localhost', 'b.localhost', 'InvalidDomainValidationOptionsException', /does not validate 'b\.localhost'/],
  ['a name that is approved', seeds.pending, 'c.localhost', 'c.localhost', 'InvalidStateException', /'c\.localhost' is over: SUCCESS/],
  ['one that is issued', seeds.issued, 'd.localhost', 'd.localhost', 'InvalidStateException', /does not wait for an approval, its status is ISSUED/],
  ['one that is renewed', seeds.renewed, 'f.localhost', 'f.localhost', 'InvalidStateException', /does not wait/],
  ['one that is timed out', seeds.timedOut, 'g.localhost', 'g.localhost', 'InvalidStateException', /VALIDATION_TIMED_OUT/],
  ['one that is validated by DNS', seeds.byDns, 'k.localhost', 'k.localhost', 'InvalidStateException', /it is validated by DNS/],
];
for (const [name, certificate, domain, validationDomain, error, message] of NOT_RESENT) {
  test(`no mail is sent about ${name}`, async () => {
    await assert.rejects(resend(certificate, domain, validationDomain), { name: error, message });
  });
}

// ---- options ----

function update({ arn: CertificateArn }: Certificate, Options: acm.CertificateOptions): Promise<unknown> {
  return clients.acm.send(new acm.UpdateCertificateOptionsCommand({ CertificateArn, Options }));
}

const summariesOf = async (
  { arn: CertificateArn }: Certificate,
  more: { MaxItems?: number; NextToken?: string } = {},
) => clients.acm.send(new acm.ListCertificateDomainValidationsCommand({ CertificateArn, ...more }));

test('a certificate moves from mail to DNS: its record is shown, and until it is found the move is pending', async () => {
  const { arn, validations } = seeds.toBeMoved;
  const [{ recordName, recordValue }] = validations as [DomainValidation];
  const record = { Name: recordName, Type: 'CNAME' as const, Value: recordValue };
  const by = { ValidationMethod: 'EMAIL', ValidationStatus: 'SUCCESS' };
  const EmailValidationChallenge = { ValidationEmails: mailboxesAt('l.localhost'), ValidationDomain: 'l.localhost' };
  const active = { ...by, ValidationChallenge: { EmailValidationChallenge } };
  assert.deepEqual((await summariesOf(seeds.toBeMoved)).DomainValidationSummaryList, [
    { DomainName: 'l.localhost', ActiveValidationConfiguration: active },
  ]);
  await update(seeds.toBeMoved, { ValidationMethod: 'DNS' });
  const { UpdateSummary, DomainValidationOptions } = await describe(arn);
  assert.partialDeepStrictEqual(UpdateSummary, {
    Status: 'PENDING_DOMAIN_VALIDATION',
    Type: 'DOMAIN_VALIDATION_METHOD',
  });
  const [option] = DomainValidationOptions!;
  assert.deepEqual([option?.ValidationMethod, option?.ResourceRecord], ['DNS', record]);
  const requested = {
    ValidationMethod: 'DNS',
    ValidationStatus: 'PENDING_VALIDATION',
    ValidationChallenge: { DnsValidationChallenge: { ResourceRecord: record } },
  };
  assert.deepEqual((await summariesOf(seeds.toBeMoved)).DomainValidationSummaryList, [
    { DomainName: 'l.localhost', ActiveValidationConfiguration: active, RequestedValidationConfiguration: requested },
  ]);
  await update(seeds.toBeMoved, { ValidationMethod: 'DNS' });
  assert.deepEqual((await describe(arn)).UpdateSummary, UpdateSummary, 'once is enough');
});

test('a pending certificate that moves to DNS is proven by its record', async () => {
  const zoneId = await makeHostedZone(clients, 'example.com');
  const asked = { DomainName: 'moved.example.com' };
  const { CertificateArn: arn } = await clients.acm.send(new acm.RequestCertificateCommand(asked));
  await update({ ...seeds.pending, arn: arn! }, { ValidationMethod: 'DNS' });
  const { Name, Type, Value } = (await describe(arn!)).DomainValidationOptions![0]!.ResourceRecord!;
  await putRecord(clients, zoneId, { Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
  const waited = await acm.waitUntilCertificateValidated(
    { client: clients.acm, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
    { CertificateArn: arn },
  );
  assert.equal(waited.state, 'SUCCESS');
});

test('the validations of a certificate come in pages', async () => {
  const first = await summariesOf(seeds.pending, { MaxItems: 2 });
  const rest = await summariesOf(seeds.pending, { NextToken: first.NextToken! });
  const pages = [first, rest].map((page) => page.DomainValidationSummaryList!.map(({ DomainName }) => DomainName));
  assert.deepEqual([...pages, rest.NextToken], [['www.a.localhost', '*.b.localhost'], ['c.localhost'], undefined]);
  const elsewhere = summariesOf(seeds.renewing, { NextToken: first.NextToken! });
  await assert.rejects(elsewhere, { name: 'InvalidArgsException', message: /token/ });
});

test('the preference about transparency logs is kept', async () => {
  await update(seeds.byDns, { CertificateTransparencyLoggingPreference: 'DISABLED' });
  const { Options } = await describe(seeds.byDns.arn);
  assert.deepEqual(Options, { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'DISABLED' });
});

// -- One refusal a line: it is read as a table.
// prettier-ignore
const NOT_UPDATED: readonly (readonly [name: string, certificate: Certificate, options: acm.CertificateOptions, error: string, message: RegExp])[] = [
  ['nothing', seeds.byDns, {}, 'ValidationException', /none was given/],
  ['the export option', seeds.byDns, { Export: 'ENABLED' }, 'ValidationException', /Export stays DISABLED/],
  ['DNS to mail', seeds.byDns, { ValidationMethod: 'EMAIL' }, 'ValidationException', /from EMAIL to DNS alone, not to EMAIL/],
  ['mail to HTTP', seeds.pending, { ValidationMethod: 'HTTP' }, 'ValidationException', /not to HTTP/],
  ['the method of one that is timed out', seeds.timedOut, { ValidationMethod: 'DNS' }, 'InvalidStateException', /VALIDATION_TIMED_OUT/],
  ['the method of one that has expired', seeds.expired, { ValidationMethod: 'DNS' }, 'InvalidStateException', /EXPIRED/],
];
for (const [name, certificate, options, error, message] of NOT_UPDATED) {
  test(`does not change ${name}`, async () => {
    await assert.rejects(update(certificate, options), { name: error, message });
  });
}
