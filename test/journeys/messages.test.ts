// What happens to a message: which route it takes, what its backend is sent, and what comes back as which frames. Deployments
// and stage variables change under open sockets.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import {
  CreateDeploymentCommand,
  CreateRouteResponseCommand,
  DeleteRouteCommand,
  GetRoutesCommand,
  GetStageCommand,
  UpdateApiCommand,
  UpdateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import {
  addRoute,
  ask,
  makeApi,
  mock,
  openSocket,
  type RouteOptions,
  type Target,
  type TestSocket,
} from '../harness/sockets.ts';

type Api = Awaited<ReturnType<typeof makeApi>>;

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  /** True once the answer was written. */
  isAnswered: boolean;
}

const MESSAGE_MAX = 131_072;
const FRAME_MAX = 32_768;
const WORDS = ' { "spaces" : "kept" ,\n"text":"größer 😀" }\n';
const BAD_UTF8 = Buffer.from([0x61, 0x00, 0xff, 0xfe, 0x80, 0x62]);

/** What the backend was sent, in order. */
const seen: Seen[] = [];
/** Requests under /hold/… wait here, by name, until they are answered. */
const held = new Map<string, ServerResponse>();
/** Requests under /gate wait for it to open. */
let gate = Promise.withResolvers<void>();

/** Behaviours by the first segment of the path. */
const BEHAVIOURS: Readonly<Record<string, (response: ServerResponse, rest: string, request: IncomingMessage) => void>> =
  {
    status: (response, status) => response.writeHead(Number(status), { location: '/elsewhere' }).end(WORDS),
    empty: (response) => response.writeHead(204).end(),
    bytes: (response, count) => response.end('a'.repeat(Number(count))),
    /** Every `ä` has two bytes, and the first stands at an odd place. */
    odd: (response, count) => response.end(`a${'ä'.repeat(Number(count))}`),
    binary: (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(BAD_UTF8),
    hold: (response, name) => void held.set(name, response),
    gate: (response) => void gate.promise.then(() => response.end('through')),
    reset: (_, __, request) => request.socket.resetAndDestroy(),
    'half-close': (_, __, request) => request.socket.end(),
    junk: (_, __, request) => request.socket.end('this is not HTTP\r\n\r\n'),
    short: (response, _, request) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('ten bytes.', () => request.socket.destroy());
    },
    huge: (response) => response.end(Buffer.alloc(11 * 1_048_576)),
  };

const backend = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const url = new URL(request.url!, backendUrl);
    const { method = '', headers } = request;
    const call: Seen = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: Buffer.concat(chunks).toString(),
      isAnswered: false,
    };
    seen.push(call);
    response.once('finish', () => (call.isAnswered = true));
    const [, behaviour = '', rest = ''] = url.pathname.split('/');
    const answer = BEHAVIOURS[behaviour];
    if (answer) answer(response, rest, request);
    else response.end(`answer of ${url.pathname}`);
  });
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
const backendUrl = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
after(() => {
  backend.closeAllConnections();
  backend.close();
});
const gateway = await startTestGateway({ after });

function proxy(path: string, changes: Partial<Target> = {}): Target {
  return {
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: `${backendUrl}${path}`,
    ...changes,
  };
}

function twoWay(target: Target): RouteOptions {
  return { target, isTwoWay: true };
}

/** Opens a socket by the default endpoint, which is ended with the test. */
async function open(t: { after(end: () => void): void }, { apiId, stage }: Api): Promise<TestSocket> {
  const url = `wss://${apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${stage}`;
  const client = await openSocket(gateway, url);
  t.after(() => client.socket.terminate());
  return client;
}

async function openApi(
  t: { after(end: () => void): void },
  routes: Readonly<Record<string, RouteOptions>>,
): Promise<TestSocket & { api: Api }> {
  const api = await makeApi(gateway.clients, routes);
  return { ...(await open(t, api)), api };
}

function deploy({ apiId, stage }: Api) {
  return gateway.clients.gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
}

