// AWS_PROXY on $connect and $disconnect: what a function is told, key for key, and what its answer, its failure or its silence makes of
// the handshake (websocket-apis 2.5, 3.10, 3.11).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestGateway } from '../harness/gateway.ts';
import { eventually } from '../harness/eventually.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import { makeApi, openSocket, pathForm, type RefusedHandshake, type Target } from '../harness/sockets.ts';

const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, lambda.flags);
const proxyOf = (name: string, more: object = {}): Target => ({
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: invocationsOf(functionArn(name)),
  ...more,
});

interface Told {
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueHeaders: Readonly<Record<string, string[]>>;
  readonly queryStringParameters?: object;
  readonly multiValueQueryStringParameters?: object;
  readonly requestContext: Readonly<Record<string, unknown>>;
  readonly isBase64Encoded: boolean;
}

const toldOf = (name: string) =>
  lambda.invocations.filter((one) => one.name === name).map(({ event }) => event as Told);

const disconnectOf = (connectionId: unknown) =>
  toldOf('disconnect').find((one) => one.requestContext['connectionId'] === connectionId);

/** Connects to an API whose $connect function ends so. */
async function connect(end: FunctionEnd, more: object = {}, protocols: string[] = []) {
  lambda.functions.set('connect', () => end);
  const api = await makeApi(gateway.clients, {
    $connect: { target: proxyOf('connect', more) },
    $disconnect: { target: proxyOf('disconnect') },
  });
  return openSocket(gateway, pathForm(gateway, api), {}, protocols);
}

async function refusal(end: FunctionEnd, more: object = {}): Promise<RefusedHandshake> {
  try {
    (await connect(end, more)).socket.terminate();
  } catch (error) {
    return error as RefusedHandshake;
  }
  assert.fail('the handshake was accepted');
}

lambda.functions.set('disconnect', () => ({ returns: null }));

// ---- what the functions are told ----

