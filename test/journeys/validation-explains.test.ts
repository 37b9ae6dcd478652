// A name that is not proven says why: the mistakes that people make with a validation record, at a DNS server that is not ours, are
// looked for by real questions and named with what mends them. Own zones do not count here: there is an accounts file.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DeleteCertificateCommand, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { createClients, type Clients } from '../../demo/chain.ts';
import { makeHostedZone, putRecord, requestCertificate } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, REGION, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { startKnot, type Knot } from '../harness/knot.ts';
import { missing } from '../harness/peers.ts';

const skip = missing('knot');
const NAME = 'ws.example.com';
const SECRET = 'a-secret-of-the-test';

interface World {
  readonly knot: Knot;
  readonly gateway: TestGateway;
  readonly clients: readonly [Clients, Clients];
  /** Stable for an account and a name. */
  readonly wanted: Wanted;
}

async function start(): Promise<World> {
  const knot = await startKnot({ after }, 'example.com');
  const file = join(temporaryDirectory({ after }), 'accounts.json');
  const accounts = ['111111111111', '222222222222'].map((id) => ({ id, keys: [{ id: `AK${id}`, secret: SECRET }] }));
  writeFileSync(file, JSON.stringify({ accounts }), { mode: 0o600 });
  const gateway = await startTestGateway({ after }, ['--accounts', file, '--resolver', knot.address]);
  const as = (id: string) => createClients(gateway.endpoint, REGION, `AK${id}`, SECRET);
  const clients = [as('111111111111'), as('222222222222')] as const;
  const wanted = await wantedOf(clients[0], await requestCertificate(clients[0], NAME));
  return { knot, gateway, clients, wanted };
}

interface Wanted {
  /** Without dots at the end. */
  readonly name: string;
  readonly value: string;
}

// Without knot every test is skipped.
const world = skip === false ? await start() : undefined;
const { knot, gateway, clients, wanted } = world ?? ({} as World);

/** What is told of a certificate for `ws.example.com` when the zone elsewhere holds these records. */
async function toldWith(records: (wanted: Wanted) => readonly string[]): Promise<{ found: string; advice: string }> {
  await knot.serve(records(wanted));
  const arn = await requestCertificate(clients[0], NAME);
  const line = await eventually('the look is logged', () => gateway.logged().find((one) => one['arn'] === arn));
  await clients[0].acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
  return { found: String(line['found']), advice: String(line['advice']) };
}

async function wantedOf({ acm }: Clients, arn: string): Promise<Wanted> {
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  const { Name, Value } = Certificate!.DomainValidationOptions![0]!.ResourceRecord!;
  return { name: Name!.replace(/\.$/, ''), value: Value!.replace(/\.$/, '') };
}

interface Row {
  readonly mistake: string;
  readonly records: (wanted: Wanted) => readonly string[];
  readonly found: RegExp;
  readonly advice: (wanted: Wanted) => string;
}

