// ACM and Route 53 through the unmodified SDK and by raw requests: certificates from request to issue, time-out and deletion,
// hosted zones, batches of changes and lists, in the services' own words. Lifecycle time is moved, never waited for.

import assert from 'node:assert/strict';
import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { after, test } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as r53 from '@aws-sdk/client-route-53';
import { createClients, type Clients } from '../../demo/chain.ts';
import { WAIT_MS, eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';

const ACCOUNT = '000000000000';
const OTHER_ACCOUNT = '111122223333';
const REGIONAL_ZONE = 'Z1UJRXOUMOOFQ8';
const DAY_MS = 86_400_000;

const gateway = await startTestGateway({ after }, ['--clock', 'movable']);
const { clients } = gateway;
const others = createClients(gateway.endpoint, REGION, OTHER_ACCOUNT);

async function refusalOf(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as acm.ACMServiceException;
    return { name, status: $metadata?.httpStatusCode ?? 0, message };
  }
  assert.fail('the call was answered, and should have been refused');
}

type Row = readonly [
  name: string,
  call: () => Promise<unknown>,
  error: string,
  message: string | RegExp,
  status?: number,
];

function refusesEach(rows: readonly Row[]): void {
  for (const [name, call, error, message, status = 400] of rows) {
    void test(`refuses ${name}`, async () => {
      const refusal = await refusalOf(call());
      assert.deepEqual([refusal.name, refusal.status], [error, status], refusal.message);
      if (typeof message === 'string') assert.equal(refusal.message, message);
      else assert.match(refusal.message, message);
    });
  }
}

// ---- raw requests ----

/** Sends bytes as they are, signed by SigV4. Path and query are given in their canonical form. */
async function raw(
  service: string,
  method: string,
  target: string,
  body = '',
): Promise<{ status: number; text: string }> {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = [stamp.slice(0, 8), REGION, service, 'aws4_request'];
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [path, query = ''] = target.split('?') as [string, string?];
  const host = gateway.ready.control[0]!;
  const lines = `host:${host}\nx-amz-date:${stamp}\n`;
  const canonical = [method, path, query, lines, 'host;x-amz-date', sha256(body)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, 'AWS4test');
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope.join('/'), sha256(canonical)].join('\n'));
  const authorization =
    `AWS4-HMAC-SHA256 Credential=test/${scope.join('/')}, SignedHeaders=host;x-amz-date, ` +
    `Signature=${signature.toString('hex')}`;
  // As bytes, so that no content type is sent: boto3 sends none.
  const bytes = body === '' ? {} : { body: Buffer.from(body) };
  const headers = { 'x-amz-date': stamp, authorization };
  const response = await fetch(`${gateway.endpoint}${target}`, { method, headers, ...bytes });
  return { status: response.status, text: await response.text() };
}

// ---- certificates ----

async function makeZone(Name: string, as: Clients = clients): Promise<string> {
  const CallerReference = `${Name} ${Math.random()}`;
  const { HostedZone } = await as.route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference }));
  return HostedZone!.Id!.replace('/hostedzone/', '');
}

async function change(HostedZoneId: string, ...Changes: r53.Change[]): Promise<r53.ChangeInfo> {
  const batch = { HostedZoneId, ChangeBatch: { Changes } };
  return (await clients.route53.send(new r53.ChangeResourceRecordSetsCommand(batch))).ChangeInfo!;
}

function record(Action: r53.ChangeAction, Name: string, Type: r53.RRType, ...values: string[]): r53.Change {
  return {
    Action,
    ResourceRecordSet: { Name, Type, TTL: 60, ResourceRecords: values.map((Value) => ({ Value })) },
  };
}

function alias(Name: string, HostedZoneId: string, DNSName: string, Type: r53.RRType = 'A'): r53.Change {
  const AliasTarget = { HostedZoneId, DNSName, EvaluateTargetHealth: false };
  return { Action: 'UPSERT', ResourceRecordSet: { Name, Type, AliasTarget } };
}

const certificatesZone = await makeZone('example.com');

type Requested = Partial<acm.RequestCertificateRequest> & { readonly DomainName: string };

async function request(input: Requested, as: Clients = clients): Promise<string> {
  const command = new acm.RequestCertificateCommand({ ValidationMethod: 'DNS', ...input });
  return (await as.acm.send(command)).CertificateArn!;
}

