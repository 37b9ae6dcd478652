// A handshake from its first byte to the 101 or the refusal: what the client reads, what the backend is asked, and what the log
// says. Handshakes go over raw TLS sockets, so that every header counts.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import {
  CreateApiCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetApiCommand,
} from '@aws-sdk/client-apigatewayv2';
import { WAIT_MS, eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, type RouteOptions, type Target } from '../harness/sockets.ts';

const HUGE_BYTES = 11 * 1_048_576;
const JSON_DENIAL = '{"marker": "no",  "spaces":"kept"}';
const STATUS_BODY = 'words of the backend';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly rawHeaders: readonly string[];
}

type Api = Awaited<ReturnType<typeof makeApi>>;

/** What the backend was asked, in order. */
const seen: Seen[] = [];
/** Requests under /hold/… wait here. */
const held = new Map<string, ServerResponse>();

/** Behaviours by the first segment of the path. */
const BEHAVIOURS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse, rest: string) => void>> =
  {
    status: (_, response, status) =>
      response.writeHead(Number(status), { 'content-type': 'text/plain' }).end(STATUS_BODY),
    empty: (_, response, status) => response.writeHead(Number(status)).end(),
    deny: (_, response) =>
      response.writeHead(403, { 'Content-Type': 'application/json', 'X-Secret': 'inner' }).end(JSON_DENIAL),
    bytes: (_, response) =>
      response.writeHead(401, { 'content-type': 'application/octet-stream' }).end(Buffer.from([0, 255, 1])),
    latin: (_, response) => response.writeHead(400, { 'content-type': 'text/html; charset=ISO-8859-1' }).end('<p>no'),
    redirect: (_, response) => response.writeHead(302, { location: `${backendUrl}/status/200` }).end(),
    subprotocol: (_, response, name) =>
      response.writeHead(200, { 'SEC-websocket-PROTOCOL': name, 'x-other': 'inner' }).end(),
    hold: (_, response, name) => void held.set(name, response),
    reset: (request) => request.socket.resetAndDestroy(),
    'half-close': (request) => request.socket.end(),
    junk: (request) => request.socket.end('this is not HTTP\r\n\r\n'),
    short: (request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('ten bytes.', () => request.socket.destroy());
    },
    huge: (_, response) => response.writeHead(200).end(Buffer.alloc(HUGE_BYTES)),
  };

