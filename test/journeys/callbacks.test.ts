// `@connections`: POST, GET and DELETE through the real management client, with the raw answers beside what the SDK makes of them;
// who may call, for which ids, and in which order that is checked.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { CreateDeploymentCommand, CreateStageCommand } from '@aws-sdk/client-apigatewayv2';
import { EPHEMERAL, startGatewayProcess } from '../../demo/gateway-process.ts';
import { eventually } from '../harness/eventually.ts';
import { endWith, REGION, startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, type Target, type TestSocket } from '../harness/sockets.ts';

type Method = 'POST' | 'GET' | 'DELETE';
type Api = Awaited<ReturnType<typeof makeApi>>;

const MESSAGE_MAX = 131_072;
const METHODS: readonly Method[] = ['POST', 'GET', 'DELETE'];
const STAGE_PATH = '/test/@connections';

/** Connection ids that the backend was told of on $disconnect, and its open $connect requests by connection id. */
const gone: string[] = [];
const connecting = new Map<string, ServerResponse>();
const backend = createServer((request, response) => {
  const connectionId = String(request.headers['x-connection-id']);
  request.resume();
  if (request.url === '/hold') return void connecting.set(connectionId, response);
  if (request.url === '/gone') gone.push(connectionId);
  response.end(request.url === '/whoami' ? connectionId : '');
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
after(() => {
  backend.closeAllConnections();
  backend.close();
});
const gateway = await startTestGateway({ after });

function proxy(path: string): Target {
  const IntegrationUri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}${path}`;
  const RequestParameters = { 'integration.request.header.x-connection-id': 'context.connectionId' };
  return { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri, RequestParameters };
}

function makeCallbackApi(on: TestGateway = gateway): Promise<Api> {
  return makeApi(on.clients, {
    $disconnect: { target: proxy('/gone') },
    $default: { target: proxy('/whoami'), isTwoWay: true },
  });
}

const api = await makeCallbackApi();
const host = `${api.apiId}.execute-api.${REGION}.localhost`;
await gateway.clients.gateway.send(new CreateStageCommand({ ApiId: api.apiId, StageName: 'sibling' }));

interface Open extends TestSocket {
  readonly connectionId: string;
}

async function open(target: Api = api, headers: Record<string, string> = {}, on: TestGateway = gateway): Promise<Open> {
  const url = `wss://${target.apiId}.execute-api.${REGION}.localhost:${on.tlsPort}/${target.stage}`;
  const client = await openSocket(on, url, { headers });
  return { ...client, connectionId: await ask(client, 'who am I?') };
}

/** A connection that is no more. */
async function closedId(): Promise<string> {
  const client = await open();
  client.socket.close();
  await eventually('the end of the connection was told', () => gone.includes(client.connectionId) || undefined);
  return client.connectionId;
}

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface CallOptions {
  /** The whole path, as it goes over the wire. */
  readonly path?: string;
  readonly method?: string;
  readonly host?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly signingName?: string;
  readonly data?: string | Uint8Array;
  readonly isUnsigned?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array;
}

/** One HTTPS request with its Host, and the answer byte for byte. */
function send(request: WireRequest, on: TestGateway): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers } = request;
    const outgoing = requestHttps({
      host: '127.0.0.1',
      port: on.tlsPort,
      servername: 'localhost',
      ca: on.ca,
      agent: false,
      method,
      path,
      headers,
    });
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

/** A call that the SDK built and signed, and the raw answer to it. Options change the request before it is signed. */
async function call(
  method: Method,
  connectionId: string,
  options: CallOptions = {},
  on: TestGateway = gateway,
): Promise<Answer> {
  const { accessKeyId = 'test', secretAccessKey = 'test', region = REGION, signingName } = options;
  let answer: Answer | undefined;
  const client = new ApiGatewayManagementApiClient({
    endpoint: `https://${options.host ?? `${host}:${on.tlsPort}`}/test`,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestHandler: {
      async handle(request: WireRequest) {
        if (options.isUnsigned) delete request.headers['authorization'];
        answer = await send(request, on);
        return { response: { statusCode: answer.status, headers: answer.headers, body: Readable.from([answer.body]) } };
      },
    } as never,
    ...(signingName === undefined ? {} : { signingName }),
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as WireRequest;
      if (options.path !== undefined) request.path = options.path;
      if (options.method !== undefined) request.method = options.method;
      Object.assign(request.headers, options.headers);
      return next(args);
    },
    { step: 'build', priority: 'low' },
  );
  const input = { ConnectionId: connectionId };
  const command =
    method === 'GET'
      ? new GetConnectionCommand(input)
      : method === 'DELETE'
        ? new DeleteConnectionCommand(input)
        : new PostToConnectionCommand({ ...input, Data: options.data ?? 'posted' });
  // What the SDK makes of a refusal is not looked at here.
  await client.send(command as GetConnectionCommand).catch(() => {});
  assert.ok(answer, 'the request was sent');
  return answer;
}

