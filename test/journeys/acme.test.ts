// Certificates from an authority that is not ours: Debian's pebble, with its refused nonces and random sleeps, asks this gateway's own
// DNS, HTTP and TLS listeners, and a client that trusts pebble's root alone connects.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { DescribeCertificateCommand, GetCertificateCommand, type CertificateDetail } from '@aws-sdk/client-acm';
import { sallyport } from '../harness/command-line.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
  requestCertificate,
} from '../harness/domains.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { startPebble, type Pebble, type PebbleOptions } from '../harness/pebble.ts';
import { missing } from '../harness/peers.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const skip = missing('pebble');
/** pebble sleeps for up to fifteen seconds before it looks. */
const PATIENCE_MS = 120_000;

interface World {
  readonly gateway: TestGateway;
  readonly pebble: Pebble;
  readonly zoneId: string;
  describe(arn: string): Promise<CertificateDetail>;
  issued(arn: string): Promise<CertificateDetail>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

interface StartOptions {
  readonly isHttpServed?: boolean;
  readonly eab?: PebbleOptions['eab'];
  readonly args?: readonly string[];
}

/** Each has to know where the other listens, so the gateway's ports are chosen before both. */
async function start(t: TestContext, { isHttpServed = false, eab, args = [] }: StartOptions = {}): Promise<World> {
  const [httpPort, tlsPort, dnsPort] = [await freePort(), await freePort(), await freePort()];
  const dnsServer = `127.0.0.1:${dnsPort}`;
  const pebble = await startPebble(t, { httpPort, tlsPort, dnsServer, ...(eab && { eab }) });
  const authority = ['--acme-directory', pebble.directoryUrl, '--acme-ca', pebble.caFile, '--acme-agree-terms'];
  const places = ['--tls', `127.0.0.1:${tlsPort}`, '--dns', dnsServer];
  if (isHttpServed) places.push('--http', `127.0.0.1:${httpPort}`);
  const gateway = await startTestGateway(t, [...authority, ...places, '--log-level', 'debug', ...args]);
  const describe = async (arn: string) =>
    (await gateway.clients.acm.send(new DescribeCertificateCommand({ CertificateArn: arn }))).Certificate!;
  return {
    gateway,
    pebble,
    zoneId: await makeHostedZone(gateway.clients, 'acme.test'),
    describe,
    issued: (arn) =>
      eventually(
        'pebble issues',
        async () => {
          const found = await describe(arn);
          assert.notEqual(found.Status, 'FAILED', JSON.stringify(found));
          return found.Status === 'ISSUED' ? found : undefined;
        },
        PATIENCE_MS,
      ),
  };
}

function address(name: string) {
  return { Name: name, Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '127.0.0.1' }] };
}

/** Whose certificate a client is shown, that trusts `ca` alone. */
function issuerShown({ tlsPort }: TestGateway, servername: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, servername, ca }, () => {
      const { issuer } = socket.getPeerCertificate();
      socket.destroy();
      resolve(String(issuer.CN));
    });
    socket.once('error', reject);
  });
}

const challengesOf = ({ gateway }: World) =>
  gateway
    .logged()
    .filter(({ message }) => message === 'the authority is told that its challenge is answered')
    .map(({ name, type }) => `${String(type)} ${String(name)}`)
    .sort();

void test('a name and its wildcard are proven by one record, which stays', { skip }, async (t) => {
  const world = await start(t);
  const { gateway, zoneId, pebble } = world;
  const { clients } = gateway;
  const arn = await requestCertificate(clients, '*.acme.test', { SubjectAlternativeNames: ['acme.test'] });
  const options = (await world.describe(arn)).DomainValidationOptions!;
  const records = options.map(({ ResourceRecord }) => ResourceRecord!);
  assert.deepEqual(records[0], records[1]);
  assert.equal(records[0]!.Name, '_acme-challenge.acme.test.');
  assert.match(records[0]!.Value!, /^[0-9a-f]{32}\.acme-challenges\.localhost\.$/);
  await putRecord(clients, zoneId, {
    Name: records[0]!.Name,
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: records[0]!.Value }],
  });
  const issued = await world.issued(arn);
  assert.match(issued.Issuer!, /Pebble/);
  assert.deepEqual(challengesOf(world), ['dns-01 *.acme.test', 'dns-01 acme.test']);
  const { Certificate, CertificateChain } = await clients.acm.send(new GetCertificateCommand({ CertificateArn: arn }));
  assert.match(new X509Certificate(Certificate!).subjectAltName!, /DNS:\*\.acme\.test/);
  assert.match(CertificateChain!, /BEGIN CERTIFICATE/);

  const api = await makeApi(clients, { $default: { target: mock('hello'), isTwoWay: true } });
  const made = await createDomain(clients, '*.acme.test', arn);
  await putRecord(clients, zoneId, aliasRecord('*.acme.test', made));
  await mapDomain(clients, '*.acme.test', 'chat', api);
  const ca = pebble.rootPem;
  const client = await openSocket(gateway, `wss://tenant7.acme.test:${gateway.tlsPort}/chat`, { ca });
  assert.equal(await ask(client, '{}'), 'hello');
  assert.deepEqual(
    gateway.logged().filter(({ level }) => level === 'error'),
    [],
  );
});

