// RequestCertificate and what follows it, as far as the operations go: every member of the request counts or is refused in words,
// and what was asked for is shown. Who proves, mails and issues is shown elsewhere: no mail goes out, and nobody else is asked.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import { createClients } from '../../demo/chain.ts';
import { createDomain, issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';

const ACCOUNT = '000000000000';
const NO_MAIL = ['--smtp', 'smtp://127.0.0.1:9', '--resolver', '127.0.0.1:9'];
const gateway = await startTestGateway({ after }, ['--clock', 'movable', ...NO_MAIL]);
const { clients } = gateway;
const zoneId = await makeHostedZone(clients, 'example.com');

type Asked = Partial<acm.RequestCertificateRequest>;

async function request(input: Asked, as = clients): Promise<string> {
  const command = new acm.RequestCertificateCommand({ DomainName: 'asked.example.com', ...input });
  return (await as.acm.send(command)).CertificateArn!;
}

async function describe(CertificateArn: string, as = clients): Promise<acm.CertificateDetail> {
  return (await as.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!;
}

function authority(name: string, account = ACCOUNT, region = REGION): string {
  return `arn:aws:acm-pca:${region}:${account}:certificate-authority/${name}`;
}

// ---- what proves a name ----

void test('without a method a name is validated by mail, and shows no record and no address before one was written to', async () => {
  const { DomainValidationOptions: options, Options } = await describe(
    await request({ SubjectAlternativeNames: ['*.asked.example.com'] }),
  );
  const pending = { ValidationEmails: [], ValidationMethod: 'EMAIL', ValidationStatus: 'PENDING_VALIDATION' };
  assert.deepEqual(options, [
    { DomainName: 'asked.example.com', ValidationDomain: 'asked.example.com', ...pending },
    { DomainName: '*.asked.example.com', ValidationDomain: 'asked.example.com', ...pending },
  ]);
  assert.deepEqual(Options, { CertificateTransparencyLoggingPreference: 'ENABLED', Export: 'DISABLED' });
});

void test('mail goes to the domain that was chosen for a name, which is the name itself or above it', async () => {
  const arn = await request({
    DomainName: 'a.b.example.com',
    SubjectAlternativeNames: ['*.b.example.com', 'c.example.com'],
    DomainValidationOptions: [
      { DomainName: 'A.b.example.com', ValidationDomain: 'Example.com' },
      { DomainName: '*.b.example.com', ValidationDomain: 'b.example.com' },
    ],
  });
  const { DomainValidationOptions } = await describe(arn);
  assert.deepEqual(
    DomainValidationOptions!.map(({ ValidationDomain }) => ValidationDomain),
    ['example.com', 'b.example.com', 'c.example.com'],
  );
});

void test('each option that was asked for is shown, and kept', async () => {
  const arn = await request({
    ValidationMethod: 'DNS',
    KeyAlgorithm: 'EC_secp384r1',
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'ENABLED', ValidationMethod: 'DNS' },
    Tags: [{ Key: 'team', Value: 'gate' }],
  });
  const { Options, KeyAlgorithm } = await describe(arn);
  assert.deepEqual(Options, { CertificateTransparencyLoggingPreference: 'DISABLED', Export: 'ENABLED' });
  assert.equal(KeyAlgorithm, 'EC_secp384r1');
  const { Tags } = await clients.acm.send(new acm.ListTagsForCertificateCommand({ CertificateArn: arn }));
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'gate' }]);
});

// ---- who signs ----

void test('an issuer that the request names is shown; the default one, which nobody named, is not', async () => {
  const CertificateAuthorityArn = authority('local');
  const named = await describe(await request({ ValidationMethod: 'DNS', CertificateAuthorityArn }));
  assert.deepEqual([named.CertificateAuthorityArn, named.Type], [CertificateAuthorityArn, 'AMAZON_ISSUED']);
  const unnamed = await describe(await request({ ValidationMethod: 'DNS' }));
  assert.equal(unnamed.CertificateAuthorityArn, undefined);
});