void test('a connect event has the members of AWS, in their order', async () => {
  lambda.functions.set('told', () => ({ returns: { statusCode: 200 } }));
  const api = await makeApi(gateway.clients, { $connect: { target: proxyOf('told') } });
  const before = Date.now();
  const headers = { 'X-Mine': 'one', Cookie: 'a=b' };
  const client = await openSocket(gateway, `${pathForm(gateway, api)}?probe=v&repeat=first&repeat=second`, {
    headers,
    origin: 'https://example.com',
    headersTimeout: 1,
  } as object);
  client.socket.terminate();
  const [event] = toldOf('told');
  assert.deepEqual(Object.keys(event!), [
    'headers',
    'multiValueHeaders',
    'queryStringParameters',
    'multiValueQueryStringParameters',
    'requestContext',
    'isBase64Encoded',
  ]);
  assert.deepEqual(event!.queryStringParameters, { probe: 'v', repeat: 'second' });
  assert.deepEqual(event!.multiValueQueryStringParameters, { probe: ['v'], repeat: ['first', 'second'] });
  const { requestContext: context } = event!;
  assert.deepEqual(Object.keys(context), [
    'routeKey',
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
  const { connectionId, requestId, connectedAt, requestTimeEpoch, requestTime, ...rest } = context;
  assert.deepEqual(rest, {
    routeKey: '$connect',
    eventType: 'CONNECT',
    extendedRequestId: requestId,
    messageDirection: 'IN',
    stage: api.stage,
    identity: { sourceIp: '127.0.0.1' },
    domainName: `localhost:${gateway.tlsPort}`,
    apiId: api.apiId,
  });
  assert.match(String(connectionId), /^[\w-]{18}==$/);
  assert.match(String(requestId), /^[\w-]{15}=$/);
  assert.match(String(requestTime), /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  assert.ok(Number(connectedAt) >= before && Number(requestTimeEpoch) >= Number(connectedAt));
  assert.equal(event!.isBase64Encoded, false);
});

void test('headers are the client’s as it sent them, without those of the connection, with those of a balancer', async () => {
  const [event] = toldOf('told');
  const { headers, multiValueHeaders } = event!;
  const names = Object.keys(headers);
  assert.deepEqual(names, names.toSorted());
  for (const absent of ['Connection', 'Upgrade', 'content-length', 'Content-Length'])
    assert.ok(!names.includes(absent));
  const { 'X-Amzn-Trace-Id': trace, 'Sec-WebSocket-Key': key, ...rest } = headers;
  assert.match(trace!, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.match(key!, /^[\w+/]{22}==$/);
  assert.deepEqual(rest, {
    Cookie: 'a=b',
    Host: `localhost:${gateway.tlsPort}`,
    Origin: 'https://example.com',
    'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    'Sec-WebSocket-Version': '13',
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    'X-Mine': 'one',
  });
  assert.deepEqual(
    multiValueHeaders,
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  );
});

void test('a disconnect event has the code, the reason and a fixed set of headers', async () => {
  const client = await connect({ returns: { statusCode: 200 } });
  const { connectionId } = toldOf('connect').at(-1)!.requestContext;
  client.socket.close(4001, 'enough');
  const event = await eventually('the disconnect is told', () => disconnectOf(connectionId));
  const host = 'localhost';
  assert.deepEqual(event.headers, { Host: host, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' });
  assert.deepEqual(event.multiValueHeaders, {
    Host: [host],
    'x-api-key': [''],
    'X-Forwarded-For': [''],
    'x-restapi': [''],
  });
  assert.deepEqual(Object.keys(event), ['headers', 'multiValueHeaders', 'requestContext', 'isBase64Encoded']);
  assert.deepEqual(Object.keys(event.requestContext), [
    'routeKey',
    'disconnectStatusCode',
    'eventType',
    'extendedRequestId',
    'requestTime',
    'messageDirection',
    'disconnectReason',
    'stage',
    'connectedAt',
    'requestTimeEpoch',
    'identity',
    'requestId',
    'domainName',
    'connectionId',
    'apiId',
  ]);
  assert.equal(event.requestContext['disconnectStatusCode'], 4001);
  assert.equal(event.requestContext['disconnectReason'], 'enough');
});

// ---- what becomes of the handshake ----

const ACCEPTED: readonly (readonly [name: string, returns: unknown])[] = [
  ['200', { statusCode: 200 }],
  ['201', { statusCode: 201, body: 'ignored' }],
  ['204', { statusCode: 204 }],
  ['a status in quotes', { statusCode: '200' }],
  ['headers and no status', { headers: { a: 'b' } }],
  ['headers that are null', { statusCode: 200, headers: null }],
];
for (const [name, returns] of ACCEPTED) {
  void test(`connects for ${name}`, async () => (await connect({ returns })).socket.terminate());
}

void test('headers of the answer stay behind, but for the subprotocol', async () => {
  const end = { returns: { statusCode: 200, headers: { 'sec-websocket-protocol': 'b', 'Set-Cookie': 'a=b' } } };
  const client = await connect(end, {}, ['a', 'b']);
  assert.equal(client.socket.protocol, 'b');
  client.socket.terminate();
});

const REFUSED: readonly (readonly [status: number, output: object, body: string, type: string])[] = [
  [
    403,
    { headers: { 'content-type': 'application/json' }, body: '{"no": 1}' },
    '{"no": 1}',
    'application/json; charset=UTF-8',
  ],
  [401, { body: 'who?' }, 'who?', 'application/json; charset=UTF-8'],
  [301, { headers: { Location: '/' }, body: '' }, '', 'application/json; charset=UTF-8'],
  [501, { headers: { 'Content-Type': 'text/plain; charset=latin1' }, body: 'x' }, 'x', 'text/plain; charset=latin1'],
  [
    400,
    { body: Buffer.from('bytes').toString('base64'), isBase64Encoded: true },
    'bytes',
    'application/json; charset=UTF-8',
  ],
];
for (const [statusCode, output, body, contentType] of REFUSED) {
  void test(`${statusCode} refuses with the function’s own words, and nobody is told of a disconnect`, async () => {
    const refused = await refusal({ returns: { statusCode, ...output } });
    assert.deepEqual([refused.status, refused.body], [statusCode, body]);
    assert.equal(refused.headers['content-type'], contentType);
    assert.match(String(refused.headers['x-amz-apigw-id']), /^[\w-]{15}=$/);
    assert.equal(refused.headers['x-amzn-errortype'], undefined);
    const { connectionId } = toldOf('connect').at(-1)!.requestContext;
    assert.equal(disconnectOf(connectionId), undefined);
  });
}

const thrown = { throws: { errorType: 'Error', errorMessage: 'secret words of the backend' } };
const FAILURES: readonly (readonly [name: string, end: FunctionEnd, status: number, message: string, more?: object])[] =
  [
    ['a function that throws', thrown, 502, 'Internal server error'],
    ['a function that returns null', { returns: null }, 500, 'Internal server error'],
    ['a function that returns an empty object', { returns: {} }, 500, 'Internal server error'],
    ['one key too many', { returns: { statusCode: 200, more: 1 } }, 500, 'Internal server error'],
    ['a status that is none', { returns: { statusCode: 'test' } }, 500, 'Internal server error'],
    ['a text', { returns: 'yes' }, 500, 'Internal server error'],
    ['a number', { returns: 200 }, 500, 'Internal server error'],
    [
      'multiValueHeaders that are no lists',
      { returns: { statusCode: 200, multiValueHeaders: { a: 'b' } } },
      500,
      'Internal server error',
    ],
    ['what is no JSON', { sends: 'oops' }, 500, 'Internal server error'],
    [
      'no leave to invoke',
      { refuses: { status: 403, type: 'AccessDeniedException', message: 'no' } },
      500,
      'Internal server error',
    ],
    ['a cut connection', 'resets', 500, 'Internal server error'],
    ['a function that never ends', 'hangs', 504, 'Endpoint request timed out', { TimeoutInMillis: 50 }],
  ];
for (const [name, end, status, message, more] of FAILURES) {
  void test(`${name} refuses with ${status}`, async () => {
    const refused = await refusal(end, more);
    assert.equal(refused.status, status);
    const { connectionId, requestId, ...rest } = JSON.parse(refused.body) as Record<string, string>;
    assert.deepEqual(rest, { message });
    assert.equal(
      refused.body,
      `{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`,
    );
    assert.equal(refused.headers['x-amz-apigw-id'], requestId);
  });
}

void test('a function that there is not refuses with 500, and the log says which', async () => {
  const api = await makeApi(gateway.clients, { $connect: { target: proxyOf('absent') } });
  await assert.rejects(openSocket(gateway, pathForm(gateway, api)), { status: 500 });
  const line = gateway.logged().findLast((one) => one['message'] === 'refused' || one['msg'] === 'refused');
  assert.match(String(line?.['reason']), /function:absent was not invoked: 404 ResourceNotFoundException/);
});

void test('without --lambda-endpoint the log says what to start with', async (t) => {
  const bare = await startTestGateway(t);
  const api = await makeApi(bare.clients, { $connect: { target: proxyOf('connect') } });
  await assert.rejects(openSocket(bare, pathForm(bare, api)), { status: 500 });
  assert.ok(bare.logged().some(({ reason }) => /start with --lambda-endpoint URL/.test(String(reason))));
});

const INJECTED = 'a\r\nX-Injected: yes';

void test('a content type that is no header value is left out', async () => {
  for (const contentType of [INJECTED, 'text/plain\u0000', 'text/größe\u20ac']) {
    const output = { statusCode: 403, headers: { 'Content-Type': contentType }, body: 'no' };
    const refused = await refusal({ returns: output });
    assert.deepEqual([refused.status, refused.body], [403, 'no']);
    assert.equal(refused.headers['content-type'], 'application/json; charset=UTF-8');
    assert.equal(refused.headers['x-injected'], undefined);
  }
});

void test('a subprotocol that is no token is not chosen', async () => {
  const end = { returns: { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': INJECTED } } };
  await assert.rejects(connect(end, {}, ['a']), /no subprotocol/);
});

/** An API whose $connect calls a function that is no proxy, and has one response for whatever it says. */
async function connectMapped(end: FunctionEnd, template: string) {
  lambda.functions.set('mapped', () => end);
  const target: Target = {
    IntegrationType: 'AWS',
    IntegrationMethod: 'POST',
    IntegrationUri: invocationsOf(functionArn('mapped')),
    responses: { $default: template },
  };
  const api = await makeApi(gateway.clients, { $connect: { target } });
  return openSocket(gateway, pathForm(gateway, api));
}

void test('a function that is no proxy lets in when it ends well, and not when it throws, unless a template says so', async () => {
  (await connectMapped({ returns: {} }, 'in')).socket.terminate();
  await assert.rejects(connectMapped(thrown, 'out'), { status: 502, body: 'out' });
  await assert.rejects(connectMapped({ returns: {} }, '#set($context.responseOverride.status = 403)no'), {
    status: 403,
    body: 'no',
  });
});