/** Asserts that a text is the gateway's own frame, byte for byte, and gives the ids in it. */
function assertErrorFrame(text: string, message: string): { connectionId: string; requestId: string } {
  const [, connectionId = '', requestId = ''] =
    /"connectionId":"([A-Za-z0-9_-]{18}==)", "requestId":"([A-Za-z0-9_-]{15}=)"/.exec(text) ?? [];
  assert.equal(text, `{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
  return { connectionId, requestId };
}

/** What a refused message is logged as: step and code. */
async function refusalOf(requestId: string): Promise<unknown[]> {
  const line = await eventually(`the refusal ${requestId} was logged`, () =>
    gateway.logged().find((one) => one['message'] === 'refused' && one['requestId'] === requestId),
  );
  return [line['step'], line['code']];
}

describe('which route a message takes', () => {
  const names = ['hello', 'Hello', 'a b', '1', '1.5', 'true', '[a, b]', '{k=v}', 'chat/join'];
  const routes: Record<string, RouteOptions> = {
    $connect: { target: mock('') },
    $disconnect: { target: mock('') },
    $default: twoWay(mock('by default')),
    ...Object.fromEntries(names.map((name) => [name, twoWay(mock(`by ${name}`))])),
  };
  const rows: readonly [message: string, expected: string][] = [
    ['{"action":"hello"}', 'hello'],
    ['{"action":"Hello"}', 'Hello'],
    ['{"action":"HELLO"}', '$default'],
    ['{"action":"hello "}', '$default'],
    ['{"action":"a b"}', 'a b'],
    ['{"action":"chat/join"}', 'chat/join'],
    ['  {"action" :\n"hello"}  ', 'hello'],
    ['{"action":"\\u0068ello"}', 'hello'],
    ['{"action":1}', '1'],
    ['{"action":1.50}', '1.5'],
    ['{"action":true}', 'true'],
    ['{"action":["a","b"]}', '[a, b]'],
    ['{"action":{"k":"v"}}', '{k=v}'],
    ['{"action":null}', '$default'],
    ['{"action":""}', '$default'],
    ['{"action":"none"}', '$default'],
    ['{"other":"hello"}', '$default'],
    ['{"action":"$default"}', '$default'],
    ['{"action":"$connect"}', '$default'],
    ['{"action":"$disconnect"}', '$default'],
    ['{"action":"__proto__"}', '$default'],
    ['{"action":"constructor"}', '$default'],
    ['{"action":"toString"}', '$default'],
    ['{"__proto__":{"action":"hello"}}', '$default'],
    ['plain', '$default'],
    ['', '$default'],
    ['{"action":"hello"', '$default'],
    ['{"action":"hello"} tail', '$default'],
    ['"hello"', '$default'],
    ['5', '$default'],
    ['null', '$default'],
    ['["hello"]', '$default'],
    ['[{"action":"hello"}]', '$default'],
  ];
  test('by exact value, else $default', async (t) => {
    const client = await openApi(t, routes);
    for (const [message, expected] of rows) {
      await t.test(`${JSON.stringify(message)} → ${expected}`, async () => {
        assert.equal(await ask(client, message), `by ${expected.replace('$', '')}`);
      });
    }
  });

  test('without $default: the Forbidden frame, and the socket stays open', async (t) => {
    const client = await openApi(t, {
      $connect: { target: mock('') },
      $disconnect: { target: mock('') },
      hello: twoWay(mock('hi')),
    });
    const ids: string[] = [];
    for (const message of [
      '{"action":"none"}',
      'plain',
      '',
      '{"action":"$default"}',
      '{"action":"$connect"}',
      '{"action":"$disconnect"}',
      '{"action":"__proto__"}',
    ]) {
      await t.test(JSON.stringify(message), async () => {
        const { connectionId, requestId } = assertErrorFrame(await ask(client, message), 'Forbidden');
        assert.deepEqual(await refusalOf(requestId), ['route', 'Forbidden']);
        ids.push(connectionId);
        assert.ok(!ids.includes(requestId));
        ids.push(requestId);
        assert.equal(await ask(client, '{"action":"hello"}'), 'hi');
      });
    }
    assert.equal(new Set(ids.filter((_, position) => position % 2 === 0)).size, 1, 'the frames name one connection');
    assert.equal(
      new Set(ids.filter((_, position) => position % 2 === 1)).size,
      ids.length / 2,
      'and each a request of its own',
    );
  });

  test('by an expression of several variables and text', async (t) => {
    const api = await makeApi(gateway.clients, {
      'chat/join': twoWay(mock('joined')),
      'chat-': twoWay(mock('half')),
      $default: twoWay(mock('else')),
    });
    const client = await open(t, api);
    const reply = async (expression: string, message: object) => {
      await gateway.clients.gateway.send(
        new UpdateApiCommand({ ApiId: api.apiId, RouteSelectionExpression: expression }),
      );
      await deploy(api);
      return ask(client, JSON.stringify(message));
    };
    const both = { service: 'chat', data: { actions: ['join', 'leave'] } };
    assert.equal(await reply('${request.body.service}/${request.body.data.actions[0]}', both), 'joined');
    assert.equal(await reply("${request.body.service}/${request.body.data['actions'][0]}", both), 'joined');
    assert.equal(await reply('${request.body.service}-${request.body.none}', both), 'half');
    assert.equal(await reply('chat/join', {}), 'joined');
    assert.equal(await reply('\\$default', both), 'else');
  });
});

describe('what a backend is sent for a message', () => {
  test('the text as it is, as JSON, and who asks; nothing of the client’s handshake', async (t) => {
    const api = await makeApi(gateway.clients, { $default: twoWay(proxy('/plain?fixed=1')) });
    const from = seen.length;
    assert.equal(await ask(await open(t, api), WORDS), 'answer of /plain');
    const { method, path, query, body, headers } = seen[from]!;
    assert.deepEqual([method, path, [...query], body], ['POST', '/plain', [['fixed', '1']], WORDS]);
    assert.match(String(headers['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    delete headers['x-amzn-trace-id'];
    assert.deepEqual(headers, {
      host: new URL(backendUrl).host,
      connection: 'keep-alive',
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(WORDS)),
      'user-agent': `AmazonAPIGateway_${api.apiId}`,
      'x-amzn-apigateway-api-id': api.apiId,
    });
  });

  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    test(`by ${method}: ${method === 'GET' ? 'no body' : 'with the body'}`, async (t) => {
      const client = await openApi(t, { $default: twoWay(proxy('/method', { IntegrationMethod: method })) });
      const from = seen.length;
      await ask(client, 'text');
      const { method: used, body, headers } = seen[from]!;
      assert.deepEqual([used, body], [method, method === 'GET' ? '' : 'text']);
      assert.equal(headers['content-type'], method === 'GET' ? undefined : 'application/json');
    });
  }

  test('what the mappings say, from every source', async (t) => {
    const from: Record<string, string> = {
      'header.x-connection-id': 'context.connectionId',
      'header.x-message-id': 'context.messageId',
      'header.x-request-id': 'context.requestId',
      'header.x-extended-id': 'context.extendedRequestId',
      'header.x-event': 'context.eventType',
      'header.x-route': 'context.routeKey',
      'header.x-stage': 'context.stage',
      'header.x-api': 'context.apiId',
      'header.x-domain': 'context.domainName',
      'header.x-prefix': 'context.domainPrefix',
      'header.x-source': 'context.identity.sourceIp',
      'header.x-agent': 'context.identity.userAgent',
      'header.x-connected-at': 'context.connectedAt',
      'header.x-epoch': 'context.requestTimeEpoch',
      'header.x-time': 'context.requestTime',
      'header.x-direction': 'context.messageDirection',
      'header.x-variable': 'stageVariables.color',
      'header.x-user': 'route.request.body.user.names[1]',
      'header.x-static': "'two words'",
      'header.x-of-handshake': 'route.request.header.User-Agent',
      'header.x-not-there': 'route.request.body.none',
      'header.x-unknown': 'context.nothing',
      'header.Content-Type': "'text/plain'",
      'querystring.whole': 'route.request.body',
      'querystring.n': 'route.request.body.n',
      'path.room': 'route.request.body.room',
    };
    const RequestParameters = Object.fromEntries(
      Object.entries(from).map(([to, source]) => [`integration.request.${to}`, source]),
    );
    const api = await makeApi(gateway.clients, { say: twoWay(proxy('/rooms/{room}/say?a=b', { RequestParameters })) });
    await gateway.clients.gateway.send(
      new UpdateStageCommand({ ApiId: api.apiId, StageName: api.stage, StageVariables: { color: 'blue' } }),
    );
    const host = `${api.apiId}.execute-api.${REGION}.localhost`;
    const client = await openSocket(gateway, `wss://${host}:${gateway.tlsPort}/${api.stage}`, {
      headers: { 'User-Agent': 'my-client/1' },
    });
    t.after(() => client.socket.terminate());
    const before = Date.now();
    const position = seen.length;
    const message = '{"action":"say","room":"a/b ?#ä","n":7,"user":{"names":["x","größe"]}}';
    await ask(client, message);
    const { path, query, headers } = seen[position]!;
    assert.equal(path, `/rooms/${encodeURIComponent('a/b ?#ä')}/say`);
    assert.deepEqual(
      [...query],
      [
        ['a', 'b'],
        ['whole', message],
        ['n', '7'],
      ],
    );
    const told = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('x-') && !name.startsWith('x-amzn-')),
    );
    const {
      'x-connection-id': connectionId,
      'x-message-id': messageId,
      'x-request-id': requestId,
      'x-time': time,
      ...others
    } = told;
    const {
      'x-connected-at': connectedAt,
      'x-epoch': epoch,
      'x-extended-id': extendedId,
      'x-user': user,
      ...fixed
    } = others;
    assert.deepEqual(fixed, {
      'x-event': 'MESSAGE',
      'x-route': 'say',
      'x-stage': api.stage,
      'x-api': api.apiId,
      'x-domain': `${host}:${gateway.tlsPort}`,
      'x-prefix': api.apiId,
      'x-source': '127.0.0.1',
      'x-agent': 'my-client/1',
      'x-direction': 'IN',
      'x-variable': 'blue',
      'x-static': 'two words',
    });
    assert.equal(headers['content-type'], 'text/plain');
    assert.equal(user, 'größe');
    assert.match(String(connectionId), /^[A-Za-z0-9_-]{18}==$/);
    assert.match(String(messageId), /^[A-Za-z0-9_-]{18}==$/);
    assert.notEqual(messageId, connectionId);
    assert.match(String(requestId), /^[A-Za-z0-9_-]{15}=$/);
    assert.equal(extendedId, requestId);
    assert.match(String(time), /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    assert.ok(Number(connectedAt) <= Number(epoch) && Number(epoch) >= before && Number(epoch) <= Date.now());
  });

  test('stage variables in the URI count at once, without a deployment', async (t) => {
    const api = await makeApi(gateway.clients, {
      $default: twoWay({ ...proxy(''), IntegrationUri: '${stageVariables.base}/v/${stageVariables.part}' }),
    });
    const set = (StageVariables: Record<string, string>) =>
      gateway.clients.gateway.send(new UpdateStageCommand({ ApiId: api.apiId, StageName: api.stage, StageVariables }));
    const client = await open(t, api);
    await set({ base: backendUrl, part: 'one' });
    assert.equal(await ask(client, 'x'), 'answer of /v/one');
    await set({ part: 'two' });
    assert.equal(await ask(client, 'x'), 'answer of /v/two');
    await set({ base: 'ftp://127.0.0.1' });
    assertErrorFrame(await ask(client, 'x'), 'Internal server error');
    await set({ base: backendUrl, part: '' });
    assert.equal(await ask(client, 'x'), 'answer of /v/');
  });
});

