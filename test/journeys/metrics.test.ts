// The metrics page against real traffic: what counts where, exactly, however much happens at once; by API, stage and route as AWS has
// them (websocket-apis 8.3).

import assert from 'node:assert/strict';
import { promises } from 'node:dns';
import { Agent } from 'node:https';
import { after, describe, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { DeleteApiCommand, UpdateStageCommand, type UpdateStageCommandInput } from '@aws-sdk/client-apigatewayv2';
import { startBackend } from '../harness/backend.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION } from '../harness/gateway.ts';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { assertPromtoolTakes, readMetrics, type MetricLines } from '../harness/metric-lines.ts';
import { missing } from '../harness/peers.ts';
import {
  ask,
  makeApi,
  mock,
  openSocket,
  pathForm,
  type RouteOptions,
  type Target,
  type TestSocket,
} from '../harness/sockets.ts';

const CALLBACK = '/@connections/{connectionId}';
/** The metrics of AWS by what they are called here. */
const AWS = {
  connects: 'aws_apigateway_connect_count_total',
  messages: 'aws_apigateway_message_count_total',
  integrationErrors: 'aws_apigateway_integration_error_total',
  clientErrors: 'aws_apigateway_client_error_total',
  executionErrors: 'aws_apigateway_execution_error_total',
  operations: 'aws_apigateway_operations_total',
  latencies: 'aws_apigateway_integration_latency_seconds_count',
} as const;

const backend = await startBackend({ after }, (request, response) => {
  const [, status = '200'] = /\/status\/(\d+)/.exec(request.url ?? '') ?? [];
  if (request.url !== '/hold') response.writeHead(Number(status)).end(`status ${status}`);
});
const HANDLER = `export const works = async () => ({ statusCode: 200, body: 'done' });
export const fails = async () => { throw new Error('no'); };
export const teapot = async () => ({ statusCode: 418, body: 'tea' });
export const nonsense = async () => 'nonsense';`;
const functions = Object.fromEntries(
  ['works', 'fails', 'teapot', 'nonsense'].map((name) => [name, { handler: `index.${name}` }]),
);
const gateway = await makeProject({ after }, functions, { 'index.mjs': HANDLER }).start();

const proxy = (path: string, changes: Partial<Target> = {}): Target => ({
  ...backend.to(path),
  ...(path.startsWith('http') && { IntegrationUri: path }),
  ...changes,
});
const ROUTES: Readonly<Record<string, RouteOptions>> = {
  $connect: { target: proxy('/status/200') },
  $disconnect: { target: proxy('/status/500') },
  echo: { target: proxy('/status/200'), isTwoWay: true },
  oneway: { target: proxy('/status/200') },
  mock: { target: mock('pong'), isTwoWay: true },
  failing: { target: proxy('/status/500'), isTwoWay: true },
  away: { target: proxy('http://127.0.0.1:1/'), isTwoWay: true },
  slow: { target: proxy('/hold', { TimeoutInMillis: 50 }), isTwoWay: true },
};

type Api = Awaited<ReturnType<typeof makeApi>>;
type Counts = Partial<Record<keyof typeof AWS, number>>;

async function serve(settings: Partial<UpdateStageCommandInput> = {}, routes = ROUTES): Promise<Api> {
  const api = await makeApi(gateway.clients, routes);
  const { apiId: ApiId, stage: StageName } = api;
  await gateway.clients.gateway.send(new UpdateStageCommand({ ApiId, StageName, ...settings }));
  return api;
}

/** What was counted of a stage, or of one of its routes; zeros are left out. */
function counted(
  read: MetricLines,
  { apiId: api_id, stage }: Api,
  labels: Readonly<Record<string, string>> = {},
): Counts {
  const counts = Object.entries(AWS).map(
    ([what, name]) => [what, read.sum(name, { api_id, stage, ...labels })] as const,
  );
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

const say = (action: string) => JSON.stringify({ action });
const open = (api: Api) => openSocket(gateway, pathForm(gateway, api));

/** Until the operations of a stage are as many: some end after their client has heard of them. */
async function operated(api: Api, operations: number): Promise<MetricLines> {
  const { apiId: api_id } = api;
  return eventually(`${operations} operations are counted`, async () => {
    const read = await readMetrics(gateway.endpoint);
    const found = read.sum(AWS.operations, { api_id });
    assert.ok(found <= operations, `${found} operations`);
    return found === operations ? read : undefined;
  });
}

async function close(client: TestSocket): Promise<void> {
  client.socket.close();
  await client.closed;
}

function management(api: Api): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    endpoint: pathForm(gateway, api).replace('wss:', 'https:'),
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: false }) },
  });
}