const backend = createServer((request, response) => {
  const url = new URL(request.url!, backendUrl);
  const { method = '', headers, rawHeaders } = request;
  seen.push({ method, path: url.pathname, query: url.searchParams, headers, rawHeaders });
  const [, behaviour = '', rest = ''] = url.pathname.split('/');
  const answer = BEHAVIOURS[behaviour];
  if (answer) answer(request, response, rest);
  else response.writeHead(200).end();
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

/** An API whose $connect and $disconnect go to the backend: the one as told, the other to `/gone/{name}`. */
function connectApi(name: string, target: Target, routes: Readonly<Record<string, RouteOptions>> = {}): Promise<Api> {
  const requestParameters = { 'integration.request.header.x-connection-id': 'context.connectionId' };
  const gone = proxy(`/gone/${name}`, { RequestParameters: requestParameters });
  return makeApi(gateway.clients, { $connect: { target }, $disconnect: { target: gone }, ...routes });
}

function goneOf(name: string): Seen[] {
  return seen.filter(({ path }) => path === `/gone/${name}`);
}

/** A whole connection to an API of its own, up to its $disconnect: what was under way before it has come through by then. */
async function passOneConnection(): Promise<void> {
  const name = randomBytes(6).toString('hex');
  const api = await connectApi(name, proxy('/status/200'));
  const { socket } = await openSocket(gateway, urlOf(api));
  socket.close();
  await eventually('the $disconnect of the last connection came', () => goneOf(name)[0]);
}

interface RawAnswer {
  readonly statusLine: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names as sent, sorted. */
  readonly names: readonly string[];
  readonly body: Buffer;
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

interface RawRequest {
  readonly method?: string;
  readonly host?: string;
  /** Header lines that replace those of a proper handshake of the same name; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Further lines, as they are. */
  readonly lines?: readonly string[];
}

function rawTls(tcp = connectTcp({ host: '127.0.0.1', port: gateway.tlsPort })): TLSSocket {
  const socket = connectTls({ socket: tcp, servername: 'localhost', ca: gateway.ca, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => {});
  return socket;
}

function requestText(
  target: string,
  { method = 'GET', host = `localhost:${gateway.tlsPort}`, headers = {}, lines = [] }: RawRequest,
): string {
  const all: Record<string, string | undefined> = {
    Host: host,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...headers,
  };
  const written = Object.entries(all).filter(([, value]) => value !== undefined);
  return [
    `${method} ${target} HTTP/1.1`,
    ...written.map(([name, value]) => `${name}: ${value}`),
    ...lines,
    '',
    '',
  ].join('\r\n');
}

/** Sends a handshake over TLS and reads the answer, byte for byte; the socket is ended after a 101. */
async function handshake(target: string, request: RawRequest = {}): Promise<RawAnswer> {
  const socket = rawTls();
  const chunks: Buffer[] = [];
  const answered = new Promise<RawAnswer>((resolve, reject) => {
    const look = (isEnd: boolean) => {
      const all = Buffer.concat(chunks);
      const headEnd = all.indexOf('\r\n\r\n');
      if (headEnd < 0) return isEnd && reject(new Error(`no answer but '${all.toString().slice(0, 200)}'`));
      const [statusLine = '', ...lines] = all.subarray(0, headEnd).toString('latin1').split('\r\n');
      const pairs = lines.map(
        (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
      );
      const headers = Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
      const status = Number(statusLine.split(' ')[1]);
      const body = all.subarray(headEnd + 4);
      const isWhole = status === 101 || body.length >= Number(headers['content-length'] ?? Infinity);
      if (isWhole || isEnd) resolve({ statusLine, status, headers, body, names: pairs.map(([name]) => name).sort() });
    };
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      look(false);
    });
    socket.on('close', () => look(true));
    setTimeout(() => reject(new Error(`no answer to ${target.slice(0, 100)}`)), WAIT_MS).unref();
  });
  socket.write(requestText(target, request));
  try {
    return await answered;
  } finally {
    socket.destroy();
  }
}

/** The default endpoint, by a name that our DNS knows. */
function urlOf({ apiId, stage }: Api): string {
  return `wss://${apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${stage}`;
}

function targetOf({ apiId, stage }: Api): string {
  return `/_aws/execute-api/${apiId}/${stage}`;
}

/** The line in which the gateway says that it refused this request. */
function refusalOf(requestId: string | undefined): Promise<Record<string, unknown>> {
  return eventually(`the refusal ${requestId} was logged`, () =>
    gateway.logged().find((line) => line['message'] === 'refused' && line['requestId'] === requestId),
  );
}

/** Asserts the body form of refusals that know the connection, and gives its request id. */
function assertNamedBody(answer: RawAnswer, message: string): string {
  const text = answer.body.toString();
  const [, connectionId, requestId] =
    /^\{"message": ".*", "connectionId":"([A-Za-z0-9_-]{18}==)", "requestId":"([^"]+)"\}$/.exec(text) ?? [];
  assert.equal(text, `{"message": "${message}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
  assert.equal(answer.headers['content-type'], 'application/json; charset=UTF-8');
  assert.equal(answer.headers['x-amz-apigw-id'], requestId);
  assert.equal(answer.headers['x-amzn-errortype'], undefined);
  return requestId!;
}

describe('a handshake that is accepted', () => {
  test('without a $connect route it gets 101 with four headers and no more, though it offered permessage-deflate', async () => {
    const api = await makeApi(gateway.clients, { $default: { target: mock('x') } });
    const offer = {
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Protocol': 'chat',
    };
    const answer = await handshake(targetOf(api), { headers: offer });
    assert.equal(answer.statusLine, 'HTTP/1.1 101 Switching Protocols');
    assert.deepEqual(
      answer.names.map((name) => name.toLowerCase()),
      ['connection', 'date', 'sec-websocket-accept', 'upgrade'].sort(),
    );
    assert.equal(answer.headers['connection']?.toLowerCase(), 'upgrade');
    assert.equal(answer.headers['upgrade']?.toLowerCase(), 'websocket');
    const expected = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    assert.equal(answer.headers['sec-websocket-accept'], expected);
    const date = answer.headers['date']!;
    assert.equal(new Date(date).toUTCString(), date, 'Date is an HTTP date');
  });

  const forms: readonly [name: string, target: (api: Api) => string, request: (api: Api) => RawRequest][] = [
    [
      'the default endpoint',
      ({ stage }) => `/${stage}`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.${REGION}.localhost` }),
    ],
    [
      'with a slash behind the stage',
      ({ stage }) => `/${stage}/`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.${REGION}.localhost` }),
    ],
    [
      'with a query',
      ({ stage }) => `/${stage}?a=b&c`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.${REGION}.localhost` }),
    ],
    [
      'with a port',
      ({ stage }) => `/${stage}`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.${REGION}.localhost:8443` }),
    ],
    [
      'in upper case',
      ({ stage }) => `/${stage}`,
      ({ apiId }) => ({ host: `${apiId}.EXECUTE-API.${REGION}.LOCALHOST`.toUpperCase() }),
    ],
    [
      'with a dot at the end',
      ({ stage }) => `/${stage}`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.${REGION}.localhost.` }),
    ],
    ['the path form', targetOf, () => ({})],
    ['the path form on an address', targetOf, () => ({ host: '127.0.0.1:8443' })],
    [
      'Upgrade in other letters',
      targetOf,
      () => ({ headers: { Upgrade: 'WebSocket', Connection: 'keep-alive, upgrade' } }),
    ],
  ];
  for (const [name, target, request] of forms) {
    test(`${name} leads to the stage`, async () => {
      const api = await connectApi('forms', proxy('/status/200'));
      const answer = await handshake(target(api), request(api));
      assert.equal(answer.status, 101, answer.body.toString());
    });
  }

  test('the endpoint that CreateApi told resolves by our DNS, and talks', async () => {
    const api = await makeApi(gateway.clients, { $default: { target: mock('hello'), isTwoWay: true } });
    const { ApiEndpoint } = await gateway.clients.gateway.send(new GetApiCommand({ ApiId: api.apiId }));
    const client = await openSocket(gateway, `${ApiEndpoint}/${api.stage}`);
    assert.equal(await ask(client, 'hi'), 'hello');
    client.socket.terminate();
  });

  test('a $connect route without a target is accepted straight away', async () => {
    const api = await makeApi(gateway.clients, { $connect: {} });
    assert.equal((await handshake(targetOf(api))).status, 101);
  });

  test('a MOCK that yields 200 accepts', async () => {
    const api = await makeApi(gateway.clients, { $connect: { target: mock('ignored') } });
    const answer = await handshake(targetOf(api));
    assert.equal(answer.status, 101);
    assert.equal(answer.body.length, 0, 'its text goes nowhere');
  });

  for (const status of [200, 201, 204, 299]) {
    test(`the backend’s ${status} accepts, and its headers and body stay behind`, async () => {
      const api = await connectApi('accepts', proxy(`/empty/${status}`));
      const answer = await handshake(targetOf(api));
      assert.equal(answer.status, 101);
      assert.equal(answer.names.length, 4, answer.names.join(' '));
    });
  }

  test('a subprotocol is chosen by the backend alone, in any spelling of the header', async () => {
    const api = await connectApi('subprotocol', proxy('/subprotocol/chat.v2'));
    const answer = await handshake(targetOf(api), { headers: { 'Sec-WebSocket-Protocol': 'chat.v1, chat.v2' } });
    assert.equal(answer.headers['sec-websocket-protocol'], 'chat.v2');
    assert.equal(answer.names.length, 5, answer.names.join(' '));
  });

  test('the chosen subprotocol is what an ordinary client sees', async () => {
    const api = await connectApi('subprotocol', proxy('/subprotocol/chat.v2'));
    const { socket } = await openSocket(gateway, urlOf(api), {}, ['chat.v1', 'chat.v2']);
    assert.equal(socket.protocol, 'chat.v2');
    socket.terminate();
  });

  test('none is chosen when the backend returned none', async () => {
    const api = await connectApi('no-subprotocol', proxy('/status/200'));
    const answer = await handshake(targetOf(api), { headers: { 'Sec-WebSocket-Protocol': 'chat.v1, chat.v2' } });
    assert.equal(answer.status, 101);
    assert.equal(answer.headers['sec-websocket-protocol'], undefined);
  });

  test('none is chosen when the client asked for none', async () => {
    const api = await connectApi('unasked', proxy('/subprotocol/chat.v2'));
    const answer = await handshake(targetOf(api));
    assert.equal(answer.status, 101);
    assert.equal(answer.headers['sec-websocket-protocol'], undefined);
  });

  test('a first frame sent with the handshake is not lost', async () => {
    const api = await connectApi('eager', proxy('/hold/eager'), {
      $default: { target: mock('early reply'), isTwoWay: true },
    });
    const socket = rawTls();
    // An empty masked text frame, before the backend has even been asked.
    socket.write(Buffer.concat([Buffer.from(requestText(targetOf(api), {})), Buffer.from([0x81, 0x80, 0, 0, 0, 0])]));
    (await eventually('the backend was asked', () => held.get('eager'))).end();
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    await eventually('the reply came', () => received.endsWith('early reply') || undefined);
    socket.destroy();
  });
});