async function describe(CertificateArn: string, as: Clients = clients): Promise<acm.CertificateDetail> {
  return (await as.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate!;
}

async function recordsOf(arn: string, as: Clients = clients): Promise<{ Name: string; Value: string }[]> {
  const { DomainValidationOptions } = await describe(arn, as);
  return DomainValidationOptions!.map(({ ResourceRecord }) => ResourceRecord as { Name: string; Value: string });
}

/** Makes the validation records in the zone that is served, whoever owns the certificate. */
async function prove(arn: string, as: Clients = clients): Promise<void> {
  const records = await recordsOf(arn, as);
  await change(certificatesZone, ...records.map(({ Name, Value }) => record('UPSERT', Name, 'CNAME', Value)));
}

async function issued(arn: string, as: Clients = clients): Promise<acm.CertificateDetail> {
  return eventually(`${arn} is issued`, async () => {
    const certificate = await describe(arn, as);
    return certificate.Status === 'ISSUED' ? certificate : undefined;
  });
}

/** The log line of a look at the certificate that did not find what proves it. */
function unproven(arn: string, found: RegExp): Promise<Record<string, unknown>> {
  return eventually(`${arn} was looked at in vain`, () =>
    gateway
      .logged()
      .find(
        (line) =>
          line['message'] === 'a name is not proven yet' && line['arn'] === arn && found.test(String(line['found'])),
      ),
  );
}

void test('a certificate is pending until its CNAME is there; then the SDK’s waiter finds it issued', async () => {
  const arn = await request({ DomainName: 'proven.example.com' });
  await unproven(arn, /NXDOMAIN/);
  assert.equal((await describe(arn)).Status, 'PENDING_VALIDATION');
  await prove(arn);
  const waited = await acm.waitUntilCertificateValidated(
    { client: clients.acm, maxWaitTime: WAIT_MS / 1_000, minDelay: 1, maxDelay: 1 },
    { CertificateArn: arn },
  );
  assert.equal(waited.state, 'SUCCESS');
  assert.equal((await describe(arn)).Status, 'ISSUED');
});

void test('a wildcard and the name below which it stands share one record', async () => {
  const arn = await request({ DomainName: '*.shared.example.com', SubjectAlternativeNames: ['shared.example.com'] });
  const [wildcard, apex, ...more] = await recordsOf(arn);
  assert.deepEqual([wildcard, more], [apex, []]);
  await change(certificatesZone, record('UPSERT', apex!.Name, 'CNAME', apex!.Value));
  const { DomainValidationOptions } = await issued(arn);
  const statuses = DomainValidationOptions!.map(({ DomainName, ValidationStatus }) => [DomainName, ValidationStatus]);
  assert.deepEqual(statuses, [
    ['*.shared.example.com', 'SUCCESS'],
    ['shared.example.com', 'SUCCESS'],
  ]);
});

void test('names are proven one by one, and the certificate waits for the last', async () => {
  const arn = await request({
    DomainName: 'a.several.example.com',
    SubjectAlternativeNames: ['b.several.example.com'],
  });
  const [first, second] = await recordsOf(arn);
  await change(certificatesZone, record('UPSERT', first!.Name, 'CNAME', first!.Value));
  const half = await eventually('the first name is proven', async () => {
    const certificate = await describe(arn);
    return certificate.DomainValidationOptions![0]!.ValidationStatus === 'SUCCESS' ? certificate : undefined;
  });
  assert.equal(half.Status, 'PENDING_VALIDATION');
  assert.equal(half.DomainValidationOptions![1]!.ValidationStatus, 'PENDING_VALIDATION');
  await change(certificatesZone, record('UPSERT', second!.Name, 'CNAME', second!.Value));
  await issued(arn);
});

void test('the record of a name serves each later certificate of the account, and none of another', async () => {
  const first = await request({ DomainName: 'stable.example.com' });
  await prove(first);
  await issued(first);
  const second = await request({ DomainName: 'stable.example.com' });
  assert.notEqual(second, first);
  assert.deepEqual(await recordsOf(second), await recordsOf(first));
  await issued(second);
  const foreign = await request({ DomainName: 'stable.example.com' }, others);
  assert.notEqual((await recordsOf(foreign, others))[0]!.Name, (await recordsOf(first))[0]!.Name);
  await unproven(foreign, /NXDOMAIN/);
  assert.equal((await describe(foreign, others)).Status, 'PENDING_VALIDATION');
});

void test('the leading underscore of the value may be missing', async () => {
  const arn = await request({ DomainName: 'plain.example.com' });
  const [{ Name, Value }] = (await recordsOf(arn)) as [{ Name: string; Value: string }];
  await change(certificatesZone, record('UPSERT', Name, 'CNAME', Value.replace(/^_/, '')));
  await issued(arn);
});

const CHAINS: readonly (readonly [length: number, proves: boolean])[] = [
  [5, true],
  [6, false],
];
for (const [length, proves] of CHAINS) {
  void test(`a chain of ${length} CNAMEs ${proves ? 'proves' : 'does not prove'} a name`, async () => {
    const arn = await request({ DomainName: `chain${length}.example.com` });
    const [{ Name, Value }] = (await recordsOf(arn)) as [{ Name: string; Value: string }];
    const links = Array.from({ length: length - 1 }, (_, link) => `link${link}.chain${length}.example.com.`);
    const names = [Name, ...links];
    const changes = names.map((name, at) => record('CREATE', name, 'CNAME', names[at + 1] ?? Value));
    await change(certificatesZone, ...changes.reverse());
    if (proves) return void (await issued(arn));
    await unproven(arn, /link3\.chain6\.example\.com.*not the expected value/);
    assert.equal((await describe(arn)).Status, 'PENDING_VALIDATION');
  });
}

void test('one idempotency token and one request make one certificate within the hour', async () => {
  const input = {
    DomainName: 'once.example.com',
    SubjectAlternativeNames: ['twice.example.com'],
    IdempotencyToken: 'a_1',
  };
  const first = await request(input);
  assert.equal(await request(input), first);
  assert.notEqual(await request({ ...input, IdempotencyToken: 'a_2' }), first, 'another token');
  assert.notEqual(await request({ DomainName: 'once.example.com', IdempotencyToken: 'a_1' }), first, 'other names');
  assert.notEqual(await request(input, others), first, 'another account');
  await gateway.advance('61m');
  assert.notEqual(await request(input), first, 'an hour later');
});

void test('a token with another key algorithm is another request', async () => {
  const input = { DomainName: 'once.example.com', IdempotencyToken: 'b_1' };
  assert.notEqual(await request({ ...input, KeyAlgorithm: 'EC_prime256v1' }), await request(input));
});

const ALGORITHMS: readonly (readonly [algorithm: acm.KeyAlgorithm, type: string, details: object])[] = [
  ['RSA_2048', 'rsa', { modulusLength: 2048 }],
  ['EC_prime256v1', 'ec', { namedCurve: 'prime256v1' }],
  ['EC_secp384r1', 'ec', { namedCurve: 'secp384r1' }],
];
for (const [KeyAlgorithm, type, details] of ALGORITHMS) {
  void test(`GetCertificate of ${KeyAlgorithm}: a key of that kind, the names, and a chain to the root`, async () => {
    const SubjectAlternativeNames = ['*.key.example.com'];
    const arn = await request({ DomainName: 'key.example.com', SubjectAlternativeNames, KeyAlgorithm });
    const pending = await refusalOf(clients.acm.send(new acm.GetCertificateCommand({ CertificateArn: arn })));
    const message = `Certificate ${arn} in account ${ACCOUNT} not yet issued`;
    assert.deepEqual(pending, { name: 'RequestInProgressException', status: 400, message });
    await prove(arn);
    const { Serial, NotBefore, NotAfter } = await issued(arn);
    const got = await clients.acm.send(new acm.GetCertificateCommand({ CertificateArn: arn }));
    assert.doesNotMatch(JSON.stringify(got), /PRIVATE KEY/);
    const leaf = new X509Certificate(got.Certificate!);
    const root = new X509Certificate(got.CertificateChain!);
    assert.equal(root.fingerprint256, new X509Certificate(gateway.ca).fingerprint256);
    assert.ok(leaf.checkIssued(root) && leaf.verify(root.publicKey), 'the root has signed it');
    assert.equal(leaf.publicKey.asymmetricKeyType, type);
    assert.partialDeepStrictEqual(leaf.publicKey.asymmetricKeyDetails, details);
    assert.equal(leaf.subjectAltName, 'DNS:key.example.com, DNS:*.key.example.com');
    assert.equal(leaf.ca, false);
    assert.equal(Serial, leaf.serialNumber.toLowerCase().match(/../g)!.join(':'));
    assert.deepEqual([NotBefore, NotAfter], [new Date(leaf.validFrom), new Date(leaf.validTo)]);
    assert.equal(Math.round((NotAfter!.getTime() - NotBefore!.getTime()) / DAY_MS), 198);
  });
}

// ---- lists of certificates ----

const lister = createClients(gateway.endpoint, REGION, '333344445555');
const listed = {
  rsa: await request({ DomainName: 'rsa.example.com' }, lister),
  p256: await request({ DomainName: 'p256.example.com', KeyAlgorithm: 'EC_prime256v1' }, lister),
  p384: await request({ DomainName: 'p384.example.com', KeyAlgorithm: 'EC_secp384r1' }, lister),
  pending: await request({ DomainName: 'unproven.example.com' }, lister),
};
for (const arn of [listed.rsa, listed.p256, listed.p384]) await prove(arn, lister);
for (const arn of [listed.rsa, listed.p256, listed.p384]) await issued(arn, lister);
const EVERY_TYPE: acm.KeyAlgorithm[] = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'];

const LISTS: readonly (readonly [name: string, input: acm.ListCertificatesRequest, names: (keyof typeof listed)[]])[] =
  [
    ['RSA alone, when no key type is named', {}, ['pending', 'rsa']],
    ['the key types that are named', { Includes: { keyTypes: ['EC_prime256v1', 'EC_secp384r1'] } }, ['p256', 'p384']],
    ['every type, when each is named', { Includes: { keyTypes: EVERY_TYPE } }, ['p256', 'p384', 'pending', 'rsa']],
    ['a status', { CertificateStatuses: ['ISSUED'] }, ['rsa']],
    ['two statuses', { CertificateStatuses: ['ISSUED', 'PENDING_VALIDATION'] }, ['pending', 'rsa']],
    ['nothing, of a status that none has', { CertificateStatuses: ['REVOKED'] }, []],
  ];
const list = (input: acm.ListCertificatesRequest) => lister.acm.send(new acm.ListCertificatesCommand(input));
const arnsOf = (found: acm.ListCertificatesResponse) => found.CertificateSummaryList!.map((one) => one.CertificateArn!);

for (const [name, input, names] of LISTS) {
  void test(`ListCertificates shows ${name}`, async () => {
    assert.deepEqual(arnsOf(await list(input)).sort(), names.map((key) => listed[key]).sort());
  });
}

void test('pages of ListCertificates hold each certificate once, and are full also when a filter thins them out', async () => {
  for (const keyTypes of [EVERY_TYPE, ['RSA_2048'], ['EC_secp384r1']] as acm.KeyAlgorithm[][]) {
    const seen: string[] = [];
    let NextToken: string | undefined;
    do {
      const page: acm.ListCertificatesResponse = await list({ Includes: { keyTypes }, MaxItems: 1, NextToken });
      assert.equal(page.CertificateSummaryList!.length, 1);
      seen.push(...arnsOf(page));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(seen, arnsOf(await list({ Includes: { keyTypes } })));
  }
});

// ---- deleting and refusing certificates ----

void test('a certificate in use is told so, and cannot be deleted before the domain name', async () => {
  const arn = await request({ DomainName: 'used.example.com', KeyAlgorithm: 'EC_prime256v1' });
  await prove(arn);
  await issued(arn);
  const domain = { DomainName: 'used.example.com', DomainNameConfigurations: [{ CertificateArn: arn }] };
  await clients.gateway.send(new v2.CreateDomainNameCommand(domain));
  const used = await describe(arn);
  assert.deepEqual([used.InUseBy!.length, used.RenewalEligibility], [1, 'ELIGIBLE']);
  const remove = () => clients.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: arn }));
  assert.deepEqual(await refusalOf(remove()), {
    name: 'ResourceInUseException',
    status: 400,
    message: `Certificate ${arn} in account ${ACCOUNT} is in use. It is used by used.example.com.`,
  });
  await clients.gateway.send(new v2.DeleteDomainNameCommand({ DomainName: 'used.example.com' }));
  const free = await describe(arn);
  assert.deepEqual([free.InUseBy, free.RenewalEligibility], [[], 'INELIGIBLE']);
  await remove();
  assert.equal((await refusalOf(remove())).name, 'ResourceNotFoundException');
});