describe('what counts where', () => {
  const rows: readonly [action: string, times: number, Counts][] = [
    ['echo', 3, { messages: 6, operations: 3, latencies: 3 }],
    ['mock', 2, { messages: 4, operations: 2 }],
    ['failing', 2, { messages: 4, operations: 2, integrationErrors: 2, latencies: 2 }],
    ['away', 2, { messages: 2, operations: 2, executionErrors: 2, latencies: 2 }],
    ['slow', 1, { messages: 1, operations: 1, executionErrors: 1, latencies: 1 }],
    ['no-route', 2, { messages: 2, operations: 2, clientErrors: 2 }],
  ];
  for (const [action, times, expected] of rows) {
    void test(`${times} of ${action}`, async () => {
      const api = await serve({ DefaultRouteSettings: { DetailedMetricsEnabled: true } });
      const client = await open(api);
      for (let time = 0; time < times; time += 1) await ask(client, say(action));
      const read = await operated(api, times + 1);
      assert.deepEqual(counted(read, api, { route: '$connect' }), { connects: 1, operations: 1, latencies: 1 });
      const isRouted = action in ROUTES;
      const ofAction = isRouted ? counted(read, api, { route: action }) : counted(read, api);
      const ofConnect = isRouted ? {} : counted(read, api, { route: '$connect' });
      const less = Object.entries(ofAction).map(([what, count]) => [
        what,
        count - (ofConnect[what as keyof Counts] ?? 0),
      ]);
      assert.deepEqual(Object.fromEntries(less.filter(([, count]) => count !== 0)), expected);
      await close(client);
    });
  }

  void test('a one-way message is one, and a $disconnect that failed is an error of the integration', async () => {
    const api = await serve({ DefaultRouteSettings: { DetailedMetricsEnabled: true } });
    const client = await open(api);
    client.socket.send(say('oneway'));
    const sent = await operated(api, 2);
    assert.deepEqual(counted(sent, api, { route: 'oneway' }), { messages: 1, operations: 1, latencies: 1 });
    await close(client);
    const ended = await operated(api, 3);
    assert.deepEqual(counted(ended, api, { route: '$disconnect' }), {
      operations: 1,
      integrationErrors: 1,
      latencies: 1,
    });
  });

  void test('callbacks: a message for each that was delivered, no latency, an error for the socket that is gone', async () => {
    const api = await serve(
      { DefaultRouteSettings: { DetailedMetricsEnabled: true } },
      { $default: { target: proxy('/status/200', { RequestParameters: {} }) }, whoami: {} },
    );
    const client = await open(api);
    client.socket.send(say('whoami'));
    const { connectionId: ConnectionId } = JSON.parse(await client.receive()) as { connectionId: string };
    const calls = management(api);
    for (const Data of ['a', 'bb', 'ccc']) await calls.send(new PostToConnectionCommand({ ConnectionId, Data }));
    for (const word of ['a', 'bb', 'ccc']) assert.equal(await client.receive(), word);
    await calls.send(new GetConnectionCommand({ ConnectionId }));
    await assert.rejects(calls.send(new PostToConnectionCommand({ ConnectionId, Data: 'x'.repeat(131_073) })));
    await calls.send(new DeleteConnectionCommand({ ConnectionId }));
    await client.closed;
    await assert.rejects(calls.send(new PostToConnectionCommand({ ConnectionId, Data: 'd' })), {
      name: 'GoneException',
    });
    // The handshake, the message, five calls that were answered or Gone, one refused; 413 is none.
    const read = await operated(api, 8);
    assert.deepEqual(counted(read, api, { route: `POST ${CALLBACK}` }), {
      messages: 3,
      operations: 4,
      clientErrors: 1,
    });
    assert.deepEqual(counted(read, api, { route: `GET ${CALLBACK}` }), { operations: 1 });
    assert.deepEqual(counted(read, api, { route: `DELETE ${CALLBACK}` }), { operations: 1 });
    assert.equal(read.sum('sallyport_callbacks_total', { method: 'POST', code: 'PayloadTooLarge' }), 1);
    assert.equal(read.sum('sallyport_callbacks_total', { method: 'POST', code: 'Gone' }), 1);
    const { apiId: api_id } = api;
    assert.equal(read.sum('sallyport_stage_bytes_total', { api_id, direction: 'in' }), say('whoami').length);
  });

  void test('a message over a rate is none, and is told beside them', async () => {
    const ThrottlingRateLimit = 0.001;
    const api = await serve(
      { RouteSettings: { echo: { ThrottlingRateLimit, ThrottlingBurstLimit: 1 } } },
      { echo: ROUTES['echo']! },
    );
    const client = await open(api);
    const before = (await readMetrics(gateway.endpoint)).sum('sallyport_messages_failed_total', {
      code: 'TooManyRequests',
    });
    for (let time = 0; time < 3; time += 1) await ask(client, say('echo'));
    const read = await operated(api, 2);
    assert.deepEqual(counted(read, api), { messages: 2, operations: 2, latencies: 1 });
    const failed = read.sum('sallyport_messages_failed_total', { step: 'throttle', code: 'TooManyRequests' });
    assert.equal(failed - before, 2);
    await close(client);
  });

  void test('a handshake that the backend refuses was asked about, and so was one whose backend is away', async () => {
    const [refusing, away] = [
      await serve({}, { $connect: { target: proxy('/status/401') } }),
      await serve({}, { $connect: { target: proxy('http://127.0.0.1:1/') } }),
    ];
    await assert.rejects(open(refusing), { status: 401 });
    await assert.rejects(open(away), { status: 502 });
    const read = await operated(away, 1);
    assert.deepEqual(counted(read, refusing), { connects: 1, operations: 1, integrationErrors: 1, latencies: 1 });
    assert.deepEqual(counted(read, away), { connects: 1, operations: 1, executionErrors: 1, latencies: 1 });
    assert.equal(read.sum('sallyport_handshakes_total', { outcome: 'refused', code: 'IntegrationRefused' }), 1);
  });
});