void test('with an ACME authority, it is the default, and its names are proven by the record that it asks for', async (t) => {
  const directory = ['--acme-directory', 'https://127.0.0.1:9/directory', '--acme-agree-terms'];
  const other = await startTestGateway(t, directory);
  const asked: Asked = { ValidationMethod: 'DNS', SubjectAlternativeNames: ['*.asked.example.com'] };
  const recordsOf = async (input: Asked, as = other.clients) =>
    (await describe(await request({ ...asked, ...input }, as), as)).DomainValidationOptions!.map(
      ({ ResourceRecord }) => ResourceRecord!,
    );
  const [record, wildcard] = await recordsOf({});
  assert.equal(record?.Name, '_acme-challenge.asked.example.com.');
  assert.match(record.Value!, /^[0-9a-f]{32}\.acme-challenges\.localhost\.$/);
  assert.deepEqual(wildcard, record, 'one record for a name and the wildcard below it');
  assert.deepEqual((await recordsOf({ CertificateAuthorityArn: authority('acme') }))[0], record, 'the same later');
  const stranger = createClients(other.endpoint, REGION, '111122223333');
  assert.notEqual((await recordsOf({}, stranger))[0]!.Value, record.Value, 'and another account’s is another');
  const [local] = await recordsOf({ CertificateAuthorityArn: authority('local') });
  assert.match(local!.Value!, /\.acm-validations\.aws\.$/);
});

// ---- names that nobody is given ----

const REFUSED_NAMES = [
  'x.execute-api.us-east-1.amazonaws.com',
  'amazonaws.com',
  'a.cloudfront.net',
  'ab--cd.example.com',
];
for (const name of REFUSED_NAMES) {
  void test(`a request with ${name} fails at once, and says which name is not allowed`, async () => {
    const arn = await request({ ValidationMethod: 'DNS', SubjectAlternativeNames: [name] });
    const { Status, FailureReason, DomainValidationOptions } = await describe(arn);
    assert.deepEqual([Status, FailureReason], ['FAILED', 'DOMAIN_NOT_ALLOWED']);
    assert.deepEqual(
      DomainValidationOptions!.map(({ ValidationStatus }) => ValidationStatus),
      ['PENDING_VALIDATION', 'FAILED'],
    );
    await assert.rejects(clients.acm.send(new acm.GetCertificateCommand({ CertificateArn: arn })), {
      name: 'ValidationException',
      message: `Certificate ${arn} was never issued (FAILED, DOMAIN_NOT_ALLOWED). Request another one.`,
    });
  });
}

const ALLOWED_NAMES = ['xn--bcher-kva.example.com', 'notamazonaws.com', 'a-b.example.com', 'printer.internal'];
for (const name of ALLOWED_NAMES) {
  void test(`a request with ${name} waits for its proof`, async () => {
    assert.equal(
      (await describe(await request({ DomainName: name, ValidationMethod: 'DNS' }))).Status,
      'PENDING_VALIDATION',
    );
  });
}

// ---- one token, one request ----

const ONCE: Asked = {
  ValidationMethod: 'EMAIL',
  SubjectAlternativeNames: ['also.example.com'],
  IdempotencyToken: 'once',
  KeyAlgorithm: 'RSA_2048',
  Options: { Export: 'DISABLED', CertificateTransparencyLoggingPreference: 'ENABLED' },
  Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }],
  DomainValidationOptions: [
    { DomainName: 'asked.example.com', ValidationDomain: 'example.com' },
    { DomainName: 'also.example.com', ValidationDomain: 'example.com' },
  ],
};
const first = await request(ONCE);

const SAME: readonly (readonly [name: string, input: Asked])[] = [
  ['the request again', {}],
  ['names in capitals', { DomainName: 'ASKED.example.com' }],
  ['tags in another order', { Tags: ONCE.Tags!.toReversed() }],
  ['validation domains in another order', { DomainValidationOptions: ONCE.DomainValidationOptions!.toReversed() }],
  ['what is the default left out', { ValidationMethod: undefined, KeyAlgorithm: undefined, Options: undefined }],
];
for (const [name, input] of SAME) {
  void test(`${name} is the same request`, async () => {
    assert.equal(await request({ ...ONCE, ...input }), first);
  });
}