describe('what comes back from a backend', () => {
  for (const status of [200, 201, 301, 400, 404, 500, 503]) {
    test(`two-way: the body of a ${status}, verbatim`, async (t) => {
      assert.equal(await ask(await openApi(t, { $default: twoWay(proxy(`/status/${status}`)) }), 'x'), WORDS);
    });
  }

  test('two-way: an answer without a body is an empty message', async (t) => {
    assert.equal(await ask(await openApi(t, { $default: twoWay(proxy('/empty')) }), 'x'), '');
  });

  test('two-way: a redirect is not followed', async (t) => {
    const client = await openApi(t, { $default: twoWay(proxy('/status/302')) });
    const from = seen.length;
    await ask(client, 'x');
    assert.deepEqual(
      seen.slice(from).map(({ path }) => path),
      ['/status/302'],
    );
  });

  test('two-way: bytes that are no UTF-8 come as text with U+FFFD', async (t) => {
    const client = await openApi(t, { $default: twoWay(proxy('/binary')) });
    const kinds: boolean[] = [];
    client.socket.on('message', (_, isBinary) => kinds.push(isBinary));
    assert.equal(await ask(client, 'x'), 'a\u0000\ufffd\ufffd\ufffdb');
    assert.deepEqual(kinds, [false]);
  });

  test('one-way: nothing, whatever the status', async (t) => {
    const client = await openApi(t, {
      ...Object.fromEntries(
        [200, 301, 401, 500].map((status) => [`s${status}`, { target: proxy(`/status/${status}`) }]),
      ),
      quiet: { target: mock('never seen') },
      ping: twoWay(proxy('/ping')),
    });
    const all: string[] = [];
    client.socket.on('message', (data) => all.push(String(data)));
    const from = seen.length;
    for (const action of ['s200', 's301', 's401', 's500', 'quiet']) client.socket.send(JSON.stringify({ action }));
    await eventually('the backend answered all of them', () =>
      seen.slice(from).filter((call) => call.isAnswered).length === 4 ? true : undefined,
    );
    assert.equal(await ask(client, '{"action":"ping"}'), 'answer of /ping');
    assert.equal(await ask(client, '{"action":"ping"}'), 'answer of /ping');
    client.socket.close();
    await client.closed;
    assert.deepEqual(all, ['answer of /ping', 'answer of /ping']);
  });

  const failures: readonly [name: string, path: string][] = [
    ['resets the connection', '/reset'],
    ['closes without an answer', '/half-close'],
    ['breaks off within the body', '/short'],
    ['does not speak HTTP', '/junk'],
    ['answers with more than 10 MiB', '/huge'],
  ];
  for (const [name, path] of failures) {
    test(`a backend that ${name}: the Internal server error frame, one-way too, and it is asked once`, async (t) => {
      const client = await openApi(t, {
        two: twoWay(proxy(path)),
        one: { target: proxy(path) },
        $default: twoWay(mock('fine')),
      });
      const from = seen.length;
      for (const action of ['two', 'one']) {
        const { requestId } = assertErrorFrame(await ask(client, JSON.stringify({ action })), 'Internal server error');
        assert.deepEqual(await refusalOf(requestId), ['integrate', 'IntegrationFailure']);
      }
      assert.equal(await ask(client, 'x'), 'fine');
      assert.equal(seen.length - from, 2, 'nothing is tried again');
    });
  }

  test('a backend that is not there: the Internal server error frame', async (t) => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const client = await openApi(t, {
      $default: twoWay({ ...proxy(''), IntegrationUri: `http://127.0.0.1:${port}/` }),
    });
    assertErrorFrame(await ask(client, 'x'), 'Internal server error');
  });

  test('a backend that does not answer in time: the timed out frame, one-way too', async (t) => {
    const late = proxy('/hold/late', { TimeoutInMillis: 50 });
    const client = await openApi(t, { two: twoWay(late), one: { target: late } });
    for (const action of ['two', 'one']) {
      const { requestId } = assertErrorFrame(
        await ask(client, JSON.stringify({ action })),
        'Endpoint request timed out',
      );
      assert.deepEqual(await refusalOf(requestId), ['integrate', 'IntegrationTimeout']);
    }
  });

  test('a metadata service is never asked: the Internal server error frame', async (t) => {
    for (const uri of ['http://169.254.169.254/latest/', 'http://[::ffff:169.254.169.254]/', 'http://2852039166/']) {
      const client = await openApi(t, {
        $default: twoWay({ ...proxy(''), IntegrationUri: uri, TimeoutInMillis: 5_000 }),
      });
      const { requestId } = assertErrorFrame(await ask(client, 'x'), 'Internal server error');
      await refusalOf(requestId);
      const line = gateway.logged().find((one) => one['requestId'] === requestId);
      assert.match(String(line?.['reason']), /metadata service/);
    }
  });

  const configurations: readonly [name: string, options: RouteOptions, message: string, code: string][] = [
    ['a route without a target', {}, 'Internal server error', 'ConfigurationError'],
    [
      'a MOCK without a response',
      { target: { IntegrationType: 'MOCK', RequestTemplates: { $default: '{"statusCode": 200}' } } },
      'Internal server error',
      'ConfigurationError',
    ],
    [
      'a MOCK without a status',
      { target: { ...mock('x'), RequestTemplates: { $default: '{}' } } },
      'Internal server error',
      'ConfigurationError',
    ],
    [
      'a MOCK that passes nothing through',
      { target: { IntegrationType: 'MOCK', PassthroughBehavior: 'NEVER', responses: { $default: 'x' } } },
      'Unsupported Media Type',
      'UnsupportedMediaType',
    ],
  ];
  for (const [name, options, message, code] of configurations) {
    test(`${name}: the ${message} frame`, async (t) => {
      const { requestId } = assertErrorFrame(await ask(await openApi(t, { $default: options }), 'x'), message);
      assert.deepEqual(await refusalOf(requestId), ['integrate', code]);
    });
  }
});

