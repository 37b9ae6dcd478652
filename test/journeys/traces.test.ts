// Traces from end to end: a client that is traced itself connects, asks an authorizer and a backend, sends messages, is called back from
// a function; and a collector has all of it, in the traces that each belongs to. Without a collector nothing is said of any trace; one
// that is away costs spans, and nothing else.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { startBackend } from '../harness/backend.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, type Owner, type TestGateway } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer } from '../harness/lambda-server.ts';
import { makeProject } from '../harness/local-functions.ts';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../harness/otlp-receiver.ts';
import { startServiceServer } from '../harness/service-server.ts';
import {
  addRoute,
  ask,
  makeApi,
  mock,
  openSocket,
  pathForm,
  RefusedHandshake,
  type Target,
} from '../harness/sockets.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const SERVER = 2;
const CLIENT = 3;
const CONSUMER = 5;
const ERROR = 2;
const REMOTE = 0x301;

/** A backend that says what came: headers by path. */
async function startTelling(owner: Owner, status = 200) {
  const came = new Map<string, IncomingMessage['headers']>();
  const backend = await startBackend(owner, (request, response) => {
    came.set(request.url!, request.headers);
    response.writeHead(status).end('{"done":true}');
  });
  return { ...backend, came };
}
const invoking = (name: string): Target => ({
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: invocationsOf(functionArn(name)),
});

const within = (spans: readonly ReceivedSpan[], parent: ReceivedSpan) =>
  spans.filter(({ parentSpanId, traceId }) => parentSpanId === parent.spanId && traceId === parent.traceId);

/** An attribute, without its prefix. */
const aws = ({ attributes }: ReceivedSpan, name: string) => attributes[`aws.apigateway.${name}`];
const named = (name: string) => (span: ReceivedSpan) => span.name === name;

async function addAuthorizer(
  { clients }: TestGateway,
  { apiId: ApiId, stage: StageName }: { apiId: string; stage: string },
  name: string,
  target: Target,
) {
  const given = {
    ApiId,
    Name: name,
    AuthorizerType: 'REQUEST' as const,
    AuthorizerUri: invocationsOf(functionArn(name)),
  };
  const { AuthorizerId } = await clients.gateway.send(new v2.CreateAuthorizerCommand({ ...given, IdentitySource: [] }));
  const RouteId = await addRoute(clients, ApiId, '$connect', { target });
  await clients.gateway.send(new v2.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId }));
  await clients.gateway.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
}