describe('functions', () => {
  const lambda = (name: string): RouteOptions => ({
    target: { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn(name)) },
    isTwoWay: true,
  });
  const rows: readonly [name: string, Counts][] = [
    ['works', { messages: 2, operations: 1, latencies: 1 }],
    ['teapot', { messages: 2, operations: 1, integrationErrors: 1, latencies: 1 }],
    ['fails', { messages: 1, operations: 1, integrationErrors: 1, latencies: 1 }],
    ['nonsense', { messages: 1, operations: 1, executionErrors: 1, latencies: 1 }],
    ['absent', { messages: 1, operations: 1, executionErrors: 1 }],
  ];
  void test('what they return is the integration’s, and what cannot be used, or called, is not', async () => {
    const names = rows.map(([name]) => name);
    const routes = Object.fromEntries(names.map((name) => [name, lambda(name)]));
    const api = await serve({ DefaultRouteSettings: { DetailedMetricsEnabled: true } }, routes);
    const client = await open(api);
    for (const name of names) await ask(client, say(name));
    const read = await operated(api, 1 + names.length);
    for (const [name, expected] of rows) assert.deepEqual(counted(read, api, { route: name }), expected, name);
    const invocations = (name: string, outcome: string) =>
      read.sum('sallyport_function_invocations_total', { function: name, outcome });
    assert.deepEqual(
      names.map((name) => [invocations(name, 'returned'), invocations(name, 'failed'), invocations(name, 'throttled')]),
      [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
        [1, 0, 0],
        [0, 0, 0],
      ],
    );
    assert.equal(read.sum('sallyport_function_starts_total'), 4);
    assert.ok(!read.values('sallyport_function_starts_total', 'function').includes('absent'));
    await close(client);
  });
});

void test('DNS answers are counted by what they say, and how they went', async () => {
  const asked = async () => {
    const read = await readMetrics(gateway.endpoint);
    return ['NOERROR', 'REFUSED'].map((rcode) =>
      read.sum('sallyport_dns_responses_total', { transport: 'udp', rcode }),
    );
  };
  const [good, refused] = (await asked()) as [number, number];
  const resolver = new promises.Resolver();
  resolver.setServers([gateway.dnsServer]);
  const { apiId } = await serve({}, { mock: ROUTES['mock']! });
  await resolver.resolve4(`${apiId}.execute-api.${REGION}.localhost`);
  await assert.rejects(resolver.resolve4('nobody.example'));
  const after = (await asked()) as [number, number];
  assert.equal(after[0] - good, 1);
  // c-ares asks again where it was refused.
  assert.ok(after[1] > refused);
});