const nobodys = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000`;
const notFound = (arn: string, account = ACCOUNT) => `Certificate with arn ${arn} not found in account ${account}`;
const describeArn = (CertificateArn: string, as = clients) =>
  as.acm.send(new acm.DescribeCertificateCommand({ CertificateArn }));
const DOMAIN_NAME_ARN = 'arn:aws:apigateway:us-east-1::/domainnames/a.example.com';

// -- One refusal a line: it is read as a table.
// prettier-ignore
refusesEach([
  ['DescribeCertificate of none', () => describeArn(nobodys), 'ResourceNotFoundException', notFound(nobodys)],
  ['DescribeCertificate of another account’s', () => describeArn(listed.rsa), 'ResourceNotFoundException', notFound(listed.rsa)],
  ['DescribeCertificate from another region', () => createClients(gateway.endpoint, 'eu-west-1', '333344445555').acm.send(new acm.DescribeCertificateCommand({ CertificateArn: listed.rsa })), 'ResourceNotFoundException', notFound(listed.rsa, '333344445555')],
  ['GetCertificate of none', () => clients.acm.send(new acm.GetCertificateCommand({ CertificateArn: nobodys })), 'ResourceNotFoundException', notFound(nobodys)],
  ['DeleteCertificate of none', () => clients.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: nobodys })), 'ResourceNotFoundException', notFound(nobodys)],
  ['an ARN of another service', () => describeArn(DOMAIN_NAME_ARN), 'InvalidArnException', /apigateway/],
  ['an ARN that is too short', () => describeArn('arn:aws:acm'), 'ValidationException', /'arn:aws:acm' at 'certificateArn'/],
  ['a page of 0 certificates', () => list({ MaxItems: 0 }), 'ValidationException', /'0' at 'maxItems'/],
  ['a page of 1001 certificates', () => list({ MaxItems: 1_001 }), 'ValidationException', /'1001' at 'maxItems'/],
  ['a token that is none', () => list({ NextToken: 'nothing' }), 'ValidationException', /token/],
  ['SortBy without SortOrder', () => list({ SortBy: 'CREATED_AT' }), 'ValidationException', /SortBy and SortOrder/],
  ['a name with an underscore', () => request({ DomainName: 'a_b.example.com' }), 'InvalidParameterException', /'a_b/],
  ['a name of one label', () => request({ DomainName: 'localhost' }), 'InvalidParameterException', /two labels/],
  ['a wildcard that is not the first label', () => request({ DomainName: 'a.*.example.com' }), 'InvalidParameterException', /'\*'/],
  ['a first name of 65 octets', () => request({ DomainName: `${'a'.repeat(53)}.example.com` }), 'InvalidParameterException', /has 65\.$/],
  ['a token with a blank', () => request({ DomainName: 'a.example.com', IdempotencyToken: 'a b' }), 'ValidationException', /idempotencyToken/],
  ['a key of RSA 4096', () => request({ DomainName: 'a.example.com', KeyAlgorithm: 'RSA_4096' }), 'InvalidParameterException', /RSA_4096/],
]);

// ---- hosted zones and batches ----

async function listRecords(HostedZoneId: string, start: Partial<r53.ListResourceRecordSetsRequest> = {}) {
  return clients.route53.send(new r53.ListResourceRecordSetsCommand({ HostedZoneId, ...start }));
}

/** `name type` of each record set but the zone's own two, in the order of the list. */
async function namesIn(zoneId: string, start: Partial<r53.ListResourceRecordSetsRequest> = {}): Promise<string[]> {
  const { ResourceRecordSets } = await listRecords(zoneId, start);
  return ResourceRecordSets!
    .filter(({ Type }) => Type !== 'NS' && Type !== 'SOA')
    .map((set) => `${set.Name} ${set.Type}`);
}

async function countIn(Id: string): Promise<number> {
  return (await clients.route53.send(new r53.GetHostedZoneCommand({ Id }))).HostedZone!.ResourceRecordSetCount!;
}

const deleteZone = (Id: string, as = clients) => as.route53.send(new r53.DeleteHostedZoneCommand({ Id }));

void test('a batch is applied in order: a record set can change its type, or come and go, within one', async () => {
  const zone = await makeZone('order.example.org');
  await change(zone, record('CREATE', 'x.order.example.org', 'A', '192.0.2.1'));
  await change(
    zone,
    record('DELETE', 'X.Order.example.org.', 'A', '192.0.2.1'),
    record('CREATE', 'x.order.example.org', 'CNAME', 'www.example.net'),
    record('CREATE', 'y.order.example.org', 'A', '192.0.2.2'),
    record('UPSERT', 'y.order.example.org', 'A', '192.0.2.3', '192.0.2.4'),
    record('DELETE', 'y.order.example.org', 'A', '192.0.2.4', '192.0.2.3'),
  );
  assert.deepEqual(await namesIn(zone), ['x.order.example.org. CNAME']);
  assert.equal(await countIn(zone), 3);
});

void test('a batch is applied whole or not at all, and tells all of its faults', async () => {
  const zone = await makeZone('whole.example.org');
  const refusal = await refusalOf(
    change(
      zone,
      record('CREATE', 'good.whole.example.org', 'A', '192.0.2.1'),
      record('CREATE', 'good.whole.example.org', 'A', '192.0.2.1'),
      record('DELETE', 'none.whole.example.org', 'A', '192.0.2.1'),
    ),
  );
  assert.deepEqual(refusal, {
    name: 'InvalidChangeBatch',
    status: 400,
    message:
      "[Tried to create resource record set [name='good.whole.example.org.', type='A'] but it already exists, " +
      "Tried to delete resource record set [name='none.whole.example.org.', type='A'] but it was not found]",
  });
  assert.deepEqual([await namesIn(zone), await countIn(zone)], [[], 2]);
});

void test('1000 records are one batch, and a list shows 300 at a time', async () => {
  const zone = await makeZone('many.example.org');
  const changes = Array.from({ length: 1_000 }, (_, n) => record('CREATE', `n${n}.many.example.org`, 'A', '192.0.2.1'));
  await change(zone, ...changes);
  assert.equal(await countIn(zone), 1_002);
  const page = await listRecords(zone);
  assert.deepEqual([page.ResourceRecordSets!.length, page.IsTruncated, page.MaxItems], [300, true, 300]);
});

void test('a zone is deleted once nothing but its own two record sets is left, and the name can be had many times', async () => {
  const [first, second] = [await makeZone('again.example.org'), await makeZone('again.example.org')];
  assert.notEqual(first, second);
  await change(first, record('CREATE', 'again.example.org', 'TXT', '"a"'));
  const message = 'The hosted zone contains resource records that are not SOA or NS records.';
  assert.deepEqual(await refusalOf(deleteZone(first)), { name: 'HostedZoneNotEmpty', status: 400, message });
  await change(first, record('DELETE', 'again.example.org', 'TXT', '"a"'));
  await deleteZone(first);
  const gone = { name: 'NoSuchHostedZone', status: 404, message: `No hosted zone found with ID: ${first}` };
  assert.deepEqual(await refusalOf(deleteZone(first)), gone);
  assert.equal(await countIn(second), 2);
});

void test('a caller reference counts once in an account, whatever else is asked', async () => {
  const create = (Name: string, as = clients) =>
    as.route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference: 'the same' }));
  await create('reference.example.org');
  for (const name of ['reference.example.org', 'another.example.org']) {
    const refusal = await refusalOf(create(name));
    assert.deepEqual([refusal.name, refusal.status], ['HostedZoneAlreadyExists', 409]);
  }
  await create('reference.example.org', others);
});

void test('zones are listed page by page from the marker on', async () => {
  const owner = createClients(gateway.endpoint, REGION, '666677778888');
  const made: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) made.push(await makeZone(`${name}.example.org`, owner));
  const seen: string[] = [];
  let Marker: string | undefined;
  do {
    const page: r53.ListHostedZonesResponse = await owner.route53.send(
      new r53.ListHostedZonesCommand({ Marker, MaxItems: 2 }),
    );
    assert.deepEqual([page.MaxItems, page.IsTruncated], [2, page.NextMarker !== undefined]);
    seen.push(...page.HostedZones!.map((zone) => zone.Id!.replace('/hostedzone/', '')));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.deepEqual([seen.length, seen.sort()], [5, made.sort()]);
});

// ---- lists of record sets ----

const orderZone = await makeZone('list.example.org');
const IN_ORDER = [
  'list.example.org. A',
  'list.example.org. TXT',
  '\\052.list.example.org. A',
  // The dot behind a label takes part, and a hyphen comes before it.
  'a-b.list.example.org. A',
  'a.list.example.org. A',
  'a.list.example.org. AAAA',
  'z.a.list.example.org. A',
  'b.list.example.org. A',
];
const VALUES: Readonly<Record<string, string>> = { A: '192.0.2.1', AAAA: '2001:db8::1', TXT: '"t"' };
await change(
  orderZone,
  ...IN_ORDER.toReversed().map((line) => {
    const [name, type] = line.split(' ') as [string, r53.RRType];
    return record('CREATE', name, type, VALUES[type]!);
  }),
);

void test('record sets are listed by reversed name, then type, with a star as its octal escape', async () => {
  assert.deepEqual(await namesIn(orderZone), IN_ORDER);
});

void test('pages of record sets follow each other by the next name and type, whatever their size', async () => {
  for (const MaxItems of [1, 2, 3, 9]) {
    const seen: string[] = [];
    let start: Partial<r53.ListResourceRecordSetsRequest> = {};
    for (;;) {
      const page = await listRecords(orderZone, { ...start, MaxItems });
      seen.push(...page.ResourceRecordSets!.map((set) => `${set.Name} ${set.Type}`));
      assert.equal(page.MaxItems, MaxItems);
      if (!page.IsTruncated) break;
      assert.equal(page.ResourceRecordSets!.length, MaxItems);
      start = { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType };
    }
    assert.deepEqual(seen, [
      ...IN_ORDER.slice(0, 1),
      'list.example.org. NS',
      'list.example.org. SOA',
      ...IN_ORDER.slice(1),
    ]);
  }
});

const STARTS: readonly (readonly [name: string, start: Partial<r53.ListResourceRecordSetsRequest>, from: string])[] = [
  ['a name, at its first type', { StartRecordName: 'a.list.example.org' }, 'a.list.example.org. A'],
  ['a name in capitals, with a dot', { StartRecordName: 'A.List.Example.Org.' }, 'a.list.example.org. A'],
  ['a name and a type', { StartRecordName: 'a.list.example.org', StartRecordType: 'AAAA' }, 'a.list.example.org. AAAA'],
  [
    'the next type, when there is none of that',
    { StartRecordName: 'a.list.example.org', StartRecordType: 'TXT' },
    'z.a.list.example.org. A',
  ],
  ['the next name, when there is none of that', { StartRecordName: 'aa.list.example.org' }, 'b.list.example.org. A'],
  ['a star', { StartRecordName: '*.list.example.org' }, '\\052.list.example.org. A'],
  ['the escape of a star', { StartRecordName: '\\052.list.example.org' }, '\\052.list.example.org. A'],
];
for (const [name, start, from] of STARTS) {
  void test(`a list starts at ${name}`, async () => {
    assert.deepEqual(await namesIn(orderZone, start), IN_ORDER.slice(IN_ORDER.indexOf(from)));
  });
}

// ---- aliases ----

const resolver = new dns.Resolver({ timeout: 2_000, tries: 1 });
resolver.setServers([gateway.dnsServer]);
const aliasZone = await makeZone('alias.example.com');
const aliased = await request({ DomainName: 'ws.alias.example.com', KeyAlgorithm: 'EC_prime256v1' });
await change(aliasZone, ...(await recordsOf(aliased)).map(({ Name, Value }) => record('UPSERT', Name, 'CNAME', Value)));
await issued(aliased);
const domain = { DomainName: 'ws.alias.example.com', DomainNameConfigurations: [{ CertificateArn: aliased }] };
const { DomainNameConfigurations: made } = await clients.gateway.send(new v2.CreateDomainNameCommand(domain));
const regionalName = made![0]!.ApiGatewayDomainName!;
const AliasTarget = { HostedZoneId: REGIONAL_ZONE, DNSName: regionalName, EvaluateTargetHealth: false };
const regional = (type: r53.RRType, zone = REGIONAL_ZONE) => alias('ws.alias.example.com', zone, regionalName, type);
await change(aliasZone, alias('held.alias.example.com', REGIONAL_ZONE, regionalName));

void test('an alias to a Regional name is listed as it was made, and answered as an address', async () => {
  await change(aliasZone, regional('A'), regional('AAAA'));
  const start = { StartRecordName: 'ws.alias.example.com', StartRecordType: 'A', MaxItems: 1 } as const;
  const target = { ...AliasTarget, DNSName: `${regionalName}.` };
  const set = { Name: 'ws.alias.example.com.', Type: 'A', AliasTarget: target };
  assert.deepEqual((await listRecords(aliasZone, start)).ResourceRecordSets, [set]);
  assert.deepEqual(await resolver.resolve4('ws.alias.example.com'), ['127.0.0.1']);
});

void test('an alias inside the zone needs its target, which the same batch may make', async () => {
  const toOwn = alias('own.alias.example.com', aliasZone, 'target.alias.example.com');
  const tried = `Tried to create an alias that targets target.alias.example.com., type A in zone ${aliasZone}`;
  const message = `[${tried}, but that target was not found]`;
  assert.deepEqual(await refusalOf(change(aliasZone, toOwn)), { name: 'InvalidChangeBatch', status: 400, message });
  await change(aliasZone, record('CREATE', 'target.alias.example.com', 'A', '192.0.2.9'), toOwn);
  assert.deepEqual(await resolver.resolve4('own.alias.example.com'), ['192.0.2.9']);
});

void test('a question about aliases that lead to each other is answered, if there can be such', async () => {
  const [a, b] = ['a.alias.example.com', 'b.alias.example.com'];
  await change(aliasZone, record('CREATE', a!, 'A', '192.0.2.1'), alias(b!, aliasZone, a!));
  await change(aliasZone, alias(a!, aliasZone, b!)).catch(() => 'refused, which is an answer too');
  const outcome = await resolver.resolve4(a!).then(String, (error: NodeJS.ErrnoException) => error.code);
  assert.match(outcome!, /^(192\.0\.2\.1|ENODATA|ESERVFAIL)$/);
});

// ---- refusals of Route 53 ----

const zone = await makeZone('rules.example.org');
await change(
  zone,
  record('CREATE', 'x.rules.example.org', 'A', '192.0.2.1'),
  record('CREATE', 'c.rules.example.org', 'CNAME', 'www.example.net'),
);
const changed = await change(zone, record('CREATE', 'y.rules.example.org', 'A', '192.0.2.1'));
const { ResourceRecordSets: ownSets } = await listRecords(zone, { MaxItems: 2 });
const BATCH = 'InvalidChangeBatch';
const xA = (name = 'x') => `resource record set [name='${name}.rules.example.org.', type='A']`;
const bare = (set: object): r53.Change => {
  const ResourceRecordSet = { Name: 'n.rules.example.org', Type: 'A', ...set } as r53.ResourceRecordSet;
  return { Action: 'CREATE', ResourceRecordSet };
};
const EXPECTED_ONE =
  'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
const WHERE = 'in Change with [Action=CREATE, Name=n.rules.example.org, Type=A, SetIdentifier=null]';
const thousandAndOne = [400, 400, 201].map((count, at) =>
  record(
    'CREATE',
    `t${at}.rules.example.org`,
    'A',
    ...Array.from({ length: count }, (_, n) => `10.0.${n >> 8}.${n & 255}`),
  ),
);
const upserts = Array.from({ length: 501 }, (_, n) => record('UPSERT', `u${n}.rules.example.org`, 'A', '192.0.2.1'));
const createZone = (Name: string, input: object = {}) =>
  clients.route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference: `${Name} refused`, ...input }));
const getChange = (Id: string, as = clients) => as.route53.send(new r53.GetChangeCommand({ Id }));
const notExisting = (name: string, id = REGIONAL_ZONE) =>
  `[Tried to create an alias that targets ${name}., type A in zone ${id}, but that target was not found]`;

// -- One refusal a line: it is read as a table.
// prettier-ignore
refusesEach([
  ['GetHostedZone of none', () => countIn('Z0'), 'NoSuchHostedZone', 'No hosted zone found with ID: Z0', 404],
  ['a batch for no zone', () => change('Z0', record('CREATE', 'a.example.org', 'A', '192.0.2.1')), 'NoSuchHostedZone', 'No hosted zone found with ID: Z0', 404],
  ['a list of no zone', () => listRecords('Z0'), 'NoSuchHostedZone', 'No hosted zone found with ID: Z0', 404],
  ['the zone of another account', () => deleteZone(zone, others), 'NoSuchHostedZone', `No hosted zone found with ID: ${zone}`, 404],
  ['an id of 33 characters', () => countIn('Z'.repeat(33)), 'InvalidInput', /'id' failed to satisfy constraint: Member must have length less than or equal to 32$/],
  ['GetChange of none', () => getChange('C0'), 'NoSuchChange', /C0/, 404],
  ['GetChange of another account’s', () => getChange(changed.Id!, others), 'NoSuchChange', /C[0-9A-Z]+/, 404],

  ['CREATE of what exists', () => change(zone, record('CREATE', 'x.rules.example.org', 'A', '192.0.2.2')), BATCH, `[Tried to create ${xA()} but it already exists]`],
  ['DELETE of what does not', () => change(zone, record('DELETE', 'z.rules.example.org', 'A', '192.0.2.1')), BATCH, `[Tried to delete ${xA('z')} but it was not found]`],
  ['DELETE twice in a batch', () => change(zone, record('DELETE', 'x.rules.example.org', 'A', '192.0.2.1'), record('DELETE', 'x.rules.example.org', 'A', '192.0.2.1')), BATCH, `[Tried to delete ${xA()} but it was not found]`],
  ['DELETE with another value', () => change(zone, record('DELETE', 'x.rules.example.org', 'A', '192.0.2.2')), BATCH, `[Tried to delete ${xA()} but the values provided do not match the current values]`],
  ['DELETE with another TTL', () => change(zone, { Action: 'DELETE', ResourceRecordSet: { Name: 'x.rules.example.org', Type: 'A', TTL: 61, ResourceRecords: [{ Value: '192.0.2.1' }] } }), BATCH, `[Tried to delete ${xA()} but the values provided do not match the current values]`],
  ['DELETE of an alias with another health', () => change(aliasZone, { Action: 'DELETE', ResourceRecordSet: { Name: 'held.alias.example.com', Type: 'A', AliasTarget: { ...AliasTarget, EvaluateTargetHealth: true } } }), BATCH, /but the values provided do not match the current values\]$/],
  ['DELETE of the zone’s own NS', () => change(zone, { Action: 'DELETE', ResourceRecordSet: ownSets![0] }), BATCH, /NS record/],
  ['DELETE of the zone’s own SOA', () => change(zone, { Action: 'DELETE', ResourceRecordSet: ownSets![1] }), BATCH, /SOA record/],
  ['a name outside the zone', () => change(zone, record('CREATE', 'x.other.example', 'A', '192.0.2.1')), BATCH, '[RRSet with DNS name x.other.example. is not permitted in zone rules.example.org.]'],
  ['a name that only ends like the zone', () => change(zone, record('CREATE', 'xrules.example.org', 'A', '192.0.2.1')), BATCH, '[RRSet with DNS name xrules.example.org. is not permitted in zone rules.example.org.]'],
  ['a CNAME at the apex', () => change(zone, record('CREATE', 'rules.example.org', 'CNAME', 'www.example.net')), BATCH, '[RRSet of type CNAME with DNS name rules.example.org. is not permitted at apex in zone rules.example.org.]'],
  ['a CNAME beside others', () => change(zone, record('UPSERT', 'x.rules.example.org', 'CNAME', 'www.example.net')), BATCH, '[RRSet of type CNAME with DNS name x.rules.example.org. is not permitted as it conflicts with other records with the same DNS name in zone rules.example.org.]'],
  ['another type beside a CNAME', () => change(zone, record('CREATE', 'c.rules.example.org', 'A', '192.0.2.1')), BATCH, '[RRSet of type A with DNS name c.rules.example.org. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone rules.example.org.]'],
  ['an alias under another zone’s id', () => change(aliasZone, regional('A', 'Z2OJLYMUO9EFXC')), BATCH, `[Tried to create an alias that targets ${regionalName}., type A in zone Z2OJLYMUO9EFXC, but the alias target name does not lie within the target zone]`],
  ['an alias under the caller’s zone id', () => change(aliasZone, regional('A', aliasZone)), BATCH, `[Tried to create an alias that targets ${regionalName}., type A in zone ${aliasZone}, but the alias target name does not lie within the target zone]`],
  ['an alias to a Regional name that does not exist', () => change(zone, alias('a.rules.example.org', REGIONAL_ZONE, 'd-0000000000.execute-api.us-east-1.localhost')), BATCH, notExisting('d-0000000000.execute-api.us-east-1.localhost')],
  ['an empty name', () => change(zone, record('CREATE', '', 'A', '192.0.2.1')), BATCH, "[FATAL problem: DomainNameEmpty (Domain name is empty) encountered with '']"],
  ['a name with a blank', () => change(zone, record('CREATE', 'a b.rules.example.org', 'A', '192.0.2.1')), BATCH, "[FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with 'a b.rules.example.org']"],
  ['neither records nor alias', () => change(zone, bare({})), 'InvalidInput', `${EXPECTED_ONE}, but found none ${WHERE}`],
  ['records without a TTL', () => change(zone, bare({ ResourceRecords: [{ Value: '192.0.2.1' }] })), 'InvalidInput', `${EXPECTED_ONE}, but found none ${WHERE}`],
  ['both records and alias', () => change(zone, bare({ TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }], AliasTarget })), 'InvalidInput', `${EXPECTED_ONE}, but found more than one ${WHERE}`],
  ['1001 records in a batch', () => change(zone, ...thousandAndOne), BATCH, '[Number of records limit of 1000 exceeded.]'],
  ['501 UPSERTs, which count twice', () => change(zone, ...upserts), BATCH, '[Number of records limit of 1000 exceeded.]'],
  ['a batch without changes', () => change(zone), BATCH, /empty/],
  ['a value that is no address', () => change(zone, record('CREATE', 'n.rules.example.org', 'A', 'nowhere')), BATCH, /'nowhere'/],
  ['a text without quotes', () => change(zone, record('CREATE', 'n.rules.example.org', 'TXT', 'bare')), BATCH, /'bare'/],
  ['two values of a CNAME', () => change(zone, record('CREATE', 'n.rules.example.org', 'CNAME', 'a.example.net', 'b.example.net')), 'InvalidInput', /at most 1 /],
  ['a negative TTL', () => change(zone, bare({ TTL: -1, ResourceRecords: [{ Value: '192.0.2.1' }] })), 'InvalidInput', /'-1'.*value greater than or equal to 0/],
  ['a start type without a start name', () => listRecords(zone, { StartRecordType: 'A' }), 'InvalidInput', /name/],

  ['a zone of a wildcard', () => createZone('*.example.org'), 'InvalidDomainName', /'\*\.example\.org'/],
  ['a zone of a top-level domain', () => createZone('org'), 'InvalidDomainName', /top-level/],
  ['a zone with an empty label', () => createZone('a..org'), 'InvalidDomainName', "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..org'"],
  ['a caller reference of 129 characters', () => createZone('a.example.org', { CallerReference: 'a'.repeat(129) }), 'InvalidInput', /'callerReference'/],
  ['a private zone', () => createZone('a.example.org', { HostedZoneConfig: { PrivateZone: true } }), 'NotImplemented', /PrivateZone/, 501],
]);

// ---- as other clients send it ----

const PREFIX = '/2013-04-01/hostedzone';
const NAMESPACE = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const rootOf = (text: string) => /<(\w+)[ >]/.exec(text.replace(/<\?.*?\?>/, ''))?.[1];

void test('boto3’s differences are understood: a slash at the end, no content type, the comment first, prefixed ids', async () => {
  const body =
    `<ChangeResourceRecordSetsRequest ${NAMESPACE}><ChangeBatch><Comment>c &lt;&#62; d</Comment><Changes><Change>` +
    '<Action>UPSERT</Action><ResourceRecordSet><Name>boto.alias.example.com</Name><Type>A</Type><AliasTarget>' +
    `<HostedZoneId>/hostedzone/${REGIONAL_ZONE}</HostedZoneId><DNSName>${regionalName.toUpperCase()}</DNSName>` +
    '<EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget></ResourceRecordSet></Change></Changes>' +
    '</ChangeBatch></ChangeResourceRecordSetsRequest>';
  const answer = await raw('route53', 'POST', `${PREFIX}/${aliasZone}/rrset/`, body);
  assert.deepEqual([answer.status, rootOf(answer.text)], [200, 'ChangeResourceRecordSetsResponse'], answer.text);
  assert.match(answer.text, /<Comment>c &#60;&#62; d<\/Comment>/);
  const listed = await listRecords(aliasZone, { StartRecordName: 'boto.alias.example.com', MaxItems: 1 });
  const target = listed.ResourceRecordSets![0]!.AliasTarget;
  assert.deepEqual(target, { HostedZoneId: REGIONAL_ZONE, DNSName: `${regionalName}.`, EvaluateTargetHealth: false });
});