void test('a name that leads here is proven over plain HTTP', { skip }, async (t) => {
  const world = await start(t, { isHttpServed: true });
  const { clients } = world.gateway;
  await putRecord(clients, world.zoneId, address('web.acme.test'));
  const arn = await requestCertificate(clients, 'web.acme.test', { KeyAlgorithm: 'RSA_2048' });
  const issued = await world.issued(arn);
  assert.equal(issued.KeyAlgorithm, 'RSA-2048' as never);
  assert.deepEqual(challengesOf(world), ['http-01 web.acme.test']);
});

void test('without plain HTTP it is proven over TLS, and ordinary clients notice nothing', { skip }, async (t) => {
  const world = await start(t);
  const { gateway, zoneId, pebble } = world;
  const { clients } = gateway;
  const authority = await foreignAuthority(t);
  for (const [name, algorithm] of [
    ['rsa.acme.test', 'RSA_2048'],
    ['ec.acme.test', 'EC_prime256v1'],
  ] as const) {
    await putRecord(clients, zoneId, address(name));
    await createDomain(clients, name, await importCertificate(clients, await authority.leaf([name], { algorithm })));
  }
  await putRecord(clients, zoneId, address('new.acme.test'));
  const names = ['rsa.acme.test', 'ec.acme.test', 'new.acme.test'] as const;
  const arns = await Promise.all(names.map((name) => requestCertificate(clients, name)));
  let isDone = false;
  let count = 0;
  const ordinary = (async () => {
    while (!isDone) {
      for (const name of ['rsa.acme.test', 'ec.acme.test']) {
        assert.equal(await issuerShown(gateway, name, authority.certificatePem), 'A foreign authority');
        count += 1;
      }
    }
  })();
  const issued = await Promise.all(arns.map((arn) => world.issued(arn)));
  isDone = true;
  await ordinary;
  assert.ok(count > 20, `${count} ordinary handshakes`);
  for (const one of issued) assert.match(one.Issuer!, /Pebble/);
  assert.deepEqual(challengesOf(world), names.map((name) => `tls-alpn-01 ${name}`).sort());
  await createDomain(clients, 'new.acme.test', arns[2]!);
  assert.match(await issuerShown(gateway, 'new.acme.test', pebble.rootPem), /Pebble/);
});

void test('an authority that binds accounts says so, and takes those that are bound', { skip }, async (t) => {
  const eab = { keyId: 'kid-1', macKey: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' };
  const unbound = await start(t, { eab });
  const warned = await eventually('it says so at the start', () =>
    unbound.gateway.logged().find(({ message }) => message === 'the authority would not issue now'),
  );
  assert.match(String(warned['reason']), /--acme-eab/);
  await putRecord(unbound.gateway.clients, unbound.zoneId, address('a.acme.test'));
  const waiting = await requestCertificate(unbound.gateway.clients, 'a.acme.test');
  const line = await eventually('it says what is missing', () =>
    unbound.gateway.logged().find(({ message }) => message === 'a certificate could not be issued yet'),
  );
  assert.match(String(line['reason']), /give its key with --acme-eab KID:KEY/);
  const shown = await sallyport(['certificates', 'show', waiting, '--endpoint', unbound.gateway.endpoint]);
  assert.match(shown.stdout, /^ {4}next {8}restart with --acme-eab KID:KEY, or with SALLYPORT_ACME_EAB$/m);

  const bound = await start(t, { eab, args: ['--acme-eab', `${eab.keyId}:${eab.macKey}`] });
  await putRecord(bound.gateway.clients, bound.zoneId, address('a.acme.test'));
  await bound.issued(await requestCertificate(bound.gateway.clients, 'a.acme.test'));
  assert.ok(!bound.gateway.lines.some((text) => text.includes(eab.macKey)));
});

void test('several names at once, the local CA beside them, and what the limits leave', { skip }, async (t) => {
  const world = await start(t, { isHttpServed: true });
  const { gateway, zoneId } = world;
  const { clients } = gateway;
  const names = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.acme.test`);
  for (const name of names) await putRecord(clients, zoneId, address(name));
  const arns = await Promise.all(names.map((name) => requestCertificate(clients, name)));
  const local = 'arn:aws:acm-pca:us-east-1:000000000000:certificate-authority/local';
  const own = await issueCertificate(clients, zoneId, 'own.acme.test', { CertificateAuthorityArn: local });
  assert.equal((await world.describe(own)).Issuer, 'Amazon');
  for (const arn of arns) await world.issued(arn);
  const { stdout } = await sallyport(['certificates', 'budget', '--json', '--endpoint', gateway.endpoint]);
  const lines = JSON.parse(stdout) as { limit: string; used: number; left: number; about?: string }[];
  const of = (limit: string) => lines.filter((line) => line.limit === limit);
  assert.equal(of('orders')[0]!.used, 5);
  assert.equal(of('orders')[0]!.left, 295);
  assert.deepEqual(
    of('certificates').map(({ about, used, left }) => [about, used, left]),
    [['acme.test', 5, 45]],
  );
});