function assertRefusal(answer: Answer, status: number, errorType: string, body: string): void {
  assert.deepEqual([answer.status, answer.headers['x-amzn-errortype'], answer.body], [status, errorType, body]);
  assert.match(
    String(answer.headers['x-amzn-requestid']),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  );
}

const FORBIDDEN = [403, 'ForbiddenException', '{"message":"Forbidden"}'] as const;
const UNSIGNED = [403, 'MissingAuthenticationTokenException', '{"message":"Missing Authentication Token"}'] as const;
const GONE = [410, 'GoneException', ''] as const;
const invalidId = (id: string) => [400, 'BadRequestException', `{"message":"Invalid connectionId: ${id}"}`] as const;

describe('POST', () => {
  test('200 with an empty body, and the message goes to the socket as text', async () => {
    const client = await open();
    const kinds: boolean[] = [];
    client.socket.on('message', (_, isBinary) => kinds.push(isBinary));
    const answer = await call('POST', client.connectionId, { data: 'hello größer 😀' });
    assert.equal(await client.receive(), 'hello größer 😀');
    assert.deepEqual(kinds, [false]);
    assert.deepEqual([answer.status, answer.body], [200, '']);
    assert.equal(answer.headers['content-length'], '0');
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.match(String(answer.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
    assert.match(String(answer.headers['x-amz-apigw-id']), /^[A-Za-z0-9_-]{15}=$/);
    client.socket.terminate();
  });

  test('every answer carries a trace id', async () => {
    const client = await open();
    for (const method of METHODS) {
      const { headers } = await call(method, client.connectionId);
      assert.match(String(headers['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/, method);
    }
  });

  const payloads: readonly [name: string, data: string | Uint8Array, expected: string][] = [
    ['an empty payload is an empty message', '', ''],
    ['JSON goes as it is', ' {"a" : 1}\n', ' {"a" : 1}\n'],
    ['bytes that are no UTF-8 become U+FFFD', new Uint8Array([0x00, 0xff, 0xfe, 0x80]), '\u0000\ufffd\ufffd\ufffd'],
    ['131072 bytes are taken', 'a'.repeat(MESSAGE_MAX), 'a'.repeat(MESSAGE_MAX)],
  ];
  for (const [name, data, expected] of payloads) {
    test(name, async () => {
      const client = await open();
      assert.equal((await call('POST', client.connectionId, { data })).status, 200);
      assert.equal(await client.receive(), expected);
      client.socket.terminate();
    });
  }

  for (const bytes of [MESSAGE_MAX + 1, 4 * MESSAGE_MAX]) {
    test(`${bytes} bytes: a bare 413, and the socket lives`, async () => {
      const client = await open();
      const answer = await call('POST', client.connectionId, { data: 'a'.repeat(bytes) });
      assert.deepEqual([answer.status, answer.body], [413, '']);
      assert.deepEqual(Object.keys(answer.headers).sort(), ['connection', 'content-length', 'date']);
      assert.equal(answer.headers['content-length'], '0');
      assert.equal(await ask(client, 'still there?'), client.connectionId);
      client.socket.terminate();
    });
  }

  for (const bytes of [MESSAGE_MAX + 1, 4 * MESSAGE_MAX]) {
    test(`${bytes} bytes that come without a length: 413`, async () => {
      const headers = { host, 'transfer-encoding': 'chunked' };
      const path = `${STAGE_PATH}/AAAAAAAAAAAAAAA=`;
      const { status, body } = await send({ method: 'POST', path, headers, body: Buffer.alloc(bytes, 'a') }, gateway);
      assert.deepEqual([status, body], [413, '']);
    });
  }

  test('many at once all arrive', async () => {
    const client = await open();
    const texts = Array.from({ length: 20 }, (_, position) => `message ${position}`);
    const answers = await Promise.all(texts.map((data) => call('POST', client.connectionId, { data })));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const received: string[] = [];
    for (const _ of texts) received.push(await client.receive());
    assert.deepEqual(received.sort(), texts.sort());
    client.socket.terminate();
  });

  test('a client that does not read: 429 when its queue is full, and 200 again once it has read', async () => {
    const client = await open();
    client.socket.pause();
    const data = 'a'.repeat(MESSAGE_MAX);
    let sent = 0;
    const refused = await eventually('the queue is full', async () => {
      const answer = await call('POST', client.connectionId, { data });
      if (answer.status !== 200) return answer;
      sent += 1;
      return undefined;
    });
    assert.deepEqual([refused.status, refused.headers['x-amzn-errortype']], [429, 'LimitExceededException']);
    client.socket.resume();
    for (let received = 0; received < sent; received += 1) assert.equal((await client.receive()).length, MESSAGE_MAX);
    assert.equal((await call('POST', client.connectionId, { data: 'at last' })).status, 200);
    assert.equal(await client.receive(), 'at last');
    client.socket.terminate();
  });

  test('while $connect is asked: 410; with the handshake done: 200', async () => {
    const held = await makeApi(gateway.clients, { $connect: { target: proxy('/hold') }, $default: {} });
    const heldHost = `${held.apiId}.execute-api.${REGION}.localhost`;
    const opening = openSocket(gateway, `wss://${heldHost}:${gateway.tlsPort}/${held.stage}`);
    const [connectionId, response] = await eventually('the backend was asked', () => [...connecting][0]);
    for (const method of METHODS) assertRefusal(await call(method, connectionId, { host: heldHost }), ...GONE);
    response.end();
    const client = await opening;
    assert.equal((await call('POST', connectionId, { host: heldHost, data: 'now' })).status, 200);
    assert.equal(await client.receive(), 'now');
    client.socket.terminate();
  });
});

describe('GET', () => {
  const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';

  test('200 with the connection, spaced as AWS does', async () => {
    const before = new Date().toISOString();
    const client = await open(api, { 'User-Agent': 'my "client"' });
    const { status, headers, body } = await call('GET', client.connectionId);
    assert.equal(status, 200);
    const [, connectedAt = '', lastActiveAt = ''] =
      new RegExp(`"connectedAt" : "(${TIME})",\n  "lastActiveAt" : "(${TIME})"`).exec(body) ?? [];
    assert.equal(
      body,
      `{\n  "identity" : {\n    "sourceIp" : "127.0.0.1",\n    "userAgent" : "my \\"client\\""\n  },\n` +
        `  "connectedAt" : "${connectedAt}",\n  "lastActiveAt" : "${lastActiveAt}"\n}`,
    );
    assert.ok(before <= connectedAt && connectedAt <= lastActiveAt && lastActiveAt <= new Date().toISOString());
    assert.deepEqual([headers['content-type'], headers['content-length']], ['application/json', String(body.length)]);
    client.socket.terminate();
  });

  test('a client that sent no User-Agent has an empty one', async () => {
    const client = await open();
    assert.match((await call('GET', client.connectionId)).body, /"userAgent" : ""/);
    client.socket.terminate();
  });

  test('the SDK reads it', async () => {
    const client = await open(api, { 'User-Agent': 'ua' });
    const sdk = new ApiGatewayManagementApiClient({
      endpoint: `https://${host}:${gateway.tlsPort}/test`,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: { httpsAgent: { ca: gateway.ca, lookup: gateway.lookup } } as never,
    });
    const { Identity, ConnectedAt, LastActiveAt } = await sdk.send(
      new GetConnectionCommand({ ConnectionId: client.connectionId }),
    );
    assert.deepEqual(Identity, { SourceIp: '127.0.0.1', UserAgent: 'ua' });
    assert.ok(ConnectedAt! <= LastActiveAt!);
    client.socket.terminate();
    await eventually('the end of the connection was told', () => gone.includes(client.connectionId) || undefined);
    await assert.rejects(sdk.send(new GetConnectionCommand({ ConnectionId: client.connectionId })), {
      name: 'GoneException',
    });
  });

  async function lastActiveAt({ connectionId }: Open): Promise<number> {
    const { body } = await call('GET', connectionId);
    return Date.parse((JSON.parse(body) as { lastActiveAt: string }).lastActiveAt);
  }

  test('does not move lastActiveAt', async () => {
    const client = await open();
    const at = await lastActiveAt(client);
    await eventually('a few milliseconds passed', () => Date.now() > at + 5 || undefined);
    for (let times = 0; times < 3; times += 1) assert.equal(await lastActiveAt(client), at);
    client.socket.terminate();
  });

  const activities: readonly [name: string, act: (client: Open) => Promise<unknown>][] = [
    ['a POST', ({ connectionId }) => call('POST', connectionId)],
    ['an empty POST', ({ connectionId }) => call('POST', connectionId, { data: '' })],
    ['a message', (client) => ask(client, 'x')],
  ];
  for (const [name, act] of activities) {
    test(`${name} moves lastActiveAt`, async () => {
      const client = await open();
      const at = await lastActiveAt(client);
      await eventually('a few milliseconds passed', () => Date.now() > at + 5 || undefined);
      await act(client);
      assert.ok((await lastActiveAt(client)) > at);
      client.socket.terminate();
    });
  }
});

describe('DELETE', () => {
  test('204, the socket is closed 1000 Connection Closed Normally, $disconnect is called once, and then all is 410', async () => {
    const client = await open();
    const answer = await call('DELETE', client.connectionId);
    assert.deepEqual([answer.status, answer.body, answer.headers['content-length']], [204, '', undefined]);
    assert.deepEqual(await client.closed, { code: 1000, reason: 'Connection Closed Normally' });
    await eventually('the end of the connection was told', () => gone.includes(client.connectionId) || undefined);
    for (const method of METHODS) {
      const refused = await call(method, client.connectionId);
      assertRefusal(refused, ...GONE);
      assert.equal(refused.headers['content-length'], '0');
    }
    await closedId();
    assert.equal(gone.filter((one) => one === client.connectionId).length, 1);
  });

  for (const method of METHODS) {
    test(`then a ${method} is 410 at once, though the client has not answered the close frame`, async () => {
      const client = await open();
      client.socket.pause();
      assert.equal((await call('DELETE', client.connectionId)).status, 204);
      assertRefusal(await call(method, client.connectionId), ...GONE);
      client.socket.resume();
      assert.deepEqual(await client.closed, { code: 1000, reason: 'Connection Closed Normally' });
    });
  }
});

describe('a connection that is no more', () => {
  for (const method of METHODS) {
    test(`${method}: 410 with an empty body after the client has closed`, async () => {
      assertRefusal(await call(method, await closedId()), ...GONE);
    });
  }

  test('410, not 400, after the gateway was started again', async (t) => {
    const own = await startTestGateway(t);
    const ownApi = await makeCallbackApi(own);
    const client = await open(ownApi, {}, own);
    await own.stop('SIGTERM');
    const again = await startGatewayProcess(['--data-dir', own.dataDir, ...EPHEMERAL]);
    endWith(t, again, { dataDir: own.dataDir, args: [], env: {} });
    const answer = await call(
      'GET',
      client.connectionId,
      { host: `${ownApi.apiId}.execute-api.${REGION}.localhost` },
      { ...own, ...again },
    );
    assertRefusal(answer, ...GONE);
  });
});

describe('which path means which connection', () => {
  const paths: readonly [name: string, path: (id: string) => string][] = [
    ['the id raw', (id) => `${STAGE_PATH}/${id}`],
    ['the id encoded', (id) => `${STAGE_PATH}/${encodeURIComponent(id)}`],
    ['the id encoded in small letters', (id) => `${STAGE_PATH}/${id.replaceAll('=', '%3d')}`],
    [
      'every letter encoded',
      (id) => `${STAGE_PATH}/${[...Buffer.from(id)].map((byte) => `%${byte.toString(16)}`).join('')}`,
    ],
    ['the @ encoded', (id) => `/test/%40connections/${encodeURIComponent(id)}`],
    ['a sibling stage', (id) => `/sibling/@connections/${encodeURIComponent(id)}`],
  ];
  for (const [name, path] of paths) {
    test(`${name}: GET, POST and DELETE reach the socket`, async () => {
      const client = await open();
      const options = { path: path(client.connectionId), data: 'through' };
      assert.equal((await call('GET', client.connectionId, options)).status, 200);
      assert.equal((await call('POST', client.connectionId, options)).status, 200);
      assert.equal(await client.receive(), 'through');
      assert.equal((await call('DELETE', client.connectionId, options)).status, 204);
      assert.equal((await client.closed).code, 1000);
    });
  }

  test('the path form of the default endpoint', async () => {
    const client = await open();
    const path = `/_aws/execute-api/${api.apiId}/test/@connections/${encodeURIComponent(client.connectionId)}`;
    assert.equal((await call('POST', client.connectionId, { host: `localhost:${gateway.tlsPort}`, path })).status, 200);
    assert.equal(await client.receive(), 'posted');
    client.socket.terminate();
  });

  const misplaced: readonly [name: string, options: (id: string) => CallOptions][] = [
    ['an absent stage', (id) => ({ path: `/none/@connections/${id}` })],
    ['an unknown host', () => ({ host: 'nobody.example.com' })],
    ['an unknown API', () => ({ host: `zzzzzzzzzz.execute-api.${REGION}.localhost` })],
    ['another region’s host', () => ({ host: `${api.apiId}.execute-api.eu-west-1.localhost` })],
    ['more before the stage', (id) => ({ path: `/test/test/@connections/${id}` })],
  ];
  for (const [name, options] of misplaced) {
    test(`${name}: 403 Forbidden, which tells the API’s owner alone the right endpoint`, async () => {
      const client = await open();
      const answer = await call('POST', client.connectionId, options(client.connectionId));
      assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [403, 'ForbiddenException']);
      const right = `https://${api.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/test`;
      const { message } = JSON.parse(answer.body) as { message: string };
      assert.match(message, /^No method found matching route \S+\/@connections\/\S+ for http method POST\. /);
      assert.ok(message.endsWith(` The endpoint of this connection is ${right}`), message);
      const strangers = { ...options(client.connectionId), accessKeyId: '111122223333' };
      assertRefusal(await call('POST', client.connectionId, strangers), ...FORBIDDEN);
      assertRefusal(
        await call('POST', client.connectionId, { ...options(client.connectionId), secretAccessKey: 'no' }),
        ...FORBIDDEN,
      );
      client.socket.terminate();
    });
  }

  const nowhere: readonly [name: string, options: (id: string) => CallOptions][] = [
    ['an id that nobody has', () => ({ path: '/none/@connections/AAAAAAAAAAAAAAAAAA==' })],
    ['no id', () => ({ path: STAGE_PATH })],
    ['more behind the id', (id) => ({ path: `${STAGE_PATH}/${id}/more` })],
    ['another word', (id) => ({ path: `/test/connections/${id}` })],
    ['another method', () => ({ method: 'PUT' })],
  ];
  for (const [name, options] of nowhere) {
    test(`${name}: 403 Forbidden, and the log names the step`, async () => {
      const client = await open();
      const answer = await call('POST', client.connectionId, options(client.connectionId));
      assertRefusal(answer, ...FORBIDDEN);
      const line = await eventually('the refusal was logged', () =>
        gateway
          .logged()
          .find((one) => one['message'] === 'refused' && one['requestId'] === answer.headers['x-amzn-requestid']),
      );
      assert.equal(line['step'], name === 'another method' ? 'callback' : 'resolve');
      client.socket.terminate();
    });
  }

  test('a sibling stage counts with a deployment too', async () => {
    await gateway.clients.gateway.send(new CreateDeploymentCommand({ ApiId: api.apiId, StageName: 'sibling' }));
    const client = await open();
    assert.equal(
      (await call('GET', client.connectionId, { path: `/sibling/@connections/${client.connectionId}` })).status,
      200,
    );
    client.socket.terminate();
  });
});

describe('ids that were never issued', () => {
  const changeOne = (id: string) => (id.startsWith('A') ? `B${id.slice(1)}` : `A${id.slice(1)}`);
  const rows: readonly [name: string, forge: (id: string) => string][] = [
    ['another form', () => 'AAAAAAAAAAAAAAA='],
    ['one letter changed', changeOne],
    ['one letter less', (id) => id.slice(1)],
    ['without its end', (id) => id.replaceAll('=', '')],
    ['twice', (id) => `${id}${id}`],
    ['the right form', () => 'AAAAAAAAAAAAAAAAAA=='],
    ['a UUID', () => randomUUID()],
  ];
  for (const [name, forge] of rows) {
    test(`${name}: 400 with the id in the text`, async () => {
      const client = await open();
      const id = forge(client.connectionId);
      for (const method of METHODS) assertRefusal(await call(method, id), ...invalidId(id));
      assert.equal(await ask(client, 'x'), client.connectionId);
      client.socket.terminate();
    });
  }

  test('an id of another API: 400, its socket gets nothing, and its owner is told where to call', async () => {
    const other = await makeCallbackApi();
    const client = await open(other);
    const right = `https://${other.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/test`;
    const told = `${client.connectionId}. The endpoint of this connection is ${right}`;
    assertRefusal(await call('POST', client.connectionId), ...invalidId(told));
    const stranger = await call('POST', client.connectionId, { accessKeyId: '111122223333' });
    assertRefusal(stranger, ...invalidId(client.connectionId));
    assert.equal(await ask(client, 'x'), client.connectionId, 'the next message is its own reply');
    client.socket.terminate();
  });
});

describe('who may call', () => {
  const STRANGER = '123456789012';
  const denied = (method: Method, stage: string) => {
    const resource = `arn:aws:execute-api:${REGION}:********0000:${api.apiId}/${stage}/${method}/@connections/{connectionId}`;
    const text =
      `User: arn:aws:iam::${STRANGER}:root is not authorized to perform: execute-api:ManageConnections on resource: ${resource} ` +
      'because no identity-based policy allows the execute-api:ManageConnections action';
    return [403, 'AccessDeniedException', JSON.stringify({ Message: text })] as const;
  };

  for (const method of METHODS) {
    test(`${method} by another account: 403 in AWS’s words, and the socket lives`, async () => {
      const client = await open();
      assertRefusal(await call(method, client.connectionId, { accessKeyId: STRANGER }), ...denied(method, 'test'));
      assert.equal(await ask(client, 'x'), client.connectionId);
      client.socket.terminate();
    });
  }

  test('the resource names the stage of the URL', async () => {
    const client = await open();
    const path = `/sibling/@connections/${client.connectionId}`;
    assertRefusal(
      await call('POST', client.connectionId, { accessKeyId: STRANGER, path }),
      ...denied('POST', 'sibling'),
    );
    client.socket.terminate();
  });

  const signatures: readonly [name: string, options: CallOptions, text: RegExp][] = [
    ['a wrong secret', { secretAccessKey: 'wrong' }, /signature we calculated does not match/],
    ['an unknown key', { accessKeyId: 'nobody' }, /security token included in the request is invalid/],
    ['another service', { signingName: 'apigateway' }, /scoped to correct service: 'execute-api'/],
    ['another region', { region: 'eu-west-1' }, /Credential should be scoped to a valid region, not 'eu-west-1'/],
    [
      'a body that was changed',
      { headers: { 'x-amz-content-sha256': '0'.repeat(64) } },
      /signature we calculated does not match/,
    ],
  ];
  for (const [name, options, text] of signatures) {
    test(`signed with ${name}: 403, and the socket gets nothing`, async () => {
      const client = await open();
      const { status, body } = await call('POST', client.connectionId, options);
      assert.equal(status, 403);
      assert.match((JSON.parse(body) as { message: string }).message, text);
      assert.equal(await ask(client, 'x'), client.connectionId);
      client.socket.terminate();
    });
  }
});

describe('the order of the checks', () => {
  const tooLarge = 'a'.repeat(MESSAGE_MAX + 1);
  const FORGED = 'AAAAAAAAAAAAAAA=';
  const stranger = { accessKeyId: '123456789012' };

  test('the path before the size', async () => {
    assertRefusal(
      await call('POST', FORGED, { path: '/none/@connections/x', data: tooLarge, isUnsigned: true }),
      ...FORBIDDEN,
    );
  });

  test('the size before the signature', async () => {
    assert.equal((await call('POST', FORGED, { data: tooLarge, isUnsigned: true })).status, 413);
  });

  test('the signature before the id', async () => {
    for (const method of METHODS) assertRefusal(await call(method, FORGED, { isUnsigned: true }), ...UNSIGNED);
  });

  test('the id before the account', async () => {
    for (const method of METHODS) assertRefusal(await call(method, FORGED, stranger), ...invalidId(FORGED));
  });

  test('the account before whether the connection is open', async () => {
    const { status, headers } = await call('GET', await closedId(), stranger);
    assert.deepEqual([status, headers['x-amzn-errortype']], [403, 'AccessDeniedException']);
  });
});
