// Which tenant does what: `sallyport tenants` and the series of hosts under a wildcard, for one account and for the operator; that the
// hosts which clients choose are bounded; and who may read the metrics at all.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DeleteApiMappingCommand, DeleteDomainNameCommand, GetApiMappingsCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients, type Clients } from '../../demo/chain.ts';
import { sallyport } from '../harness/command-line.ts';
import { createDomain, issueCertificate, makeHostedZone, mapDomain } from '../harness/domains.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { assertPromtoolTakes, parseMetrics, readMetrics, type MetricLines } from '../harness/metric-lines.ts';
import { missing } from '../harness/peers.ts';
import {
  ask,
  makeApi,
  mock,
  openSocket,
  pathForm,
  type RefusedHandshake,
  type TestSocket,
} from '../harness/sockets.ts';

const [OPERATOR, ANNE, BERT] = ['111111111111', '222222222222', '333333333333'] as const;
const LOOPBACK = '127.0.0.0/8';
const secretOf = (account: string) => `secret of ${account}`;
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
writeFileSync(
  accounts,
  JSON.stringify({
    accounts: [OPERATOR, ANNE, BERT].map((id) => ({
      id,
      operator: id === OPERATOR,
      keys: [{ id: `AKIA${id}`, secret: secretOf(id) }],
    })),
  }),
  { mode: 0o600 },
);
const gateway = await startTestGateway({ after }, [
  '--accounts',
  accounts,
  '--egress-allow',
  LOOPBACK,
  '--control-host',
  'control.example',
  // Where a zone of one's own proves a name.
  ...['anne.example', 'bert.example', 'exact.example'].flatMap((name) => ['--own-names', name]),
  ...['metricsTenantsShownMax=2', 'hostsCountedPerAccountMax=4', 'tenantsListedMax=3'].flatMap((one) => [
    '--limit',
    one,
  ]),
]);

interface Counts {
  readonly connections: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly errors: number;
}
interface Page {
  readonly tenants: readonly (Counts & { readonly host: string; readonly domain: string; readonly account?: string })[];
  readonly total: Counts;
  readonly others?: Counts & { readonly hosts: number };
}

function as(account: string) {
  const env = { AWS_ACCESS_KEY_ID: `AKIA${account}`, AWS_SECRET_ACCESS_KEY: secretOf(account) };
  const run = (...args: string[]) => sallyport([...args, '--endpoint', gateway.endpoint], { env });
  const clients: Clients = createClients(gateway.endpoint, REGION, `AKIA${account}`, secretOf(account));
  return {
    clients,
    run,
    async tenants(...args: string[]): Promise<Page> {
      const { stdout, stderr } = await run('tenants', ...args, '--json');
      assert.equal(stderr, '');
      return JSON.parse(stdout) as Page;
    },
    async metrics(): Promise<MetricLines> {
      const { stdout, stderr } = await run('metrics');
      assert.equal(stderr, '');
      return parseMetrics(stdout);
    },
  };
}

/** An API of the account that answers under a custom domain name. */
async function serve(account: string, name: string) {
  const { clients } = as(account);
  const api = await makeApi(clients, { $default: { target: mock('pong'), isTwoWay: true } });
  const zoneId = await makeHostedZone(clients, name.replace('*.', ''));
  await createDomain(clients, name, await issueCertificate(clients, zoneId, name));
  await mapDomain(clients, name, '', api);
  return api;
}

const open = (Host: string) => openSocket(gateway, `wss://localhost:${gateway.tlsPort}/`, { headers: { Host } });
const stayed: TestSocket[] = [];

/** Connects by a host, and has so many messages answered. Stays. */
async function talk(host: string, messages: number): Promise<TestSocket> {
  const client = await open(host);
  stayed.push(client);
  for (let number = 0; number < messages; number += 1) assert.equal(await ask(client, 'ping'), 'pong');
  return client;
}

async function hangUp(client: TestSocket): Promise<void> {
  client.socket.close();
  await client.closed;
}

const hostsOf = ({ tenants }: Page) => tenants.map(({ host }) => host);
const annes = await serve(ANNE, '*.anne.example');
await serve(ANNE, 'exact.example');
await serve(BERT, '*.bert.example');
await talk('a.anne.example', 1);
await talk('a.anne.example', 2);
await talk('b.anne.example', 5);
await talk('exact.example', 1);
await talk('z.bert.example', 9);