const label = ({ name }: Wanted) => name.split('.')[0]!;
const MISTAKES: readonly Row[] = [
  {
    mistake: 'no record',
    records: () => [],
    found: /NXDOMAIN/,
    advice: ({ name, value }) =>
      `create the CNAME ${name} → ${value} where example.com is kept: its name servers are ns1.other.net`,
  },
  {
    mistake: 'a record below a name that the provider completed a second time',
    records: ({ name, value }) => [`${name}.example.com. CNAME ${value}.`],
    found: /NXDOMAIN/,
    advice: ({ name }) =>
      `the record stands at ${name}.example.com: the provider appended the zone a second time. Enter its name as ${name.replace('.example.com', '')}`,
  },
  {
    mistake: 'a value that the provider completed',
    records: ({ name, value }) => [`${name}. CNAME ${value}.example.com.`],
    found: /which is not the expected value/,
    advice: ({ value }) => `the provider appended the zone to the value: write it with a dot at its end, ${value}.`,
  },
  {
    mistake: 'a TXT record in place of the CNAME',
    records: ({ name, value }) => [`${name}. TXT "${value}"`],
    found: /no CNAME record/,
    advice: ({ name }) => `a TXT record stands at ${name}: replace it by the CNAME`,
  },
  {
    mistake: 'the record of another account',
    records: ({ name }) => [`${name}. CNAME _0123.abcdefghij.acm-validations.aws.`],
    found: /which is not the expected value/,
    advice: ({ value }) => `this is the record of another account or server: set its value to ${value}.`,
  },
  {
    mistake: 'a CNAME to somewhere else',
    records: ({ name }) => [`${name}. CNAME elsewhere.example.com.`],
    found: /elsewhere\.example\.com, which is not the expected value/,
    advice: ({ name, value }) => `set the value of the CNAME ${name} to ${value}.`,
  },
  {
    mistake: 'a chain of too many CNAMEs',
    records: (all) => [
      `${all.name}. CNAME c1.example.com.`,
      ...[1, 2, 3, 4].map((at) => `c${at} CNAME c${at + 1}.example.com.`),
      `c5 CNAME ${all.value}.`,
    ],
    found: /a chain of more than 5 CNAMEs is not followed/,
    advice: ({ name, value }) => `set the value of the CNAME ${name} to ${value}.`,
  },
];

for (const { mistake, records, found, advice } of MISTAKES) {
  void test(`names the mistake: ${mistake}`, { skip }, async () => {
    const told = await toldWith(records);
    assert.match(told.found, found);
    assert.equal(told.advice, advice(wanted));
  });
}

void test(
  'names the mistake: the record is in a zone here, and the name is delegated elsewhere',
  { skip },
  async () => {
    const zoneId = await makeHostedZone(clients[0], 'example.com');
    const { name, value } = wanted;
    await putRecord(clients[0], zoneId, { Name: name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: value }] });
    const told = await toldWith(() => []);
    const start = `example.com. is delegated to ns1.other.net, and the record is in hosted zone ${zoneId}, whose name servers are ns-`;
    assert.ok(told.advice.startsWith(start), told.advice);
    assert.match(told.advice, /: change the delegation at the registrar, or create the record there$/);
  },
);

void test('names the mistake: the record is in a zone that is not served', { skip }, async () => {
  const other = await wantedOf(clients[1], await requestCertificate(clients[1], NAME));
  const zoneId = await makeHostedZone(clients[1], 'example.com');
  const ResourceRecords = [{ Value: other.value }];
  await putRecord(clients[1], zoneId, { Name: other.name, Type: 'CNAME', TTL: 60, ResourceRecords });
  await knot.serve([]);
  const arn = await requestCertificate(clients[1], NAME, { KeyAlgorithm: 'EC_secp384r1' });
  const line = await eventually('the look is logged', () => gateway.logged().find((one) => one['arn'] === arn));
  const start = `the record is in hosted zone ${zoneId} (example.com.), which is not served: example.com. is served by `;
  assert.ok(String(line['advice']).startsWith(start), String(line['advice']));
});

void test('nobody’s zone speaks for the names of the server itself', { skip }, async () => {
  const [tenant] = clients;
  const zoneId = await makeHostedZone(tenant, 'login.localhost');
  const arn = await requestCertificate(tenant, 'www.login.localhost');
  const { name, value } = await wantedOf(tenant, arn);
  await putRecord(tenant, zoneId, { Name: name, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: value }] });
  const line = await eventually('the look is logged', () =>
    gateway.logged().find((one) => one['arn'] === arn && String(one['advice']).includes(zoneId)),
  );
  assert.match(String(line['advice']), /is not served: names at and below localhost\. are the server's own/);
  const { Certificate } = await tenant.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  assert.equal(Certificate!.Status, 'PENDING_VALIDATION');
});

void test('proves the name by the record as it should be', { skip }, async () => {
  await knot.serve([`${label(wanted)}.ws CNAME ${wanted.value}.`]);
  const arn = await requestCertificate(clients[0], NAME);
  await eventually('it is issued', async () => {
    const { Certificate } = await clients[0].acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
    return Certificate!.Status === 'ISSUED' ? true : undefined;
  });
});
