// Functions behind messages: what AWS_PROXY is told and what a client gets of its output, one-way and two-way; and AWS, whose payload a
// template makes and whose answer is mapped by its error (websocket-apis 3.4–3.6, 3.9–3.11).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import { ask, makeApi, mock, openSocket, pathForm, type Target } from '../harness/sockets.ts';

const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, lambda.flags);
const PING = JSON.stringify({ action: 'ping' });
const ping = { target: mock('pong'), isTwoWay: true };
const proxyOf = (name: string, more: object = {}): Target => ({
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: invocationsOf(functionArn(name)),
  ...more,
});

let made = 0;

/** An API whose $default function ends so, as a client that is connected to it. */
async function serve(end: FunctionEnd, { isTwoWay = true, more = {}, variables }: Serving = {}) {
  const name = `answers${(made += 1)}`;
  lambda.functions.set(name, () => end);
  const api = await makeApi(gateway.clients, { $default: { target: proxyOf(name, more), isTwoWay }, ping });
  if (variables) {
    const stage = { ApiId: api.apiId, StageName: api.stage, StageVariables: variables };
    await gateway.clients.gateway.send(new v2.UpdateStageCommand(stage));
  }
  const client = await openSocket(gateway, pathForm(gateway, api), { headers: { 'User-Agent': 'my-client' } });
  const told = () => lambda.invocations.filter((one) => one.name === name);
  return { api, name, client, told };
}

interface Serving {
  readonly isTwoWay?: boolean;
  readonly more?: object;
  readonly variables?: Readonly<Record<string, string>>;
}

void test('a message event has the members of AWS in their order, and neither headers nor query', async () => {
  const { client, told } = await serve({ returns: { statusCode: 200, body: 'heard' } });
  const text = '{"action": "identify", "größe": 1}';
  assert.equal(await ask(client, text), 'heard');
  const event = told()[0]!.event as { requestContext: Record<string, unknown>; body: string };
  assert.deepEqual(Object.keys(event), ['requestContext', 'body', 'isBase64Encoded']);
  assert.equal(event.body, text);
  assert.deepEqual(Object.keys(event.requestContext), [
    'routeKey',
    'messageId',
    'eventType',
    'extendedRequestId',
    'requestTime',
    'messageDirection',
    'stage',
    'connectedAt',
    'requestTimeEpoch',
    'identity',
    'requestId',
    'domainName',
    'connectionId',
    'apiId',
  ]);
  assert.equal(event.requestContext['routeKey'], '$default');
  assert.deepEqual(event.requestContext['identity'], { userAgent: 'my-client', sourceIp: '127.0.0.1' });
});

void test('stage variables are told where the stage has some, and choose the function', async () => {
  const variables = { kind: 'one' };
  const { client, told, name } = await serve({ returns: { statusCode: 200, body: 'heard' } }, { variables });
  assert.equal(await ask(client, 'x'), 'heard');
  assert.deepEqual((told()[0]!.event as { stageVariables: object }).stageVariables, variables);
  const chosen = { IntegrationUri: invocationsOf(functionArn('${stageVariables.name}')) };
  const other = await serve({ returns: null }, { variables: { name: `${name}:live` }, more: chosen });
  lambda.functions.set(`${name}:live`, () => ({ returns: { statusCode: 200, body: 'alias' } }));
  assert.equal(await ask(other.client, 'x'), 'alias');
});