interface Frame {
  readonly isLast: boolean;
  readonly opcode: number;
  readonly length: number;
}

/** Every frame that the gateway sends from now on, read from the bytes of the TLS connection. */
function watchFrames(client: TestSocket): Frame[] {
  const frames: Frame[] = [];
  let rest = Buffer.alloc(0);
  (client.socket as unknown as { _socket: Socket })._socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const short = rest[1]! & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (rest.length < head) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
      if (rest.length < head + length) return;
      frames.push({ isLast: (rest[0]! & 0x80) !== 0, opcode: rest[0]! & 0x0f, length });
      rest = rest.subarray(head + length);
    }
  });
  return frames;
}

describe('how long a reply may be, and in which frames it comes', () => {
  const TEXT = 1;
  const CONTINUATION = 0;
  const rows: readonly [bytes: number, frames: number][] = [
    [0, 1],
    [1, 1],
    [FRAME_MAX, 1],
    [FRAME_MAX + 1, 2],
    [2 * FRAME_MAX, 2],
    [MESSAGE_MAX, 4],
  ];
  for (const [bytes, count] of rows) {
    test(`${bytes} bytes come as one message in ${count === 1 ? 'one frame' : `${count} frames`}, none above 32 KiB`, async (t) => {
      const client = await openApi(t, { $default: twoWay(proxy(`/bytes/${bytes}`)) });
      const frames = watchFrames(client);
      assert.equal(await ask(client, 'x'), 'a'.repeat(bytes));
      await eventually('the frames were read', () => (frames.at(-1)?.isLast ? true : undefined));
      assert.equal(frames.length, count);
      assert.deepEqual(
        frames.map(({ opcode }) => opcode),
        frames.map((_, position) => (position === 0 ? TEXT : CONTINUATION)),
      );
      assert.deepEqual(
        frames.map(({ isLast }) => isLast),
        frames.map((_, position) => position === count - 1),
      );
      assert.equal(
        frames.reduce((sum, { length }) => sum + length, 0),
        bytes,
      );
      assert.ok(frames.every(({ length }) => length <= FRAME_MAX));
    });
  }

  test('a character of several bytes may stand across frames', async (t) => {
    const count = FRAME_MAX + 1;
    const client = await openApi(t, { $default: twoWay(proxy(`/odd/${count}`)) });
    assert.equal(await ask(client, 'x'), `a${'ä'.repeat(count)}`);
  });

  test('131073 bytes are the Internal server error frame, and the socket stays open', async (t) => {
    const client = await openApi(t, {
      big: twoWay(proxy(`/bytes/${MESSAGE_MAX + 1}`)),
      $default: twoWay(mock('fine')),
    });
    const { requestId } = assertErrorFrame(await ask(client, '{"action":"big"}'), 'Internal server error');
    assert.deepEqual(await refusalOf(requestId), ['respond', 'IntegrationFailure']);
    assert.equal(await ask(client, 'x'), 'fine');
  });

  test('131073 bytes on a one-way route are silence', async (t) => {
    const client = await openApi(t, {
      big: { target: proxy(`/bytes/${MESSAGE_MAX + 1}`) },
      ping: twoWay(proxy('/ping')),
    });
    const from = seen.length;
    client.socket.send('{"action":"big"}');
    await eventually('the backend answered', () => seen[from]?.isAnswered || undefined);
    assert.equal(await ask(client, '{"action":"ping"}'), 'answer of /ping');
    assert.equal(await ask(client, '{"action":"ping"}'), 'answer of /ping');
  });
});

