// The life of a certificate of the local CA, rehearsed with a clock that is moved: renewed before its end with a new key under the
// same ARN, shown at once, while sockets stay; kept and complained about while its record is away; over when nobody mends it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { DescribeCertificateCommand, type CertificateDetail } from '@aws-sdk/client-acm';
import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { createClients } from '../../demo/chain.ts';
import { createLog } from '../../src/observe/log.ts';
import { openDataDirectory } from '../../src/store/embedded/data-directory.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import {
  aliasRecord,
  changeRecords,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
  requestCertificate,
} from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

interface World {
  readonly gateway: TestGateway;
  readonly zoneId: string;
  readonly api: { apiId: string; stage: string };
  /** What the webhook was told, in order. */
  readonly told: Record<string, unknown>[];
  describe(arn: string): Promise<CertificateDetail>;
  /** The serial number that a new client is shown. */
  shown(servername: string): Promise<string>;
  /** Moves the clock, and waits until all that was due is done. */
  pass(duration: string): Promise<void>;
  served(label: string): Promise<{ name: string; arn: string }>;
}

async function startWebhook(t: TestContext, answer = 200) {
  const told: Record<string, unknown>[] = [];
  const server = createServer(async (request, response) => {
    told.push(JSON.parse(await text(request)) as Record<string, unknown>);
    response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { told, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-secret` };
}

async function start(t: TestContext, ...args: string[]): Promise<World> {
  const { told, url } = await startWebhook(t);
  const gateway = await startTestGateway(t, ['--clock', 'movable', '--renewal-webhook', url, ...args]);
  const { clients } = gateway;
  const zoneId = await makeHostedZone(clients, 'example.com');
  const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });
  return {
    gateway,
    zoneId,
    api,
    told,
    async describe(arn) {
      return (await clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate!;
    },
    shown: (servername) => serialShown(gateway, servername),
    async pass(duration) {
      await gateway.advance(duration);
      await gateway.settled();
    },
    async served(label) {
      const name = `${label}.example.com`;
      const arn = await issueCertificate(clients, zoneId, name);
      const made = await createDomain(clients, name, arn);
      await putRecord(clients, zoneId, aliasRecord(name, made));
      await mapDomain(clients, name, '', api);
      return { name, arn };
    },
  };
}

function serialShown({ tlsPort, ca }: TestGateway, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, servername, ca }, () => {
      const { serialNumber } = socket.getPeerCertificate();
      socket.destroy();
      resolve((serialNumber.toLowerCase().match(/../g) ?? []).join(':'));
    });
    socket.once('error', reject);
  });
}

async function nextLookAtMs({ gateway }: World): Promise<number> {
  const ready = (await (await fetch(`${gateway.endpoint}/_sallyport/ready`)).json()) as {
    certificateWork: { nextLookAt: string };
  };
  return Date.parse(ready.certificateWork.nextLookAt);
}

async function validationRecords({ gateway, zoneId }: World): Promise<ResourceRecordSet[]> {
  const { ResourceRecordSets } = await gateway.clients.route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }),
  );
  return ResourceRecordSets!.filter(({ Type }) => Type === 'CNAME');
}

async function takeAway(world: World): Promise<ResourceRecordSet[]> {
  const records = await validationRecords(world);
  const changes = records.map((ResourceRecordSet) => ({ Action: 'DELETE' as const, ResourceRecordSet }));
  await changeRecords(world.gateway.clients, world.zoneId, ...changes);
  return records;
}

const events = ({ told }: World) => told.map(({ event }) => event);

void test('a certificate in use is renewed: the ARN stays, the key changes, and no socket closes', async (t) => {
  const world = await start(t);
  const { name, arn } = await world.served('renewed');
  const first = await world.describe(arn);
  assert.equal(first.RenewalEligibility, 'ELIGIBLE');
  assert.equal(first.RenewalSummary, undefined);
  const waitMs = (await nextLookAtMs(world)) - Date.now();
  const leftMs = first.NotAfter!.getTime() - Date.now() - waitMs;
  assert.ok(leftMs <= 45 * DAY_MS && leftMs >= 35 * DAY_MS, `renewed ${leftMs / DAY_MS} days before its end`);
  await world.pass(`${Math.floor(waitMs / MINUTE_MS) - 1}m`);
  assert.equal((await world.describe(arn)).Serial, first.Serial);
  const client = await openSocket(world.gateway, `wss://${name}:${world.gateway.tlsPort}/`);
  await world.pass('2m');
  const second = await world.describe(arn);
  assert.notEqual(second.Serial, first.Serial);
  assert.equal(second.Status, 'ISSUED');
  assert.equal(second.RenewalSummary?.RenewalStatus, 'SUCCESS');
  assert.ok(second.NotAfter!.getTime() > first.NotAfter!.getTime() + 150 * DAY_MS);
  assert.equal(await world.shown(name), second.Serial);
  assert.equal(await ask(client, '{"action":"hello"}'), 'hello');
  assert.deepEqual(world.told, []);
});

void test('what nobody uses is not renewed until somebody does, and ends', async (t) => {
  const world = await start(t);
  const { gateway, zoneId } = world;
  const unused = await issueCertificate(gateway.clients, zoneId, 'unused.example.com');
  const late = await issueCertificate(gateway.clients, zoneId, 'late.example.com');
  const { Serial } = await world.describe(late);
  await world.pass('165d');
  const waiting = await world.describe(late);
  assert.deepEqual([waiting.Serial, waiting.RenewalEligibility], [Serial, 'INELIGIBLE']);
  await createDomain(gateway.clients, 'late.example.com', late);
  await gateway.settled();
  assert.notEqual((await world.describe(late)).Serial, Serial);
  await world.pass('34d');
  assert.equal((await world.describe(unused)).Status, 'EXPIRED');
  assert.equal((await world.describe(late)).Status, 'ISSUED');
});

void test('while a record is away the old certificate stays, and somebody is told; with the record it is renewed', async (t) => {
  const world = await start(t);
  const { name, arn } = await world.served('away');
  const { Serial } = await world.describe(arn);
  const records = await takeAway(world);
  await world.pass('165d');
  await world.pass('10m');
  const kept = await world.describe(arn);
  assert.deepEqual([kept.Serial, kept.Status], [Serial, 'ISSUED']);
  const { RenewalStatus, DomainValidationOptions } = kept.RenewalSummary!;
  assert.equal(RenewalStatus, 'PENDING_VALIDATION');
  assert.deepEqual(
    DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus),
    ['PENDING_VALIDATION'],
  );
  assert.equal(await world.shown(name), Serial);
  await world.pass('30m');
  await eventually('the webhook is told', () => (world.told.length > 0 ? true : undefined));
  const { event, certificateArn, names, daysLeft, reason } = world.told[0]!;
  assert.deepEqual([event, certificateArn, names], ['renewal-failing', arn, [name]]);
  assert.ok(Number(daysLeft) <= 33, String(daysLeft));
  assert.match(String(reason), /^away\.example\.com: _\w+\.away\.example\.com\. CNAME at .*create the CNAME/);
  for (const record of records) await putRecord(world.gateway.clients, world.zoneId, record);
  await world.gateway.settled();
  const renewed = await world.describe(arn);
  assert.notEqual(renewed.Serial, Serial);
  assert.equal(renewed.RenewalSummary?.RenewalStatus, 'SUCCESS');
  assert.equal(await world.shown(name), renewed.Serial);
  await eventually('the end of the trouble is told', () => (world.told.length > 1 ? true : undefined));
  assert.deepEqual(events(world), ['renewal-failing', 'renewal-recovered']);
});

void test('a renewal that nobody mends is told of again and again, and fails with the end', async (t) => {
  const world = await start(t);
  const { arn } = await world.served('lost');
  await takeAway(world);
  for (let days = 0; days < 200; days += 2) await world.pass('2d');
  const lost = await world.describe(arn);
  assert.equal(lost.Status, 'EXPIRED');
  assert.equal(lost.RenewalSummary?.RenewalStatus, 'FAILED');
  await eventually('the end is told', () => (events(world).includes('expired') ? true : undefined));
  const failing = world.told.filter(({ event }) => event === 'renewal-failing').map(({ daysLeft }) => Number(daysLeft));
  assert.ok(failing.length >= 4, `told ${failing.length} times`);
  assert.deepEqual(
    failing,
    failing.toSorted((a, b) => b - a),
  );
  assert.deepEqual(events(world).slice(-1), ['expired']);
});

void test('an imported certificate is never renewed: somebody is told before it ends', async (t) => {
  const world = await start(t);
  const authority = await foreignAuthority(t);
  const leaf = await authority.leaf(['own.example.com'], { days: 60, daysAgo: 1 });
  const arn = await importCertificate(world.gateway.clients, leaf);
  await createDomain(world.gateway.clients, 'own.example.com', arn);
  for (let days = 0; days < 60; days += 2) await world.pass('2d');
  await eventually('the end is told', () => (events(world).includes('expired') ? true : undefined));
  assert.deepEqual(events(world), [...Array<string>(6).fill('expiring'), 'expired']);
  const ended = await world.describe(arn);
  assert.deepEqual([ended.Status, ended.RenewalSummary], ['EXPIRED', undefined]);
});

void test('a webhook that does not answer well holds nothing up, and its address is in no log line', async (t) => {
  const failing = await startWebhook(t, 500);
  const world = await start(t, '--renewal-webhook', failing.url);
  const { arn } = await world.served('unheard');
  const records = await takeAway(world);
  await world.pass('165d');
  await world.pass('10m');
  await world.pass('1h');
  const line = await eventually('the trouble with the webhook is logged', () =>
    world.gateway.logged().find(({ message }) => message === 'the renewal webhook could not be told'),
  );
  assert.equal(line['problem'], 'it answered 500');
  assert.ok(failing.told.length >= 3);
  assert.ok(!world.gateway.lines.some((text) => text.includes('hook-secret')));
  for (const record of records) await putRecord(world.gateway.clients, world.zoneId, record);
  await world.gateway.settled();
  assert.equal((await world.describe(arn)).RenewalSummary?.RenewalStatus, 'SUCCESS');
});

void test('the certificates of default endpoints are renewed, too, however short their life, in every region', async (t) => {
  const world = await start(t, '--local-validity', '6d');
  const { gateway } = world;
  const far = createClients(gateway.endpoint, 'eu-west-1');
  await makeApi(far, { $default: { target: mock('far') } });
  const names = ['x.execute-api.us-east-1.localhost', 'x.execute-api.eu-west-1.localhost'];
  // Until it is made another one is shown, which is for other names.
  await eventually('the other region has its certificate', () => world.shown(names[1]!).catch(() => undefined));
  const before = await Promise.all(names.map(world.shown));
  await world.pass('5d');
  const after = await Promise.all(names.map(world.shown));
  for (const [at, serial] of before.entries()) assert.notEqual(after[at], serial, names[at]);
});

void test('a region whose certificate a crash prevented gets it at the next start', async (t) => {
  const world = await start(t);
  const { gateway } = world;
  await makeApi(createClients(gateway.endpoint, 'eu-west-1'), { $default: { target: mock('far') } });
  const name = 'x.execute-api.eu-west-1.localhost';
  await eventually('the region has its certificate', () => world.shown(name).catch(() => undefined));
  await gateway.stop('SIGKILL');
  const directory = openDataDirectory(gateway.dataDir);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  await store.transact(async (transaction) => transaction.remove('listener-certificate', 'eu-west-1'));
  await store.close();
  directory.release();
  const again = await startTestGateway(t, ['--data-dir', gateway.dataDir]);
  await eventually('the region has its certificate again', () => serialShown(again, name).catch(() => undefined));
});

const CAA_ROWS: readonly (readonly [name: string, domainName: string, values: readonly string[], isIssued: boolean])[] =
  [
    ['of somebody else', 'a.example.com', ['0 issue "letsencrypt.org"'], false],
    ['of Amazon', 'a.example.com', ['0 issue "amazon.com"'], true],
    [
      'of Amazon with parameters, among others',
      'a.example.com',
      ['0 issue "x.test"', '0 issue "amazonaws.com; a=b"'],
      true,
    ],
    ['of a name that was given', 'a.example.com', ['0 issue "ca.example"'], true],
    ['of nobody', 'a.example.com', ['0 issue ";"'], false],
    ['that only asks for reports', 'a.example.com', ['0 iodef "mailto:a@example.com"'], true],
    ['for wildcards alone, of a plain name', 'a.example.com', ['0 issuewild ";"'], true],
    ['for wildcards alone, of a wildcard', '*.a.example.com', ['0 issuewild ";"'], false],
    ['that lets wildcards in alone', '*.a.example.com', ['0 issue ";"', '0 issuewild "amazon.com"'], true],
    ['critical and not known', 'a.example.com', ['128 unheardof "x"', '0 issue "amazon.com"'], false],
  ];

for (const [name, domainName, values, isIssued] of CAA_ROWS) {
  void test(`CAA records ${name} ${isIssued ? 'allow' : 'forbid'} it, at the name and above`, async (t) => {
    const world = await start(t, '--caa-name', 'ca.example');
    const { clients } = world.gateway;
    for (const owner of ['a.example.com', 'example.com']) {
      const record = { Type: 'CAA' as const, TTL: 60, ResourceRecords: values.map((Value) => ({ Value })) };
      await putRecord(clients, world.zoneId, { Name: owner, ...record });
      const arn = await requestCertificate(clients, domainName, { IdempotencyToken: owner.replaceAll('.', '_') });
      const [option] = (await world.describe(arn)).DomainValidationOptions!;
      const { Name, Type, Value } = option!.ResourceRecord!;
      await putRecord(clients, world.zoneId, { Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
      const decided = await eventually('it is decided', async () => {
        const certificate = await world.describe(arn);
        return certificate.Status === 'PENDING_VALIDATION' ? undefined : certificate;
      });
      const [wanted, reason] = isIssued ? ['ISSUED', undefined] : ['FAILED', 'CAA_ERROR'];
      assert.deepEqual([decided.Status, decided.FailureReason], [wanted, reason], owner);
      if (!isIssued) assert.equal(decided.DomainValidationOptions?.[0]?.ValidationStatus, 'FAILED');
      await changeRecords(clients, world.zoneId, {
        Action: 'DELETE',
        ResourceRecordSet: { Name: owner, ...record },
      });
    }
  });
}