describe('sallyport tenants', () => {
  test('shows an account its own hosts, the busiest first', async () => {
    const page = await as(ANNE).tenants();
    assert.deepEqual(
      page.tenants.map((one) => [
        `${one.host} ${one.domain} ${one.account}`,
        one.connections,
        one.messagesIn,
        one.messagesOut,
        one.bytesIn,
        one.bytesOut,
        one.errors,
      ]),
      [
        ['b.anne.example *.anne.example undefined', 1, 5, 5, 20, 20, 0],
        ['a.anne.example *.anne.example undefined', 2, 3, 3, 12, 12, 0],
        ['exact.example exact.example undefined', 1, 1, 1, 4, 4, 0],
      ],
    );
    assert.deepEqual(page.others, undefined);
    assert.equal(page.total.messagesIn, 9);
    const bert = await as(BERT).tenants();
    assert.deepEqual(hostsOf(bert), ['z.bert.example']);
  });

  test('shows an operator those of all accounts, and whose they are; what is over the bound is summed', async () => {
    const page = await as(OPERATOR).tenants();
    assert.deepEqual(
      page.tenants.map(({ host, account }) => [host, account]),
      [
        ['z.bert.example', BERT],
        ['b.anne.example', ANNE],
        ['a.anne.example', ANNE],
      ],
    );
    assert.deepEqual([page.others?.hosts, page.others?.messagesIn, page.total.messagesIn], [1, 1, 18]);
  });

  test('one domain name, one host, each order', async () => {
    const anne = as(ANNE);
    assert.deepEqual(hostsOf(await anne.tenants('*.anne.example')), ['b.anne.example', 'a.anne.example']);
    assert.deepEqual(hostsOf(await anne.tenants('exact.example')), ['exact.example']);
    assert.deepEqual(hostsOf(await anne.tenants('A.anne.example.')), ['a.anne.example']);
    assert.deepEqual(hostsOf(await anne.tenants('nobody-yet.anne.example')), []);
    assert.equal(hostsOf(await anne.tenants('--sort', 'connections'))[0], 'a.anne.example');
    assert.equal(hostsOf(await anne.tenants('--sort', 'active'))[0], 'exact.example');
  });

  test('names of others, and of nobody, are not there; an order that there is not is told', async () => {
    for (const name of ['*.bert.example', 'z.bert.example', 'nobody.example', '%00', '*.*.example']) {
      const { code, stderr } = await as(ANNE).run('tenants', name);
      assert.equal(code, 2);
      assert.match(stderr, /There is no custom domain name .*, or it is not yours/);
    }
    const { code, stderr } = await as(ANNE).run('tenants', '--sort', 'luck');
    assert.equal(code, 2);
    assert.match(stderr, /Allowed choices are messages, connections, bytes, errors, active/);
  });

  test('is a table for people, with what is left out summed', async () => {
    const { stdout, stderr } = await as(OPERATOR).run('tenants', '--limit', '1');
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /^HOST +DOMAIN +SOCKETS +IN +OUT +BYTES IN +BYTES OUT +ERRORS +ACTIVE$/);
    assert.match(lines[1]!, /^z\.bert\.example +\*\.bert\.example +1 +9 +9 +36 B +36 B +0 +\d.* ago$/);
    assert.match(lines[2]!, /^\(others\) +4 +9 +9 +36 B +36 B +0$/);
    assert.equal(lines[3], '4 hosts: 5 sockets, 18 messages in, 18 out');
  });
});