describe('messages side by side', () => {
  test('a second message may be answered before the first', async (t) => {
    const client = await openApi(t, {
      slow: twoWay(proxy('/hold/slow')),
      fast: twoWay(proxy('/fast')),
      mock: twoWay(mock('mocked')),
    });
    client.socket.send('{"action":"slow"}');
    await eventually('the slow backend was asked', () => held.get('slow'));
    assert.equal(await ask(client, '{"action":"fast"}'), 'answer of /fast');
    assert.equal(await ask(client, '{"action":"mock"}'), 'mocked');
    held.get('slow')!.end('at last');
    assert.equal(await client.receive(), 'at last');
  });

  test('a reply whose client has left meanwhile is dropped, and others go on', async (t) => {
    const client = await openApi(t, { $default: twoWay(proxy('/hold/left')) });
    client.socket.send('x');
    const response = await eventually('the backend was asked', () => held.get('left'));
    client.socket.close();
    await client.closed;
    const finished = new Promise((resolve) => response.once('finish', resolve));
    response.end('too late');
    await finished;
    const other = await openApi(t, { $default: twoWay(proxy('/other')) });
    assert.equal(await ask(other, 'x'), 'answer of /other');
  });

  test('beyond 1000 messages in flight on one connection a message gets the Too Many Requests frame', async (t) => {
    t.after(() => gate.resolve());
    const client = await openApi(t, { $default: twoWay(proxy('/gate')) });
    const other = await open(t, client.api);
    for (let sent = 0; sent < 1_000; sent += 1) client.socket.send('x');
    const { requestId } = assertErrorFrame(await ask(client, 'one too many'), 'Too Many Requests');
    assert.deepEqual(await refusalOf(requestId), ['route', 'TooManyRequests']);
    other.socket.send('another connection has a count of its own');
    gate.resolve();
    assert.equal(await other.receive(), 'through');
    for (let received = 0; received < 1_000; received += 1) assert.equal(await client.receive(), 'through');
    assert.equal(await ask(client, 'there is room again'), 'through');
    gate = Promise.withResolvers();
  });
});