const OTHER: readonly (readonly [name: string, input: Asked])[] = [
  ['another token', { IdempotencyToken: 'twice' }],
  ['no token', { IdempotencyToken: undefined }],
  ['another method', { ValidationMethod: 'DNS' }],
  ['another key', { KeyAlgorithm: 'EC_prime256v1' }],
  ['an export option', { Options: { ...ONCE.Options, Export: 'ENABLED' } }],
  ['no transparency log', { Options: { ...ONCE.Options, CertificateTransparencyLoggingPreference: 'DISABLED' } }],
  ['another tag', { Tags: [...ONCE.Tags!, { Key: 'c' }] }],
  ['another value of a tag', { Tags: [{ Key: 'a', Value: '2' }, { Key: 'b' }] }],
  ['another validation domain', { DomainValidationOptions: ONCE.DomainValidationOptions!.slice(0, 1) }],
  ['a named issuer', { CertificateAuthorityArn: authority('local') }],
  ['another first name', { DomainName: 'also.example.com', SubjectAlternativeNames: ['asked.example.com'] }],
];
for (const [name, input] of OTHER) {
  void test(`${name} is another request`, async () => {
    assert.notEqual(await request({ ...ONCE, ...input }), first);
  });
}

void test('a repetition is known also when the certificate has changed since, and for an hour', async () => {
  const input: Asked = { IdempotencyToken: 'changed', Tags: [{ Key: 'a' }] };
  const arn = await request(input);
  await clients.acm.send(new acm.AddTagsToCertificateCommand({ CertificateArn: arn, Tags: [{ Key: 'z' }] }));
  const Options = { ValidationMethod: 'DNS' } as const;
  await clients.acm.send(new acm.UpdateCertificateOptionsCommand({ CertificateArn: arn, Options }));
  assert.equal(await request(input), arn);
  await gateway.advance('61m');
  assert.notEqual(await request(input), arn);
});

// ---- refusals ----

const INVALID = 'InvalidParameterException';
const MAIL = 'InvalidDomainValidationOptionsException';
const option = (DomainName: string, ValidationDomain: string) => ({
  DomainValidationOptions: [{ DomainName, ValidationDomain }],
});
const tags = (count: number) => Array.from({ length: count }, (_, number) => ({ Key: `k${number}` }));