void test('a stage variable leads to no function of another account', async () => {
  const more = { IntegrationUri: invocationsOf('${stageVariables.arn}') };
  const variables = { arn: functionArn('theirs', '111122223333') };
  const { client } = await serve({ returns: null }, { variables, more });
  lambda.functions.set('theirs', () => ({ returns: { statusCode: 200, body: 'theirs' } }));
  assert.match(await ask(client, 'x'), /^\{"message": "Internal server error", /);
  assert.ok(!lambda.invocations.some((one) => one.name === 'theirs'));
});

const TWO_WAY: readonly (readonly [name: string, output: unknown, reply: string])[] = [
  ['its body', { statusCode: 200, body: 'text' }, 'text'],
  ['its body whatever the status', { statusCode: 500, body: 'text' }, 'text'],
  ['an empty message for no body', { statusCode: 200 }, ''],
  ['decoded Base64', { body: Buffer.from('größe').toString('base64'), isBase64Encoded: true }, 'größe'],
];
for (const [name, returns, reply] of TWO_WAY) {
  void test(`a two-way route answers with ${name}`, async () => {
    const { client } = await serve({ returns });
    assert.equal(await ask(client, 'x'), reply);
  });
}

const FAILURE = /^\{"message": "Internal server error", "connectionId":"[\w-]{18}==", "requestId":"[\w-]{15}="\}$/;
const FAILURES: readonly (readonly [name: string, end: FunctionEnd, frame: RegExp, more?: object])[] = [
  ['throws', { throws: { errorType: 'E', errorMessage: 'm' } }, FAILURE],
  ['returns one key too many', { returns: { ConnectionId: 1, statusCode: 200 } }, FAILURE],
  ['returns an empty object', { returns: {} }, FAILURE],
  ['never ends', 'hangs', /^\{"message": "Endpoint request timed out", /, { TimeoutInMillis: 50 }],
];
for (const isTwoWay of [true, false]) {
  for (const [name, end, frame, more = {}] of FAILURES) {
    void test(`a ${isTwoWay ? 'two' : 'one'}-way function that ${name} costs one frame, and the socket stays`, async () => {
      const { client } = await serve(end, { isTwoWay, more });
      assert.match(await ask(client, 'x'), frame);
      assert.equal(await ask(client, PING), 'pong');
    });
  }
}

void test('a one-way route is silent whatever the function returns, and when that is nothing', async () => {
  for (const returns of [
    { statusCode: 200, body: 'text' },
    { statusCode: 500, body: 'text' },
    { statusCode: 301 },
    null,
  ]) {
    const { client, told } = await serve({ returns }, { isTwoWay: false });
    client.socket.send('x');
    await eventually('the function was called', () => told().length === 1 || undefined);
    // The next message’s answer is the first thing that comes.
    assert.equal(await ask(client, PING), 'pong');
  }
});

void test('a two-way function that returns nothing costs a frame', async () => {
  const { client } = await serve({ returns: null });
  assert.match(await ask(client, 'x'), FAILURE);
});

// ---- AWS: templates and mapping ----

async function serveMapped(end: FunctionEnd, integration: object, responses: Readonly<Record<string, object>>) {
  const name = `mapped${(made += 1)}`;
  lambda.functions.set(name, () => end);
  const target = {
    IntegrationType: 'AWS',
    IntegrationMethod: 'POST',
    IntegrationUri: invocationsOf(functionArn(name)),
    ...integration,
  } as Target;
  const api = await makeApi(gateway.clients, { $default: { target, isTwoWay: true }, ping });
  const { gateway: control } = gateway.clients;
  const { Items } = await control.send(new v2.GetIntegrationsCommand({ ApiId: api.apiId }));
  const { IntegrationId } = Items!.find((one) => one.IntegrationType === 'AWS')!;
  for (const [IntegrationResponseKey, more] of Object.entries(responses)) {
    const response = { ApiId: api.apiId, IntegrationId, IntegrationResponseKey, ...more };
    await control.send(new v2.CreateIntegrationResponseCommand(response));
  }
  await control.send(new v2.CreateDeploymentCommand({ ApiId: api.apiId, StageName: api.stage }));
  const client = await openSocket(gateway, pathForm(gateway, api));
  const told = () => lambda.invocations.filter((one) => one.name === name).map(({ event }) => event);
  return { client, told };
}

void test('the payload is what the template makes, and the answer what its own makes', async () => {
  const request = `{"who": "$context.connectionId", "what": $input.json('$.data')}`;
  const reply = `#set($list = $input.path('$.items'))$list.size() of $context.routeKey`;
  const { client, told } = await serveMapped(
    { returns: { items: [1, 2, 3] } },
    { RequestTemplates: { $default: request } },
    { $default: { ResponseTemplates: { $default: reply } } },
  );
  assert.equal(await ask(client, '{"data": {"a": [1]}}'), '3 of $default');
  const [payload] = told() as [{ who: string; what: unknown }];
  assert.deepEqual(payload.what, { a: [1] });
  assert.match(payload.who, /^[\w-]{18}==$/);
});

void test('without templates message and answer go through as they are', async () => {
  const { client, told } = await serveMapped({ returns: { a: 1 } }, {}, { $default: {} });
  assert.equal(await ask(client, '{"b":2}'), '{"a":1}');
  assert.deepEqual(told(), [{ b: 2 }]);
});

void test('an error chooses its response by pattern, else $default', async () => {
  const responses = {
    '/.*not found.*/': { ResponseTemplates: { $default: 'absent: $input.path("$.errorType")' } },
    $default: { ResponseTemplates: { $default: 'else' } },
  };
  const absent = await serveMapped({ throws: { errorType: 'Missing', errorMessage: 'room not found' } }, {}, responses);
  assert.equal(await ask(absent.client, '{}'), 'absent: Missing');
  const other = await serveMapped({ throws: { errorType: 'E', errorMessage: 'other' } }, {}, responses);
  assert.equal(await ask(other.client, '{}'), 'else');
  const none = await serveMapped({ returns: {} }, {}, { '/only this/': {} });
  assert.match(await ask(none.client, '{}'), FAILURE);
});

void test('a message that is no JSON is refused by the function’s own endpoint, and costs a frame', async () => {
  const { client } = await serveMapped({ returns: {} }, {}, { $default: {} });
  assert.match(await ask(client, 'no JSON'), FAILURE);
  assert.equal(await ask(client, PING), 'pong');
});