describe('deployments under open sockets', () => {
  test('a new route is followed at once, and not before', async (t) => {
    const client = await openApi(t, { $default: twoWay(mock('default')) });
    await addRoute(gateway.clients, client.api.apiId, 'later', twoWay(mock('later')));
    assert.equal(await ask(client, '{"action":"later"}'), 'default');
    await deploy(client.api);
    assert.equal(await ask(client, '{"action":"later"}'), 'later');
  });

  test('a route that got another key is followed at once', async (t) => {
    const client = await openApi(t, { echo: twoWay(mock('the route')), $default: twoWay(mock('default')) });
    assert.equal(await ask(client, '{"action":"echo"}'), 'the route');
    const ApiId = client.api.apiId;
    const { Items } = await gateway.clients.gateway.send(new GetRoutesCommand({ ApiId }));
    const { RouteId } = Items!.find(({ RouteKey }) => RouteKey === 'echo')!;
    await gateway.clients.gateway.send(new DeleteRouteCommand({ ApiId, RouteId }));
    await addRoute(gateway.clients, ApiId, 'changed', twoWay(mock('the route')));
    assert.equal(await ask(client, '{"action":"echo"}'), 'the route');
    await deploy(client.api);
    assert.equal(await ask(client, '{"action":"echo"}'), 'default');
    assert.equal(await ask(client, '{"action":"changed"}'), 'the route');
  });

  test('a RouteResponse that is not deployed is silence; with the next deployment the same socket gets replies', async (t) => {
    const api = await makeApi(gateway.clients, { ping: twoWay(mock('pong')) });
    const RouteId = await addRoute(gateway.clients, api.apiId, 'quiet', { target: mock('no longer quiet') });
    await deploy(api);
    const client = await open(t, api);
    await gateway.clients.gateway.send(
      new CreateRouteResponseCommand({ ApiId: api.apiId, RouteId, RouteResponseKey: '$default' }),
    );
    client.socket.send('{"action":"quiet"}');
    assert.equal(await ask(client, '{"action":"ping"}'), 'pong');
    await deploy(api);
    assert.equal(await ask(client, '{"action":"quiet"}'), 'no longer quiet');
  });

  test('a stage set back to an older deployment is followed at once', async (t) => {
    const client = await openApi(t, { $default: twoWay(mock('default')) });
    const ids = { ApiId: client.api.apiId, StageName: client.api.stage };
    const { DeploymentId } = await gateway.clients.gateway.send(new GetStageCommand(ids));
    await addRoute(gateway.clients, client.api.apiId, 'later', twoWay(mock('later')));
    await deploy(client.api);
    assert.equal(await ask(client, '{"action":"later"}'), 'later');
    await gateway.clients.gateway.send(new UpdateStageCommand({ ...ids, DeploymentId }));
    assert.equal(await ask(client, '{"action":"later"}'), 'default');
  });
});