// -- One refusal a line: it is read as a table.
// prettier-ignore
const REFUSED: readonly (readonly [name: string, input: Asked, error: string, message: RegExp])[] = [
  ['validation by HTTP', { ValidationMethod: 'HTTP' }, INVALID, /CloudFront manages\. Give ValidationMethod DNS or EMAIL\.$/],
  ['a manager', { ManagedBy: 'CLOUDFRONT' }, INVALID, /^There is no CLOUDFRONT here/],
  ['two methods', { ValidationMethod: 'DNS', Options: { ValidationMethod: 'EMAIL' } }, INVALID, /^Options\.ValidationMethod is EMAIL/],
  ['mail to a stranger', option('asked.example.com', 'example.org'), MAIL, /'example\.org' is neither 'asked\.example\.com' nor a parent/],
  ['mail to a name that ends alike', option('asked.example.com', 'ple.com'), MAIL, /'ple\.com' is neither/],
  ['mail to a name below', option('asked.example.com', 'x.asked.example.com'), MAIL, /nor a parent of it/],
  ['mail to a top-level domain', option('asked.example.com', 'com'), MAIL, /at least two labels/],
  ['mail about a name that is not asked for', option('other.example.com', 'example.com'), MAIL, /'other\.example\.com' is not a name of the request/],
  ['two validation domains of one name', { DomainValidationOptions: [...option('asked.example.com', 'example.com').DomainValidationOptions, ...option('asked.example.com', 'asked.example.com').DomainValidationOptions] }, MAIL, /has two validation domains/],
  ['an issuer that is not there', { CertificateAuthorityArn: authority('acme') }, 'InvalidArnException', /there are: arn:aws:acm-pca:us-east-1:000000000000:certificate-authority\/local\.$/],
  ['an issuer of another account', { CertificateAuthorityArn: authority('local', '111122223333') }, 'InvalidArnException', /there are:/],
  ['an issuer of another region', { CertificateAuthorityArn: authority('local', ACCOUNT, 'eu-west-1') }, 'InvalidArnException', /there are:/],
  ['an issuer of another service', { CertificateAuthorityArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate-authority/local` }, 'InvalidArnException', /there are:/],
  ['no ARN at all', { CertificateAuthorityArn: 'certificate-authority/local' }, 'InvalidArnException', /there are:/],
  ['a reserved tag key', { Tags: [{ Key: 'AWS:x' }] }, 'InvalidTagException', /^The tag key 'AWS:x' begins with aws:/],
  ['a reserved tag value', { Tags: [{ Key: 'x', Value: 'aws:y' }] }, 'InvalidTagException', /^The tag value of 'x' begins with aws:/],
  ['a tag key twice', { Tags: [{ Key: 'x', Value: '1' }, { Key: 'x', Value: '2' }] }, INVALID, /'x' is given more than once/],
  ['51 tags', { Tags: tags(51) }, 'ValidationException', /'tags' failed to satisfy constraint: Member must have length less than or equal to 50/],
  ['a tag key with a comma', { Tags: [{ Key: 'a,b' }] }, 'ValidationException', /'tags\.1\.member\.key'/],
];
for (const [name, input, error, message] of REFUSED) {
  void test(`refuses ${name}`, async () => {
    await assert.rejects(request(input), { name: error, message });
  });
}

// ---- certificates in use ----

void test('a certificate in use is not deleted, and five of the names that use it are told', async () => {
  const names = Array.from({ length: 7 }, (_, number) => `u${number}.example.com`);
  const arn = await issueCertificate(clients, zoneId, names[0]!, { SubjectAlternativeNames: names.slice(1) });
  const refusalOf = () =>
    clients.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: arn })).then(
      () => assert.fail('it is deleted'),
      (error: Error) => error.message,
    );
  const sentence = `Certificate ${arn} in account ${ACCOUNT} is in use.`;
  await createDomain(clients, names[0]!, arn);
  assert.equal(await refusalOf(), `${sentence} It is used by u0.example.com.`);
  for (const name of names.slice(1)) await createDomain(clients, name, arn);
  assert.match(await refusalOf(), /is in use\. It is used by (u\d\.example\.com, ){4}u\d\.example\.com and 2 more\.$/);
});

// ---- what an account decides ----

async function daysOf(as = clients): Promise<number> {
  const { ExpiryEvents } = await as.acm.send(new acm.GetAccountConfigurationCommand({}));
  return ExpiryEvents!.DaysBeforeExpiry!;
}

function putDays(DaysBeforeExpiry: number, IdempotencyToken: string, as = clients): Promise<unknown> {
  const ExpiryEvents = { DaysBeforeExpiry };
  return as.acm.send(new acm.PutAccountConfigurationCommand({ ExpiryEvents, IdempotencyToken }));
}

void test('an account is told of the end of its certificates from as many days before as it says', async () => {
  assert.equal(await daysOf(), 45);
  await putDays(10, 'ten');
  assert.equal(await daysOf(), 10);
  await clients.acm.send(new acm.PutAccountConfigurationCommand({ IdempotencyToken: 'nothing' }));
  assert.equal(await daysOf(), 10);
  await putDays(10, 'ten');
  await assert.rejects(putDays(11, 'ten'), { name: 'ConflictException', message: /'ten' stands for 10 days/ });
  assert.equal(await daysOf(), 10);
  await gateway.advance('61m');
  await putDays(11, 'ten');
  assert.equal(await daysOf(), 11);
  assert.equal(await daysOf(createClients(gateway.endpoint, 'eu-west-1')), 45, 'another region');
  assert.equal(await daysOf(createClients(gateway.endpoint, REGION, '111122223333')), 45, 'another account');
});

for (const days of [0, 46, -1, 1.5]) {
  void test(`${days} days before the end are refused`, async () => {
    await assert.rejects(putDays(days, 'wrong'), { name: 'ValidationException' });
  });
}