describe('what the backend is told of a handshake', () => {
  test('the client’s headers in their own letters, without those of its WebSocket and its connection', async () => {
    const api = await connectApi('headers', proxy('/headers'));
    const from = seen.length;
    const answer = await handshake(targetOf(api), {
      headers: {
        'Sec-WebSocket-Extensions': 'permessage-deflate',
        'Sec-WebSocket-Protocol': 'a, b',
        'X-CamelCase': 'Kept',
        Cookie: 'session=1',
        Origin: 'https://app.example.com',
        Authorization: 'Bearer token',
        'User-Agent': 'my-client/1',
        'X-Forwarded-For': '198.51.100.1',
        'X-Forwarded-Proto': 'http',
        'Keep-Alive': 'timeout=5',
        TE: 'trailers',
      },
      lines: ['X-Twice: one', 'X-Twice: two'],
    });
    assert.equal(answer.status, 101);
    const [call] = seen.slice(from);
    const { host, connection, ...headers } = call!.headers;
    assert.equal(host, new URL(backendUrl).host);
    assert.equal(connection, 'keep-alive');
    assert.match(String(headers['x-amzn-trace-id']), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    delete headers['x-amzn-trace-id'];
    assert.deepEqual(headers, {
      accept: 'application/json',
      authorization: 'Bearer token',
      'content-length': '0',
      cookie: 'session=1',
      origin: 'https://app.example.com',
      'sec-websocket-protocol': 'a, b',
      'user-agent': 'my-client/1',
      'x-amzn-apigateway-api-id': api.apiId,
      'x-camelcase': 'Kept',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      'x-twice': 'one, two',
    });
    assert.ok(call!.rawHeaders.includes('X-CamelCase'), 'letters are kept');
  });

  test('who the gateway is, when the client does not say who it is', async () => {
    const api = await connectApi('agent', proxy('/agent'));
    const from = seen.length;
    await handshake(targetOf(api));
    assert.equal(seen[from]!.headers['user-agent'], `AmazonAPIGateway_${api.apiId}`);
  });

  test('the API’s id, whatever the client claims it to be', async () => {
    const api = await connectApi('claims', proxy('/claims'));
    const from = seen.length;
    await handshake(targetOf(api), { headers: { 'X-Amzn-ApiGateway-Api-Id': 'other' } });
    assert.equal(seen[from]!.headers['x-amzn-apigateway-api-id'], api.apiId);
  });

  test('what the mappings say: context, query, headers and text, over the client’s own header', async () => {
    const mappings = {
      'integration.request.header.x-event': 'context.eventType',
      'integration.request.header.x-route': 'context.routeKey',
      'integration.request.header.x-connection-id': 'context.connectionId',
      'integration.request.header.x-domain': 'context.domainName',
      'integration.request.header.x-agent': 'context.identity.userAgent',
      'integration.request.header.x-message-id': 'context.messageId',
      'integration.request.header.x-room': 'route.request.querystring.room',
      'integration.request.header.x-rooms': 'route.request.multivaluequerystring.room',
      'integration.request.header.X-Tenant': "'fixed'",
      'integration.request.header.x-missing': 'route.request.header.Not-There',
      'integration.request.querystring.from': 'route.request.header.X-Who',
      'integration.request.path.who': 'route.request.header.X-Who',
    };
    const api = await connectApi(
      'mapped',
      proxy('/mapped/{who}?fixed=1', { IntegrationMethod: 'GET', RequestParameters: mappings }),
    );
    const from = seen.length;
    const answer = await handshake(`${targetOf(api)}?room=a%20b&room=c`, {
      headers: { 'X-Who': 'a/b c', 'x-tenant': 'forged', 'X-Connection-Id': 'forged', 'User-Agent': 'ua' },
    });
    assert.equal(answer.status, 101);
    const { method, path, query, headers } = seen[from]!;
    assert.deepEqual(
      [method, path, [...query]],
      [
        'GET',
        '/mapped/a%2Fb%20c',
        [
          ['fixed', '1'],
          ['from', 'a/b c'],
        ],
      ],
    );
    const told = (name: string) => headers[name];
    assert.deepEqual(['x-event', 'x-route', 'x-domain', 'x-agent'].map(told), [
      'CONNECT',
      '$connect',
      `localhost:${gateway.tlsPort}`,
      'ua',
    ]);
    assert.deepEqual(['x-room', 'x-rooms', 'x-tenant'].map(told), ['c', 'a b,c', 'fixed']);
    assert.deepEqual(['x-missing', 'x-message-id', 'content-length'].map(told), [undefined, undefined, undefined]);
    assert.match(String(told('x-connection-id')), /^[A-Za-z0-9_-]{18}==$/);
  });
});

describe('a handshake that the backend refuses', () => {
  test('gets the backend’s status and body, its content type with a charset, x-amz-apigw-id, and no $disconnect', async () => {
    const api = await connectApi('denied', proxy('/deny'));
    const answer = await handshake(targetOf(api));
    assert.equal(answer.statusLine, 'HTTP/1.1 403 Forbidden');
    assert.equal(answer.body.toString(), JSON_DENIAL);
    assert.equal(answer.headers['content-type'], 'application/json; charset=UTF-8');
    assert.equal(answer.headers['content-length'], String(JSON_DENIAL.length));
    const line = await refusalOf(answer.headers['x-amz-apigw-id']);
    assert.deepEqual([line['step'], line['code']], ['admit', 'IntegrationRefused']);
    const names = answer.names.map((name) => name.toLowerCase());
    assert.deepEqual(names, ['connection', 'content-length', 'content-type', 'date', 'x-amz-apigw-id']);
    await passOneConnection();
    assert.deepEqual(goneOf('denied'), []);
  });

  for (const status of [300, 301, 400, 401, 404, 429, 500, 501, 503]) {
    test(`its ${status} goes to the client with its body`, async () => {
      const api = await connectApi('statuses', proxy(`/status/${status}`));
      const answer = await handshake(targetOf(api));
      assert.deepEqual([answer.status, answer.body.toString()], [status, STATUS_BODY]);
      assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    });
  }

  test('bytes that are no text go as they are', async () => {
    const api = await connectApi('bytes', proxy('/bytes'));
    const answer = await handshake(targetOf(api));
    assert.deepEqual([answer.status, [...answer.body]], [401, [0, 255, 1]]);
    assert.equal(answer.headers['content-type'], 'application/octet-stream');
  });

  test('a charset of the backend’s own is kept', async () => {
    const api = await connectApi('latin', proxy('/latin'));
    assert.equal((await handshake(targetOf(api))).headers['content-type'], 'text/html; charset=ISO-8859-1');
  });

  test('a redirect is an answer like others, and is not followed', async () => {
    const api = await connectApi('redirected', proxy('/redirect'));
    const from = seen.length;
    assert.equal((await handshake(targetOf(api))).status, 302);
    assert.deepEqual(
      seen.slice(from).map(({ path }) => path),
      ['/redirect'],
    );
  });

  test('a MOCK that yields 403 refuses with its text', async () => {
    const target = { ...mock('go away'), RequestTemplates: { $default: '{"statusCode": 403}' } };
    const answer = await handshake(targetOf(await makeApi(gateway.clients, { $connect: { target } })));
    assert.deepEqual([answer.status, answer.body.toString()], [403, 'go away']);
  });
});

describe('a handshake whose backend fails', () => {
  const failures: readonly [name: string, path: string][] = [
    ['resets the connection', '/reset'],
    ['closes without an answer', '/half-close'],
    ['breaks off within the body', '/short'],
    ['does not speak HTTP', '/junk'],
    ['answers with more than 10 MiB', '/huge'],
  ];
  for (const [name, path] of failures) {
    test(`502 when it ${name}, asked once, and no $disconnect`, async () => {
      const label = `failed-${path.slice(1)}`;
      const api = await connectApi(label, proxy(path));
      const from = seen.length;
      const answer = await handshake(targetOf(api));
      assert.equal(answer.statusLine, 'HTTP/1.1 502 Bad Gateway');
      const line = await refusalOf(assertNamedBody(answer, 'Internal server error'));
      assert.deepEqual([line['step'], line['code']], ['integrate', 'IntegrationFailure']);
      await passOneConnection();
      assert.deepEqual(goneOf(label), []);
      assert.equal(seen.slice(from).filter((call) => call.path === path).length, 1, 'nothing is tried again');
    });
  }

  test('502 when nothing listens there', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const api = await makeApi(gateway.clients, {
      $connect: { target: proxy('', { IntegrationUri: `http://127.0.0.1:${port}/` }) },
    });
    const answer = await handshake(targetOf(api));
    assert.equal(answer.status, 502);
    assertNamedBody(answer, 'Internal server error');
  });

  test('504 when it does not answer in time', async () => {
    const api = await connectApi('late', proxy('/hold/late', { TimeoutInMillis: 50 }));
    const answer = await handshake(targetOf(api));
    assert.equal(answer.statusLine, 'HTTP/1.1 504 Gateway Timeout');
    const line = await refusalOf(assertNamedBody(answer, 'Endpoint request timed out'));
    assert.deepEqual([line['step'], line['code']], ['integrate', 'IntegrationTimeout']);
    await passOneConnection();
    assert.deepEqual(goneOf('late'), []);
  });

  test('500 when a MOCK has no response for its status', async () => {
    const target: Target = { IntegrationType: 'MOCK', RequestTemplates: { $default: '{"statusCode": 200}' } };
    const answer = await handshake(targetOf(await makeApi(gateway.clients, { $connect: { target } })));
    assert.equal(answer.status, 500);
    assertNamedBody(answer, 'Internal server error');
  });

  test('never tells the client where the backend is', async () => {
    const api = await connectApi('secret', proxy('/reset'));
    const { body, headers } = await handshake(targetOf(api));
    const { port } = new URL(backendUrl);
    assert.ok(!`${body.toString()}${JSON.stringify(headers)}`.includes(port));
  });
});