describe('what must not end the server', () => {
  /** What comes next on the socket: a message, or its end. */
  function nextOf(client: TestSocket): Promise<string> {
    return Promise.race([client.receive(), client.closed.then(({ code }) => `closed ${code}`)]);
  }

  for (const [name, before, behind] of [
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ] as const) {
    test(`a message of ${name} that are nested as deeply as a frame allows`, async (t) => {
      const client = await openApi(t, { $default: twoWay(mock('still here')) });
      const depth = Math.floor((FRAME_MAX - 32) / (before.length + behind.length));
      client.socket.send(`{"action":${before.repeat(depth)}1${behind.repeat(depth)}}`);
      assert.equal(await nextOf(client), 'still here');
    });
  }

  for (const name of ['Expect', 'Keep-Alive', 'TE', 'Trailer', 'Proxy-Connection']) {
    test(`a mapped ${name} header, which belongs to the connection`, async (t) => {
      const target = proxy('/hop', { RequestParameters: { [`integration.request.header.${name}`]: "'100-continue'" } });
      // Refusing such a mapping when it is made is as good as an answer, or an error frame, when it is used.
      const made = await makeApi(gateway.clients, { hop: twoWay(target), $default: twoWay(mock('still here')) }).catch(
        (error: Error) => error,
      );
      if (made instanceof Error) return assert.equal(made.name, 'BadRequestException');
      const client = await open(t, made);
      client.socket.send('{"action":"hop"}');
      assert.match(await nextOf(client), /^answer of \/hop$|^\{"message": "Internal server error"/);
      assert.equal(await ask(client, 'x'), 'still here');
    });
  }
});