describe('detailed metrics', () => {
  const routesOf = async (settings: Partial<UpdateStageCommandInput>) => {
    const api = await serve(settings);
    const client = await open(api);
    for (const action of ['mock', 'echo', 'mock']) await ask(client, say(action));
    const read = await operated(api, 4);
    await close(client);
    const own = read.samples.filter(({ name, labels }) => name === AWS.messages && labels['api_id'] === api.apiId);
    return Object.fromEntries(own.map(({ labels, value }) => [labels['route'] ?? '', value]));
  };

  void test('without them a stage is one series', async () => {
    assert.deepEqual(await routesOf({}), { '': 6 });
  });

  void test('with them each route is one, and together they are the stage', async () => {
    const settings = { DefaultRouteSettings: { DetailedMetricsEnabled: true } };
    assert.deepEqual(await routesOf(settings), { $connect: 0, mock: 4, echo: 2 });
  });

  void test('a route that says no has them all the same, when the stage says yes', async () => {
    const RouteSettings = { mock: { DetailedMetricsEnabled: false } };
    const settings = { DefaultRouteSettings: { DetailedMetricsEnabled: true }, RouteSettings };
    assert.deepEqual(await routesOf(settings), { $connect: 0, mock: 4, echo: 2 });
  });

  void test('one route alone has them', async () => {
    assert.deepEqual(await routesOf({ RouteSettings: { mock: { DetailedMetricsEnabled: true } } }), { '': 2, mock: 4 });
  });
});

void test('many sockets at once: every message is counted once, and each socket once until it has gone', async () => {
  const [sockets, messages] = [20, 50];
  const api = await serve({}, { mock: ROUTES['mock']!, echo: ROUTES['echo']! });
  const clients = await Promise.all(Array.from({ length: sockets }, () => open(api)));
  const labels = { api_id: api.apiId };
  await Promise.all(
    clients.map(async (client) => {
      for (let number = 0; number < messages; number += 1) client.socket.send(say(number % 2 === 0 ? 'mock' : 'echo'));
      for (let number = 0; number < messages; number += 1) await client.receive();
    }),
  );
  const read = await operated(api, sockets + sockets * messages);
  const all = sockets * messages;
  assert.deepEqual(counted(read, api), { messages: 2 * all, operations: sockets + all, latencies: all / 2 });
  assert.equal(read.sum('sallyport_stage_messages_total', { ...labels, direction: 'in' }), all);
  assert.equal(read.sum('sallyport_stage_messages_total', { ...labels, direction: 'out' }), all);
  assert.equal(read.sum('sallyport_stage_bytes_total', { ...labels, direction: 'in' }), all * say('mock').length);
  const replied = (all / 2) * ('pong'.length + 'status 200'.length);
  assert.equal(read.sum('sallyport_stage_bytes_total', { ...labels, direction: 'out' }), replied);
  assert.equal(read.sum('sallyport_stage_connections', labels), sockets);
  await Promise.all(clients.map(close));
  await eventually('no socket is counted', async () =>
    (await readMetrics(gateway.endpoint)).sum('sallyport_stage_connections', labels) === 0 ? true : undefined,
  );
});

void test('an API that is deleted is told of no more, though a socket of it goes on', async () => {
  const api = await serve({}, { mock: ROUTES['mock']! });
  const client = await open(api);
  await ask(client, say('mock'));
  assert.ok((await readMetrics(gateway.endpoint)).values(AWS.messages, 'api_id').includes(api.apiId));
  await gateway.clients.gateway.send(new DeleteApiCommand({ ApiId: api.apiId }));
  assert.match(await ask(client, say('mock')), /Forbidden/);
  assert.ok(!(await readMetrics(gateway.endpoint)).text.includes(api.apiId));
  await close(client);
});

void test('promtool has nothing to say about the page', { skip: missing('promtool') }, async () => {
  const read = await readMetrics(gateway.endpoint);
  await assertPromtoolTakes(read.text);
  assert.ok(read.sum('process_resident_memory_bytes') > 0);
  assert.ok(read.sum('sallyport_tls_handshakes_total') > 0);
  assert.ok(read.sum('sallyport_store_commit_seconds_count') > 0);
  assert.ok(read.sum('sallyport_revision') > 0);
  assert.ok(read.sum('sallyport_backend_connections', { state: 'idle' }) > 0);
  assert.equal(read.sum('sallyport_backend_requests_waiting'), 0);
  assert.deepEqual(read.values('sallyport_event_loop_delay_seconds', 'percentile'), ['50', '90', '99', '100']);
});