describe('required request parameters', () => {
  const required: [string, boolean][] = [
    ['route.request.header.X-Tenant', true],
    ['route.request.querystring.room', true],
    ['route.request.header.X-Optional', false],
  ];

  /** A $connect route with parameters, and who was told of its handshakes. */
  async function withRequired(): Promise<Api> {
    const { gateway: client } = gateway.clients;
    const api = await makeApi(gateway.clients, { $default: {} });
    const { apiId } = api;
    const { IntegrationId } = await client.send(new CreateIntegrationCommand({ ...proxy('/required'), ApiId: apiId }));
    const RequestParameters = Object.fromEntries(required.map(([name, Required]) => [name, { Required }]));
    const Target = `integrations/${IntegrationId}`;
    await client.send(new CreateRouteCommand({ ApiId: apiId, RouteKey: '$connect', Target, RequestParameters }));
    await client.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: api.stage }));
    return api;
  }

  const rows: readonly [name: string, query: string, headers: Record<string, string>, missing: string | undefined][] = [
    ['all are there', '?room=1', { 'X-Tenant': 't' }, undefined],
    ['in other letters', '?room=1', { 'x-tenant': 't' }, undefined],
    ['the header is missing', '?room=1', {}, 'X-Tenant'],
    ['the query parameter is missing', '?other=1', { 'X-Tenant': 't' }, 'room'],
    ['a query parameter knows upper from lower case', '?Room=1', { 'X-Tenant': 't' }, 'room'],
    ['both are missing', '', {}, 'X-Tenant, room'],
  ];
  for (const [name, query, headers, missing] of rows) {
    test(`${name}: ${missing === undefined ? '101' : '400, and the backend is not asked'}`, async () => {
      const api = await withRequired();
      const from = seen.length;
      const answer = await handshake(`${targetOf(api)}${query}`, { headers });
      const asked = seen.slice(from).map(({ path }) => path);
      if (missing === undefined) return assert.deepEqual([answer.status, asked], [101, ['/required']]);
      assert.deepEqual([answer.status, asked], [400, []]);
      const line = await refusalOf(assertNamedBody(answer, `Missing required request parameters: [${missing}]`));
      assert.equal(line['step'], 'admit');
    });
  }
});