describe('who reads the metrics', () => {
  const unsigned = (headers: Record<string, string> = {}, path = '/_sallyport/metrics') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const asked = request(`${gateway.endpoint}${path}`, { headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() }));
      });
      asked.once('error', reject).end();
    });

  test('whoever is on this machine, all of it', async () => {
    const { status, body } = await unsigned();
    assert.equal(status, 200);
    const read = parseMetrics(body);
    assert.ok(read.values('sallyport_domain_connections', 'domain').includes('*.bert.example'));
    assert.equal((await unsigned({ Host: 'prometheus.localhost' })).status, 200);
  });

  const handedOn: readonly (readonly [string, Record<string, string>])[] = [
    ['by another host name', { Host: 'control.example' }],
    ['through a proxy', { 'X-Forwarded-For': '192.0.2.1' }],
    ['through another kind of proxy', { Forwarded: 'for=192.0.2.1' }],
    ['through a third kind', { Via: '1.1 proxy' }],
    ['from an integration', { 'x-amzn-apigateway-api-id': 'a1b2c3d4e5' }],
  ];
  for (const [how, headers] of handedOn) {
    test(`not ${how}`, async () => {
      const { status, body } = await unsigned(headers);
      assert.equal(status, 403);
      assert.match(body, /Missing Authentication Token/);
    });
  }

  test('not with a signature that is wrong, although nobody had to sign', async () => {
    const Authorization = `AWS4-HMAC-SHA256 Credential=AKIA${ANNE}/20260101/us-east-1/sallyport/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    assert.equal((await unsigned({ Authorization })).status, 403);
    assert.equal((await unsigned({}, `/_sallyport/metrics?X-Amz-Signature=0`)).status, 403);
  });

  test('an integration of a tenant does not bring them out, where it may reach this machine', async () => {
    const api = await makeApi(as(ANNE).clients, {
      $default: {
        target: {
          IntegrationType: 'HTTP_PROXY',
          IntegrationMethod: 'GET',
          IntegrationUri: `${gateway.endpoint}/_sallyport/metrics`,
          RequestParameters: { 'integration.request.header.x-amzn-apigateway-api-id': "''" },
        },
        isTwoWay: true,
      },
    });
    const client = await openSocket(gateway, pathForm(gateway, api));
    assert.match(await ask(client, 'metrics'), /Missing Authentication Token/);
    await hangUp(client);
  });

  test('an account reads its own, and nothing of the server or of others', async () => {
    const read = await as(ANNE).metrics();
    assert.ok(read.values('aws_apigateway_message_count_total', 'api_id').includes(annes.apiId));
    assert.deepEqual(read.values('sallyport_domain_connections', 'domain').toSorted(), [
      '*.anne.example',
      'exact.example',
    ]);
    assert.deepEqual(read.values('sallyport_certificate_expiry_seconds', 'domain').toSorted(), [
      '*.anne.example',
      'exact.example',
    ]);
    assert.ok(!read.text.includes('bert'));
    const names = new Set(read.samples.map(({ name }) => name));
    const own = /^(aws_apigateway_|sallyport_(stage|domain|tenant|certificate_expiry)_)/;
    assert.deepEqual(
      [...names].filter((name) => !own.test(name)),
      [],
    );
    assert.ok(names.size > 0);
  });

  test('an operator reads all, also from elsewhere', async () => {
    const read = await as(OPERATOR).metrics();
    assert.ok(read.sum('process_resident_memory_bytes') > 0);
    assert.ok(read.values('sallyport_domain_connections', 'domain').includes('*.bert.example'));
    const expiry = read.samples.filter(({ name }) => name === 'sallyport_certificate_expiry_seconds');
    assert.equal(expiry.length, 3);
    const [day, year] = [86_400, 400 * 86_400];
    assert.ok(expiry.every(({ value }) => value > 30 * day && value < year));
  });

  test('the command shows those that are asked for, as text and as JSON', async () => {
    const { stdout } = await as(ANNE).run('metrics', 'sallyport_domain_messages');
    assert.match(stdout, /^# HELP sallyport_domain_messages_total /);
    assert.deepEqual(
      new Set(parseMetrics(stdout).samples.map(({ name }) => name)),
      new Set(['sallyport_domain_messages_total']),
    );
    const json = await as(ANNE).run('metrics', 'sallyport_domain_messages', '--json');
    assert.deepEqual(
      (JSON.parse(json.stdout) as object[]).find((one) =>
        JSON.stringify(one).includes('"exact.example","direction":"in"'),
      ),
      { name: 'sallyport_domain_messages_total', labels: { domain: 'exact.example', direction: 'in' }, value: 1 },
    );
  });
});

describe('hosts that clients choose', () => {
  test('are shown by the busiest alone, and the sums are those of all', async () => {
    const read = await readMetrics(gateway.endpoint);
    const shown = read.values('sallyport_tenant_connections', 'host');
    assert.deepEqual(shown.toSorted(), ['b.anne.example', 'other', 'z.bert.example']);
    assert.equal(read.sum('sallyport_tenant_messages_total', { direction: 'in' }), 17);
    assert.equal(read.sum('sallyport_domain_messages_total', { direction: 'in' }), 18);
    assert.equal(read.sum('sallyport_tenant_connections'), 4);
  });

  test('make no room for others while they are connected, and are counted with their domain name', async () => {
    const before = await as(ANNE).tenants('*.anne.example', '--sort', 'active');
    // The fourth of the account is the last that is counted by itself.
    await talk('c.anne.example', 1);
    await hangUp(await talk('d.anne.example', 2));
    const page = await as(ANNE).tenants('*.anne.example');
    assert.equal(page.total.messagesIn, before.total.messagesIn + 3);
    assert.ok(!hostsOf(page).includes('d.anne.example'));
    assert.equal(page.others?.messagesIn, 2);
  });

  test('make room once they are gone, and what was told of them is not told again', async () => {
    const others = { host: 'other', direction: 'in' };
    const told = (await readMetrics(gateway.endpoint)).sum('sallyport_tenant_messages_total', others);
    for (const client of stayed.splice(0)) await hangUp(client);
    for (let number = 0; number < 20; number += 1) await hangUp(await talk(`n${number}.anne.example`, 1));
    const read = await readMetrics(gateway.endpoint);
    assert.equal(read.values('sallyport_tenant_connections', 'host').length, 3);
    assert.equal(
      read.sum('sallyport_domain_messages_total', { domain: '*.anne.example', direction: 'in' }),
      8 + 3 + 20,
    );
    // Those that made room between two readings are told with their domain name alone.
    const now = read.sum('sallyport_tenant_messages_total', others);
    assert.ok(now >= told && now <= told + 20, `${told} and then ${now}`);
    const page = await as(ANNE).tenants('*.anne.example');
    assert.equal(page.total.messagesIn, 31);
    assert.equal(page.total.connections, 0);
  });

  test('that nobody was let in by are counted with their domain name, whatever they are called', async () => {
    const { gateway: control } = as(BERT).clients;
    const { Items: [mapping] = [] } = await control.send(new GetApiMappingsCommand({ DomainName: '*.bert.example' }));
    await control.send(
      new DeleteApiMappingCommand({ DomainName: '*.bert.example', ApiMappingId: mapping!.ApiMappingId }),
    );
    for (let number = 0; number < 30; number += 1) {
      await assert.rejects(open(`random-${number}.bert.example`), (error: RefusedHandshake) => error.status === 403);
    }
    const page = await as(BERT).tenants();
    assert.deepEqual(hostsOf(page), ['z.bert.example']);
    assert.equal(page.others?.errors, 30);
    const read = await readMetrics(gateway.endpoint);
    assert.ok(!read.text.includes('random-'));
    assert.equal(read.sum('sallyport_domain_errors_total', { domain: '*.bert.example' }), 30);
    assert.equal(
      read.sum('sallyport_handshakes_total', { outcome: 'refused', step: 'resolve', code: 'Forbidden' }),
      30,
    );
  });

  test('and nothing of a client is a label: no Host, path, method, route or close code of its own', async () => {
    const client = await talk('z.bert.example', 0).catch(() => openSocket(gateway, pathForm(gateway, annes)));
    client.socket.send(JSON.stringify({ action: 'evil"} 1\nsallyport_connections 99' }));
    await client.receive();
    client.socket.close(4_321, 'evil-reason');
    await client.closed;
    await assert.rejects(openSocket(gateway, pathForm(gateway, { apiId: 'evilapi000', stage: 'evil-stage' })));
    await assert.rejects(open('evil-host.example'));
    const read = await eventually('the close is counted', async () => {
      const found = await readMetrics(gateway.endpoint);
      return found.sum('sallyport_connections_closed_total', { code: '4xxx' }) === 1 ? found : undefined;
    });
    assert.ok(!/evil|4321/.test(read.text));
  });

  test('a domain name that is deleted is told of no more', async () => {
    const { gateway: control } = as(ANNE).clients;
    await control.send(new DeleteDomainNameCommand({ DomainName: 'exact.example' }));
    assert.ok(!(await readMetrics(gateway.endpoint)).text.includes('exact.example'));
    assert.ok(!hostsOf(await as(ANNE).tenants()).includes('exact.example'));
  });

  test('promtool has nothing to say about the page', { skip: missing('promtool') }, async () => {
    await assertPromtoolTakes((await readMetrics(gateway.endpoint)).text);
  });
});