const ALLOW = {
  principalId: 'anne',
  policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

test('a connection, its messages and its end', async (t) => {
  const collector = await startOtlpReceiver(t);
  const lambda = await startLambdaServer(t);
  const backend = await startTelling(t);
  const gateway = await startTestGateway(t, [...lambda.flags, '--otlp-endpoint', collector.endpoint], {
    OTEL_SERVICE_NAME: 'edge',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-token=of-the-collector',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
  });
  lambda.functions.set('allows', () => ({ returns: ALLOW }));
  lambda.functions.set('fails', () => ({ throws: { errorType: 'Boom', errorMessage: 'secret-in-a-message' } }));
  const api = await makeApi(gateway.clients, {
    $disconnect: { target: backend.to('/gone') },
    $default: { target: backend.to('/message'), isTwoWay: true },
    fails: { target: invoking('fails') },
    mocked: { target: mock('ok'), isTwoWay: true },
  });
  await addAuthorizer(gateway, api, 'allows', backend.to('/connect'));
  const headers = {
    traceparent: `00-${TRACE}-${CALLER}-01`,
    tracestate: 'vendor=kept',
    'x-amzn-trace-id': 'Root=1-00000001-000000000000000000000001',
    authorization: 'secret-of-the-client',
  };
  const client = await openSocket(gateway, `${pathForm(gateway, api)}?token=secret-in-the-query`, { headers });

  const connect = await collector.span('of the handshake', named('CONNECT $connect'));
  assert.deepEqual([connect.traceId, connect.parentSpanId, connect.state], [TRACE, CALLER, 'vendor=kept']);
  assert.deepEqual([connect.kind, connect.flags, connect.status.code], [SERVER, REMOTE, 0]);
  assert.equal(connect.attributes['http.response.status_code'], 101);
  assert.deepEqual([aws(connect, 'api_id'), aws(connect, 'stage')], [api.apiId, api.stage]);
  assert.deepEqual(connect.resource['service.name'], 'edge');
  assert.deepEqual(connect.resource['deployment.environment.name'], 'test');
  assert.equal(connect.scope.name, 'sallyport');
  assert.ok(connect.end > connect.start);
  const [authorize, call, ...more] = within(collector.spans, connect);
  assert.deepEqual([authorize!.name, call!.name, more.length], ['authorize allows', 'POST', 0]);
  for (const one of [authorize!, call!]) {
    assert.equal(one.kind, CLIENT);
    assert.ok(one.start >= connect.start && one.end <= connect.end, 'it lies within');
  }
  assert.ok(authorize!.end <= call!.start, 'one after the other');
  assert.equal(call!.attributes['http.response.status_code'], 200);
  assert.equal(call!.attributes['server.port'], Number(new URL(backend.url).port));
  // Whoever is called is told of the span that calls it, in both forms.
  const got = backend.came.get('/connect')!;
  assert.equal(got['traceparent'], `00-${TRACE}-${call!.spanId}-01`);
  assert.equal(got['tracestate'], 'vendor=kept');
  const amzn = (span: ReceivedSpan) =>
    `Root=1-${span.traceId.slice(0, 8)}-${span.traceId.slice(8)};Parent=${span.spanId};Sampled=1`;
  assert.equal(got['x-amzn-trace-id'], amzn(call!));
  const invoked = lambda.invocations.find(({ name }) => name === 'allows')!;
  assert.equal(invoked.headers['x-amzn-trace-id'], amzn(authorize!));
  assert.equal((invoked.event as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'], amzn(authorize!));

  await t.test('a message has a trace of its own that points to the connection', async () => {
    await ask(client, '{"action":"other","text":"secret-in-a-message"}');
    const message = await collector.span('of the message', named('MESSAGE $default'));
    assert.notEqual(message.traceId, TRACE);
    assert.deepEqual([message.parentSpanId, message.kind], ['', CONSUMER]);
    assert.deepEqual(
      message.links.map(({ traceId, spanId }) => [traceId, spanId]),
      [[TRACE, connect.spanId]],
    );
    assert.equal(aws(message, 'connection_id'), aws(connect, 'connection_id'));
    assert.equal(message.attributes['messaging.message.body.size'], 47);
    const [inner] = within(collector.spans, message);
    assert.equal(backend.came.get('/message')!['traceparent'], `00-${message.traceId}-${inner!.spanId}-01`);
    assert.equal(backend.came.get('/message')!['tracestate'], undefined);
    const seconds = Number.parseInt(message.traceId.slice(0, 8), 16);
    assert.ok(Math.abs(seconds - Date.now() / 1_000) < 600, 'as AWS makes them: seconds first');
  });

  await t.test('a mock calls nobody', async () => {
    await ask(client, '{"action":"mocked"}');
    const message = await collector.span('of the mock', named('MESSAGE mocked'));
    assert.deepEqual(within(collector.spans, message), []);
  });

  await t.test('a function that throws is an error of the call and of the message', async () => {
    client.socket.send('{"action":"fails"}');
    await client.receive();
    const message = await collector.span('of the failure', named('MESSAGE fails'));
    assert.deepEqual([message.status.code, message.attributes['error.type']], [ERROR, 'IntegrationFailure']);
    const [inner] = within(collector.spans, message);
    assert.equal(inner!.name, 'invoke fails');
    assert.equal(inner!.attributes['faas.invoked_name'], 'fails');
    assert.equal(inner!.status.code, ERROR);
  });

  await t.test('the end points to the connection, too', async () => {
    client.socket.close(1000);
    const gone = await collector.span('of the end', named('DISCONNECT $disconnect'));
    assert.deepEqual(
      gone.links.map(({ spanId }) => spanId),
      [connect.spanId],
    );
    assert.equal(aws(gone, 'disconnect_code'), 1000);
    const [inner] = within(collector.spans, gone);
    assert.equal(backend.came.get('/gone')!['traceparent'], `00-${gone.traceId}-${inner!.spanId}-01`);
  });

  await t.test('a handshake that is refused says why; what a client did wrong is no error of the server', async () => {
    const nowhere = pathForm(gateway, { apiId: api.apiId, stage: 'nowhere' });
    await assert.rejects(openSocket(gateway, nowhere), RefusedHandshake);
    const refused = await collector.span(
      'of the refusal',
      (span) => span.attributes['error.type'] !== undefined && span.kind === SERVER,
    );
    assert.equal(refused.attributes['http.response.status_code'], 403);
    assert.equal(refused.status.code, 0);
  });

  for (const request of collector.requests) {
    assert.equal(request['x-token'], 'of-the-collector');
    assert.equal(request[':path'], '/v1/traces');
    assert.equal(request['content-encoding'], 'gzip');
  }
  assert.doesNotMatch(
    JSON.stringify(collector.spans.map(({ attributes, name }) => [attributes, name])),
    /secret-(of|in-the)/,
    'no header and no query is told',
  );
});

const PACKAGES = join(import.meta.dirname, '..', '..', 'node_modules');

test('a callback from within a function belongs to the trace of the message that it was invoked for', async (t) => {
  const collector = await startOtlpReceiver(t);
  const files = {
    'chat.mjs': `import { createRequire } from 'node:module';
const { ApiGatewayManagementApiClient: Client, PostToConnectionCommand: Post } =
  createRequire(${JSON.stringify(`${PACKAGES}/`)})('@aws-sdk/client-apigatewaymanagementapi');
export const handler = async ({ requestContext: { domainName, stage, connectionId: ConnectionId } }) => {
  const client = new Client({ endpoint: \`https://\${domainName}/\${stage}\` });
  await client.send(new Post({ ConnectionId, Data: process.env._X_AMZN_TRACE_ID }));
  return { statusCode: 200 };
};`,
  };
  const project = makeProject(t, { chat: { handler: 'chat.handler' } }, files);
  const gateway = await project.start(['--otlp-endpoint', collector.endpoint]);
  const api = await makeApi(gateway.clients, { $default: { target: invoking('chat') } });
  const host = `${api.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}`;
  const client = await openSocket(gateway, `wss://${host}/${api.stage}`);
  const told = await ask(client, '{}');
  const message = await collector.span('of the message', named('MESSAGE $default'));
  const [invoke] = within(collector.spans, message);
  assert.equal(invoke!.name, 'invoke chat');
  const root = `Root=1-${message.traceId.slice(0, 8)}-${message.traceId.slice(8)}`;
  assert.equal(told, `${root};Parent=${invoke!.spanId};Sampled=1`, '_X_AMZN_TRACE_ID');
  const callback = await collector.span('of the callback', named('POST /@connections/{connectionId}'));
  assert.deepEqual([callback.traceId, callback.parentSpanId], [message.traceId, invoke!.spanId]);
  assert.deepEqual([callback.kind, callback.flags], [SERVER, REMOTE]);
  assert.equal(callback.attributes['http.response.status_code'], 200);
});

async function collectingGateway(
  owner: Owner,
  env: NodeJS.ProcessEnv,
): Promise<{ collector: OtlpReceiver; gateway: TestGateway }> {
  const collector = await startOtlpReceiver(owner);
  const gateway = await startTestGateway(owner, [], { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...env });
  return { collector, gateway };
}

test('what nobody samples is not sent, and is passed on as not sampled', async (t) => {
  const backend = await startTelling(t);
  const { collector, gateway } = await collectingGateway(t, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
  const api = await makeApi(gateway.clients, {
    $default: { target: backend.to('/m'), isTwoWay: true },
    $connect: { target: backend.to('/c') },
  });
  const traced = await openSocket(gateway, pathForm(gateway, api), {
    headers: { 'X-Amzn-Trace-Id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)};Parent=${CALLER};Sampled=1` },
  });
  const connect = await collector.span('of the traced client', named('CONNECT $connect'));
  assert.deepEqual([connect.traceId, connect.parentSpanId], [TRACE, CALLER]);
  await ask(traced, '{}');
  assert.match(String(backend.came.get('/m')!['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  assert.match(String(backend.came.get('/m')!['x-amzn-trace-id']), /^Root=1-\S+;Parent=[0-9a-f]{16};Sampled=0$/);
  await openSocket(gateway, pathForm(gateway, api));
  await gateway.stop();
  assert.deepEqual(collector.spans.filter(named('MESSAGE $default')), []);
  assert.equal(collector.spans.filter(named('CONNECT $connect')).length, 1, 'all was sent before the end');
});

test('a client decides nothing where its decision is not asked for', async (t) => {
  const { collector, gateway } = await collectingGateway(t, { OTEL_TRACES_SAMPLER: 'always_on' });
  const api = await makeApi(gateway.clients, { $default: { target: mock('ok') } });
  await openSocket(gateway, pathForm(gateway, api), { headers: { traceparent: `00-${TRACE}-${CALLER}-00` } });
  assert.equal((await collector.span('of the handshake', named('CONNECT $connect'))).traceId, TRACE);
});

test('a service of AWS is told of the call, by a signed request', async (t) => {
  const collector = await startOtlpReceiver(t);
  const services = await startServiceServer(t);
  services.actions.set('sqs:SendMessage', () => ({ answers: { MessageId: '1' } }));
  const flags = [...services.flags('sqs'), '--otlp-endpoint', collector.endpoint];
  const gateway = await startTestGateway(t, flags);
  const target: Target = {
    IntegrationType: 'AWS',
    IntegrationMethod: 'POST',
    IntegrationUri: `arn:aws:apigateway:${REGION}:sqs:action/SendMessage`,
    CredentialsArn: 'arn:aws:iam::000000000000:role/sends',
    RequestTemplates: { $default: 'QueueUrl=q&MessageBody=text' },
    responses: { $default: 'sent' },
  };
  const api = await makeApi(gateway.clients, { $default: { target, isTwoWay: true } });
  await ask(await openSocket(gateway, pathForm(gateway, api)), '{}');
  const message = await collector.span('of the message', named('MESSAGE $default'));
  const [call] = within(collector.spans, message);
  assert.deepEqual([call!.name, call!.kind, call!.status.code], ['sqs SendMessage', CLIENT, 0]);
  assert.deepEqual([call!.attributes['rpc.service'], call!.attributes['rpc.method']], ['sqs', 'SendMessage']);
  const { headers } = services.calls[0]!;
  assert.equal(headers['traceparent'], `00-${message.traceId}-${call!.spanId}-01`);
  assert.match(String(headers['x-amzn-trace-id']), new RegExp(`;Parent=${call!.spanId};Sampled=1$`));
});

test('without a collector nothing of a trace goes out but what AWS sends', async (t) => {
  const backend = await startTelling(t);
  const gateway = await startTestGateway(t);
  const api = await makeApi(gateway.clients, { $default: { target: backend.to('/m'), isTwoWay: true } });
  await ask(await openSocket(gateway, pathForm(gateway, api)), '{}');
  const came = backend.came.get('/m')!;
  assert.match(String(came['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.deepEqual([came['traceparent'], came['tracestate']], [undefined, undefined]);
});

test('a collector that is away, refuses or says nothing costs spans alone, and one warning', async (t) => {
  const { collector, gateway } = await collectingGateway(t, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
  const api = await makeApi(gateway.clients, { $default: { target: mock('ok'), isTwoWay: true } });
  const dropped = () => gateway.logged().filter(({ message }) => message === 'spans were dropped');
  collector.answer(400);
  const client = await openSocket(gateway, pathForm(gateway, api));
  const [warning] = await eventually('it is told', () => (dropped().length > 0 ? dropped() : undefined));
  assert.equal(warning!['reason'], 'the collector answered 400');
  assert.equal(warning!['collector'], collector.endpoint);
  collector.answer(undefined);
  for (let count = 0; count < 20; count += 1) assert.equal(await ask(client, '{}'), 'ok');
  await collector.close();
  for (let count = 0; count < 20; count += 1) assert.equal(await ask(client, '{}'), 'ok');
  assert.equal(dropped().length, 1, 'once a minute');
  const code = await gateway.stop();
  assert.equal(code, 0);
  const last = dropped().at(-1)!;
  assert.ok(Number(last['dropped']) >= 40, 'what was lost is counted before the end');
});

test('a certificate of the collector that cannot be read is told at the start', async (t) => {
  const start = startTestGateway(t, ['--otlp-endpoint', 'https://127.0.0.1:1'], {
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem',
  });
  await assert.rejects(start, /OTEL_EXPORTER_OTLP_CERTIFICATE \/nowhere\/ca\.pem cannot be read: ENOENT\./);
});