void test('a wildcard may come percent-encoded in a query, and a change with its prefix', async () => {
  const target = `${PREFIX}/${orderZone}/rrset?maxitems=1&name=%2A.list.example.org`;
  const answer = await raw('route53', 'GET', target);
  assert.match(answer.text, /<Name>\\052\.list\.example\.org\.<\/Name>/);
  const asked = await raw('route53', 'GET', `/2013-04-01${changed.Id!}`);
  assert.deepEqual([asked.status, asked.text.includes(`<Id>${changed.Id!}</Id>`)], [200, true], asked.text);
});

const BROKEN: readonly (readonly [name: string, body: string, message: RegExp])[] = [
  ['an element that is not closed', '<ChangeResourceRecordSetsRequest><ChangeBatch>', /^Invalid XML ; /],
  [
    'an entity that XML does not have',
    '<ChangeResourceRecordSetsRequest>&nbsp;</ChangeResourceRecordSetsRequest>',
    /^Invalid XML ; /,
  ],
  [
    'a document type',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ChangeResourceRecordSetsRequest>&b;</ChangeResourceRecordSetsRequest>',
    /^Invalid XML ; .*document type/,
  ],
  ['JSON', '{}', /^Invalid XML ; /],
  [
    'another root',
    '<CreateHostedZoneRequest/>',
    /^CreateHostedZoneRequest is not valid, expected ChangeResourceRecordSetsRequest$/,
  ],
];
for (const [name, body, message] of BROKEN) {
  void test(`refuses ${name} as a batch`, async () => {
    const answer = await raw('route53', 'POST', `${PREFIX}/${zone}/rrset`, body);
    assert.deepEqual([answer.status, rootOf(answer.text)], [400, 'ErrorResponse'], answer.text);
    assert.match(/<Code>(.*)<\/Code>/.exec(answer.text)![1]!, /^(MalformedInput|InvalidInput)$/);
    assert.match(/<Message>(.*)<\/Message>/s.exec(answer.text)![1]!, message);
    assert.doesNotMatch(answer.text, /root:/);
  });
}

