// Every end of a socket as its client and its `$disconnect` see it: the code and reason on the wire, and in the event (websocket-apis 4).

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, test } from 'node:test';
import { ApiGatewayManagementApiClient, DeleteConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { sallyport } from '../harness/command-line.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer } from '../harness/lambda-server.ts';
import { ask, makeApi, openSocket, pathForm, type Target, type TestSocket } from '../harness/sockets.ts';

interface Ended {
  readonly code: unknown;
  readonly reason: unknown;
}

const lambda = await startLambdaServer({ after });
const target: Target = { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn('tells')) };
lambda.functions.set('tells', (event: { requestContext: { connectionId: string } }) => ({
  returns: { statusCode: 200, body: event.requestContext.connectionId },
}));
const ROUTES = { $default: { target, isTwoWay: true }, $disconnect: { target } };
const flags = [...lambda.flags, '--clock', 'movable', '--drain', '2s'];
const gateway = await startTestGateway({ after }, flags);
const api = await makeApi(gateway.clients, ROUTES);

/** What was told of the end of a connection; fails when it is told twice. */
async function toldOf(connectionId: string): Promise<Ended> {
  const ends = () =>
    lambda.invocations
      .map(({ event }) => (event as { requestContext: Record<string, unknown> }).requestContext)
      .filter((context) => context['eventType'] === 'DISCONNECT' && context['connectionId'] === connectionId);
  const context = await eventually('the disconnect is told', () => ends()[0]);
  assert.equal(ends().length, 1);
  return { code: context['disconnectStatusCode'], reason: context['disconnectReason'] };
}

interface Opened {
  readonly client: TestSocket;
  readonly connectionId: string;
}

async function open(on: TestGateway = gateway, at = api): Promise<Opened> {
  const client = await openSocket(on, pathForm(on, at));
  return { client, connectionId: await ask(client, 'who') };
}

type Row = readonly [
  name: string,
  end: (opened: Opened) => unknown,
  wire: { readonly code: number; readonly reason: string },
  event?: Ended,
];

async function remove({ connectionId }: Opened): Promise<void> {
  const client = new ApiGatewayManagementApiClient({
    endpoint: pathForm(gateway, api).replace('wss:', 'https:'),
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: false }) },
  });
  const { $metadata } = await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
  assert.equal($metadata.httpStatusCode, 204);
}

const ROWS: readonly Row[] = [
  [
    'a client that closes with code and reason',
    ({ client }) => client.socket.close(1000, 'bye'),
    { code: 1000, reason: 'bye' },
  ],
  ['a code of its own', ({ client }) => client.socket.close(4999, ''), { code: 4999, reason: '' }],
  ['a browser that leaves the page', ({ client }) => client.socket.close(1001), { code: 1001, reason: '' }],
  [
    'a close frame without a code',
    ({ client }) => client.socket.close(),
    { code: 1005, reason: '' },
    { code: 1005, reason: 'Client-side close frame status not set' },
  ],
  [
    'a connection that is cut',
    ({ client }) => client.socket.terminate(),
    { code: 1006, reason: '' },
    { code: 1006, reason: 'Connection Closed Abnormally' },
  ],
  ['DELETE @connections', remove, { code: 1000, reason: 'Connection Closed Normally' }],
  [
    'a binary frame',
    ({ client }) => client.socket.send(Buffer.from([1])),
    { code: 1003, reason: 'Binary is not supported' },
  ],
  ['a frame that is too large', ({ client }) => client.socket.send('x'.repeat(32_769)), { code: 1009, reason: '' }],
  [
    'idle for ten minutes',
    () => sallyport(['clock', 'advance', '11m', '--endpoint', gateway.endpoint]),
    { code: 1001, reason: 'Going away' },
  ],
];
for (const [name, end, wire, event = wire] of ROWS) {
  test(`${name}: ${wire.code} on the wire, ${String(event.code)} in the event`, async () => {
    const opened = await open();
    await end(opened);
    assert.deepEqual(await opened.client.closed, wire);
    assert.deepEqual(await toldOf(opened.connectionId), event);
  });
}

test('two hours of life: 1001, however busy it is', async () => {
  const { client, connectionId } = await open();
  for (let minutes = 0; minutes < 121; minutes += 9) {
    await sallyport(['clock', 'advance', '9m', '--endpoint', gateway.endpoint]);
    if (client.socket.readyState !== client.socket.OPEN || minutes > 108) break;
    await ask(client, 'busy');
  }
  await sallyport(['clock', 'advance', '3m', '--endpoint', gateway.endpoint]);
  assert.deepEqual(await client.closed, { code: 1001, reason: 'Going away' });
  assert.deepEqual(await toldOf(connectionId), { code: 1001, reason: 'Going away' });
});

test('a gateway that is stopped: 1012, and the event before it is gone', async (t) => {
  const other = await startTestGateway(t, flags);
  const { client, connectionId } = await open(other, await makeApi(other.clients, ROUTES));
  await Promise.all([other.stop('SIGTERM'), client.closed]);
  assert.deepEqual(await client.closed, { code: 1012, reason: 'Service restart' });
  assert.deepEqual(await toldOf(connectionId), { code: 1012, reason: 'Service restart' });
});