describe('a handshake that leads nowhere', () => {
  async function assertForbidden(target: string, request: RawRequest = {}): Promise<void> {
    const answer = await handshake(target, request);
    assert.equal(answer.statusLine, 'HTTP/1.1 403 Forbidden');
    assert.equal(answer.body.toString(), '{"message":"Forbidden"}');
    assert.equal(answer.headers['x-amzn-errortype'], 'ForbiddenException');
    assert.equal(answer.headers['content-type'], 'application/json');
    const line = await refusalOf(answer.headers['x-amzn-requestid']);
    assert.deepEqual([line['step'], line['code']], ['resolve', 'Forbidden']);
  }

  const rows: readonly [name: string, target: (api: Api) => string, request?: (api: Api) => RawRequest][] = [
    ['an unknown host', ({ stage }) => `/${stage}`, () => ({ host: 'nobody.example.com' })],
    ['an unknown API', ({ stage }) => `/_aws/execute-api/zzzzzzzzzz/${stage}`],
    [
      'another region',
      ({ stage }) => `/${stage}`,
      ({ apiId }) => ({ host: `${apiId}.execute-api.eu-west-1.localhost` }),
    ],
    ['an unknown stage', ({ apiId }) => `/_aws/execute-api/${apiId}/none`],
    ['a stage in other letters', ({ apiId, stage }) => `/_aws/execute-api/${apiId}/${stage.toUpperCase()}`],
    ['no stage', ({ apiId }) => `/_aws/execute-api/${apiId}`],
    ['a path behind the stage', (api) => `${targetOf(api)}/room/1`],
    ['a second slash behind the stage', (api) => `${targetOf(api)}//`],
    ['a path that is no UTF-8', (api) => `${targetOf(api)}%ff`],
    ['the root', () => '/'],
  ];
  for (const [name, target, request] of rows) {
    test(`${name}: 403, and the backend is not asked`, async () => {
      const api = await connectApi('nowhere', proxy('/nowhere'));
      const from = seen.length;
      await assertForbidden(target(api), request?.(api));
      assert.deepEqual(seen.slice(from), []);
    });
  }

  test('a stage without a deployment: 403', async () => {
    const { gateway: client } = gateway.clients;
    const api = await client.send(
      new CreateApiCommand({ Name: 'x', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
    );
    await client.send(new CreateStageCommand({ ApiId: api.ApiId, StageName: 'empty' }));
    await assertForbidden(`/_aws/execute-api/${api.ApiId}/empty`);
  });

  test('an ordinary client is told 403 as well', async () => {
    const api = await makeApi(gateway.clients, { $default: {} });
    const refused = openSocket(gateway, urlOf({ ...api, stage: 'none' }));
    await assert.rejects(refused, { name: 'Error', status: 403, body: '{"message":"Forbidden"}' });
  });

  const plain: readonly [name: string, request: RawRequest][] = [
    ['a plain GET', { headers: { Connection: 'keep-alive', Upgrade: undefined } }],
    [
      'a plain POST',
      { method: 'POST', headers: { Connection: 'keep-alive', Upgrade: undefined, 'Content-Length': '0' } },
    ],
    ['an upgrade to something else', { headers: { Upgrade: 'h2c' } }],
    ['Connection without Upgrade', { headers: { Connection: 'keep-alive' } }],
  ];
  for (const [name, request] of plain) {
    test(`${name} on the URL of a socket: 403, and the backend is not asked`, async () => {
      const api = await connectApi('plain', proxy('/plain'));
      const from = seen.length;
      const answer = await handshake(targetOf(api), request);
      assert.deepEqual([answer.status, answer.body.toString()], [403, '{"message":"Forbidden"}']);
      assert.deepEqual(seen.slice(from), []);
    });
  }
});

describe('what is no handshake', () => {
  const rows: readonly [name: string, request: RawRequest][] = [
    ['another method', { method: 'POST' }],
    ['version 12', { headers: { 'Sec-WebSocket-Version': '12' } }],
    ['version 8', { headers: { 'Sec-WebSocket-Version': '8' } }],
    ['two versions', { headers: { 'Sec-WebSocket-Version': '13, 8' } }],
    ['no version', { headers: { 'Sec-WebSocket-Version': undefined } }],
    ['no key', { headers: { 'Sec-WebSocket-Key': undefined } }],
    ['a key of 15 bytes', { headers: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') } }],
    ['a key of 17 bytes', { headers: { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') } }],
    ['a key that is no base64', { headers: { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' } }],
    ['a body', { headers: { 'Content-Length': '2' }, lines: ['X-Last: 1', '', '{}'] }],
    ['a chunked body', { headers: { 'Transfer-Encoding': 'chunked' } }],
    ['no Host', { headers: { Host: undefined } }],
    ['two Hosts', { lines: ['Host: other.example.com'] }],
    ['a subprotocol list that is none', { headers: { 'Sec-WebSocket-Protocol': 'a,,b' } }],
    ['a subprotocol twice', { headers: { 'Sec-WebSocket-Protocol': 'a, a' } }],
  ];
  for (const [name, request] of rows) {
    test(`${name}: 400, and the backend is not asked`, async () => {
      const api = await connectApi('improper', proxy('/improper'));
      const from = seen.length;
      const answer = await handshake(targetOf(api), request);
      assert.equal(answer.status, 400);
      await passOneConnection();
      assert.deepEqual(
        seen.slice(from).filter(({ path }) => path === '/improper' || path === '/gone/improper'),
        [],
      );
    });
  }

  test('the answer says what is wrong, and the log which step refused', async () => {
    const api = await makeApi(gateway.clients, { $default: {} });
    const answer = await handshake(targetOf(api), { headers: { 'Sec-WebSocket-Version': '12' } });
    assert.match(answer.body.toString(), /^\{"message":".*Sec-WebSocket-Version.*13.*"\}$/);
    assert.equal(answer.headers['x-amzn-errortype'], 'BadRequestException');
    assert.equal((await refusalOf(answer.headers['x-amzn-requestid']))['step'], 'listen');
  });

  test('a target that is a whole URL: 400', async () => {
    const api = await makeApi(gateway.clients, { $default: {} });
    assert.equal((await handshake(`https://localhost${targetOf(api)}`)).status, 400);
  });

  test('a URL of 4096 bytes is served, one of 4097 is 414, and the backend is not asked', async () => {
    const api = await connectApi('long', proxy('/long'));
    const from = seen.length;
    const url = `${targetOf(api)}?x=`;
    assert.equal((await handshake(url.padEnd(4_096, 'a'))).status, 101);
    const answer = await handshake(url.padEnd(4_097, 'a'));
    assert.equal(answer.status, 414);
    assert.equal((await refusalOf(answer.headers['x-amzn-requestid']))['step'], 'listen');
    assert.equal(seen.slice(from).filter(({ path }) => path === '/long').length, 1);
  });

  test('headers of more than 16 KiB are refused or cut off, and the backend is not asked', async () => {
    const api = await connectApi('wide', proxy('/wide'));
    const answer = handshake(targetOf(api), { headers: { 'X-Long': 'a'.repeat(16_384) } });
    // What the client is still sending may make the answer undeliverable.
    const outcome = await answer.then(
      ({ status }) => status,
      () => 'cut off',
    );
    assert.ok([400, 431, 'cut off'].includes(outcome), String(outcome));
    await passOneConnection();
    assert.ok(!seen.some(({ path }) => path === '/wide'));
  });
});

describe('a client that leaves while its backend is asked', () => {
  const ways: readonly [name: string, leave: (tls: TLSSocket, tcp: Socket) => void][] = [
    ['closing', (tls) => void tls.end()],
    ['reset', (_, tcp) => void tcp.resetAndDestroy()],
  ];
  for (const [name, leave] of ways) {
    test(`${name} leaves no connection behind, no $disconnect follows, and the log says so`, async () => {
      const api = await connectApi(`left-${name}`, proxy(`/hold/left-${name}`));
      const before = await openConnections();
      const tcp = connectTcp({ host: '127.0.0.1', port: gateway.tlsPort });
      const tls = rawTls(tcp);
      tls.write(requestText(targetOf(api), {}));
      const response = await eventually('the backend was asked', () => held.get(`left-${name}`));
      const closed = next(tcp, 'close');
      leave(tls, tcp);
      await closed;
      await passOneConnection();
      response.end();
      await passOneConnection();
      await eventually('no connection is left', async () => ((await openConnections()) === before ? true : undefined));
      assert.deepEqual(goneOf(`left-${name}`), []);
      const told = gateway.logged().filter(({ code, path }) => code === 'ClientLeft' && path === targetOf(api));
      assert.deepEqual([told.length, told[0]?.['reason']], [1, 'the client left while $connect was asked']);
    });
  }

  async function openConnections(): Promise<number> {
    const response = await fetch(`${gateway.endpoint}/_sallyport/ready`);
    return ((await response.json()) as { openConnections: number }).openConnections;
  }
});