// ---- the moved clock ----

const BAD_STEPS = ['{"advance":"-1m"}', '{"advance":10}', '{"advance":"1 week"}', '{}', 'null', '[', ''];
for (const body of BAD_STEPS) {
  void test(`refuses to move the clock by ${body || 'nothing'}`, async () => {
    const { status, text } = await raw('sallyport', 'POST', '/_sallyport/clock', body);
    assert.equal(status, 400, text);
    assert.match(text, /The body must be like/);
  });
}

void test('what nobody proves times out 72 hours after its request, and stays listed until it is deleted', async () => {
  const late = createClients(gateway.endpoint, REGION, '777788889999');
  const arn = await request({ DomainName: 'late.example.com' }, late);
  await unproven(arn, /NXDOMAIN/);
  await gateway.advance('71h');
  await gateway.settled();
  assert.equal((await describe(arn, late)).Status, 'PENDING_VALIDATION');
  await gateway.advance('61m');
  const timedOut = await eventually('the certificate timed out', async () => {
    const certificate = await describe(arn, late);
    return certificate.Status === 'PENDING_VALIDATION' ? undefined : certificate;
  });
  assert.equal(timedOut.Status, 'VALIDATION_TIMED_OUT');
  const statuses: acm.CertificateStatus[] = ['VALIDATION_TIMED_OUT'];
  const found = await late.acm.send(new acm.ListCertificatesCommand({ CertificateStatuses: statuses }));
  assert.deepEqual(arnsOf(found), [arn]);
  await late.acm.send(new acm.DeleteCertificateCommand({ CertificateArn: arn }));
  assert.deepEqual(arnsOf(await late.acm.send(new acm.ListCertificatesCommand({}))), []);
});

void test('a certificate past its last day is EXPIRED, and serves no new domain name', async () => {
  const DomainName = 'old.example.com';
  const arn = await request({ DomainName, KeyAlgorithm: 'EC_prime256v1' });
  await prove(arn);
  await issued(arn);
  await gateway.advance(`${199 * 24}h`);
  await eventually('the certificate is no longer ISSUED', async () =>
    (await describe(arn)).Status === 'EXPIRED' ? true : undefined,
  );
  const DomainNameConfigurations = [{ CertificateArn: arn }];
  const create = new v2.CreateDomainNameCommand({ DomainName, DomainNameConfigurations });
  const refusal = await refusalOf(clients.gateway.send(create));
  assert.deepEqual([refusal.name, refusal.status], ['BadRequestException', 400]);
  assert.match(refusal.message, /expired/);
});
