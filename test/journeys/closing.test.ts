// How a connection ends: by the client, by what it sent wrong, by time, by a shutdown. What the client reads in the close frame,
// and that the backend’s $disconnect is called once for it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import {
  ApiGatewayManagementApiClient,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, type RouteOptions, type TestSocket } from '../harness/sockets.ts';

const FRAME_MAX = 32_768;
const MESSAGE_MAX = 131_072;
/** What every connection of these tests says first. */
const WHO = 'who am I?';
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Connection ids that the backend was told are gone, and bodies of messages that it was sent. */
const gone: string[] = [];
const messages: string[] = [];
const backend = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const connectionId = String(request.headers['x-connection-id']);
    const body = Buffer.concat(chunks).toString();
    if (request.url === '/gone') gone.push(connectionId);
    if (request.url === '/message') messages.push(body);
    response.end(request.url === '/message' ? `${connectionId} ${Buffer.byteLength(body)}` : '');
  });
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
after(() => {
  backend.closeAllConnections();
  backend.close();
});
const gateway = await startTestGateway({ after }, ['--clock', 'movable']);

function proxy(path: string): RouteOptions {
  const IntegrationUri = `http://127.0.0.1:${(backend.address() as AddressInfo).port}${path}`;
  const RequestParameters = { 'integration.request.header.x-connection-id': 'context.connectionId' };
  return {
    target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri, RequestParameters },
    isTwoWay: path === '/message',
  };
}

const ROUTES = {
  $disconnect: proxy('/gone'),
  $default: proxy('/message'),
  big: { target: mock('b'.repeat(MESSAGE_MAX)), isTwoWay: true },
} satisfies Record<string, RouteOptions>;

interface Open extends TestSocket {
  readonly connectionId: string;
  /** The TLS connection below the WebSocket. */
  readonly tls: Socket;
}

const api = await makeApi(gateway.clients, ROUTES);

async function open({ apiId, stage } = api, on: TestGateway = gateway): Promise<Open> {
  const client = await openSocket(on, `wss://${apiId}.execute-api.${REGION}.localhost:${on.tlsPort}/${stage}`);
  const [connectionId = ''] = (await ask(client, WHO)).split(' ');
  return { ...client, connectionId, tls: (client.socket as unknown as { _socket: Socket })._socket };
}

/** Messages that the backend was sent since there were so many, but for those that only ask for an id. */
function toldSince(count: number): string[] {
  return messages.slice(count).filter((text) => text !== WHO);
}

/** Waits until the backend was told of the end, and then that it was told once. */
async function assertGoneOnce({ connectionId }: Open): Promise<void> {
  await eventually(`$disconnect of ${connectionId} came`, () => gone.includes(connectionId) || undefined);
  const later = await open();
  later.socket.close();
  await eventually('$disconnect of a later connection came', () => gone.includes(later.connectionId) || undefined);
  assert.equal(gone.filter((one) => one === connectionId).length, 1);
}

/** A frame of the client, with any bits, masked with zeros unless told otherwise. */
function frame(firstByte: number, payload: Buffer, isMasked = true): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const head =
    payload.length < 126
      ? [firstByte, mask | payload.length]
      : [firstByte, mask | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), Buffer.alloc(isMasked ? 4 : 0), payload]);
}

/** What the gateway logged when it closed for what the client sent. */
function refusalOf({ connectionId }: Open): Promise<Record<string, unknown>> {
  return eventually(`a refusal of ${connectionId} was logged`, () =>
    gateway.logged().find((line) => line['message'] === 'refused' && line['connectionId'] === connectionId),
  );
}

function managementClient(endpoint: string, config: object = {}): ApiGatewayManagementApiClient {
  const httpsAgent = new Agent({ ca: gateway.ca, lookup: gateway.lookup });
  return new ApiGatewayManagementApiClient({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    requestHandler: { httpsAgent },
    ...config,
  });
}

const callbacks = managementClient(
  `https://${api.apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/${api.stage}`,
);

describe('the client closes', () => {
  const rows: readonly [code: number, reason: string][] = [
    [1000, 'bye'],
    [1000, ''],
    [1001, 'tab closed'],
    [1011, 'client broke'],
    [3000, 'registered'],
    [4000, 'own'],
    [4999, 'größer 😀'],
    [4001, 'r'.repeat(123)],
  ];
  for (const [code, reason] of rows) {
    test(`with ${code} '${reason.slice(0, 20)}': the same comes back, and $disconnect is called once`, async () => {
      const client = await open();
      client.socket.close(code, reason);
      assert.deepEqual(await client.closed, { code, reason });
      await assertGoneOnce(client);
    });
  }

  test('without a code: an empty close comes back, and $disconnect is called once', async () => {
    const client = await open();
    client.socket.close();
    assert.deepEqual(await client.closed, { code: 1005, reason: '' });
    await assertGoneOnce(client);
  });

  test('by dropping the connection: $disconnect is called once', async () => {
    const client = await open();
    client.socket.terminate();
    await assertGoneOnce(client);
  });

  test('by a reset: $disconnect is called once', async () => {
    const client = await open();
    client.tls.destroy();
    await assertGoneOnce(client);
  });

  test('right behind a message: the message still runs', async () => {
    const client = await open();
    const text = `last words of ${client.connectionId}`;
    client.socket.send(text);
    client.socket.close(1000, 'bye');
    assert.deepEqual(await client.closed, { code: 1000, reason: 'bye' });
    await eventually('the message came to the backend', () => messages.includes(text) || undefined);
  });
});

describe('the client sends what is not taken', () => {
  const binary: readonly [name: string, send: (client: Open) => void][] = [
    ['a binary message', ({ socket }) => socket.send(Buffer.from('{"action":"x"}'))],
    ['an empty binary message', ({ socket }) => socket.send(Buffer.alloc(0))],
    [
      'a binary message in fragments',
      ({ socket }) => {
        socket.send(Buffer.from('a'), { binary: true, fin: false });
        socket.send(Buffer.from('b'), { binary: true, fin: true });
      },
    ],
  ];
  for (const [name, send] of binary) {
    test(`${name}: 1003 'Binary is not supported', no route runs, and $disconnect is called once`, async () => {
      const client = await open();
      const before = messages.length;
      send(client);
      assert.deepEqual(await client.closed, { code: 1003, reason: 'Binary is not supported' });
      assert.equal((await refusalOf(client))['code'], 1003);
      await assertGoneOnce(client);
      assert.deepEqual(toldSince(before), []);
    });
  }

  test('messages behind a binary one do not run', async () => {
    const client = await open();
    const before = messages.length;
    client.socket.send(Buffer.from('x'));
    client.socket.send('too late');
    assert.equal((await client.closed).code, 1003);
    await assertGoneOnce(client);
    assert.deepEqual(toldSince(before), []);
  });

  const fragments =
    (...sizes: number[]) =>
    (client: Open) => {
      sizes.forEach((size, position) =>
        client.socket.send('a'.repeat(size), { binary: false, fin: position === sizes.length - 1 }),
      );
    };
  const sizes: readonly [name: string, send: (client: Open) => void, expected: number | 1009 | 1008][] = [
    ['one frame of 32768 bytes', fragments(FRAME_MAX), FRAME_MAX],
    ['one frame of 32769 bytes', fragments(FRAME_MAX + 1), 1009],
    ['131072 bytes in frames of 32768', fragments(FRAME_MAX, FRAME_MAX, FRAME_MAX, FRAME_MAX), MESSAGE_MAX],
    ['131073 bytes in frames of at most 32768', fragments(FRAME_MAX, FRAME_MAX, FRAME_MAX, FRAME_MAX, 1), 1009],
    ['a first fragment of 32769 bytes', fragments(FRAME_MAX + 1, 1), 1009],
    ['a later fragment of 32769 bytes', fragments(1, FRAME_MAX + 1), 1009],
    ['131072 bytes in one frame', fragments(MESSAGE_MAX), 1009],
    ['a message in 1000 fragments', fragments(...Array.from({ length: 1_000 }, () => 1)), 1_000],
    ['a message in 1025 fragments', fragments(...Array.from({ length: 1_025 }, () => 1)), 1008],
  ];
  for (const [name, send, expected] of sizes) {
    const isAccepted = expected !== 1009 && expected !== 1008;
    test(`${name}: ${isAccepted ? 'one message' : `${expected}, and $disconnect is called once`}`, async () => {
      const client = await open();
      const before = messages.length;
      send(client);
      if (isAccepted) {
        assert.equal(await client.receive(), `${client.connectionId} ${expected}`);
        client.socket.terminate();
      } else {
        assert.equal((await client.closed).code, expected);
        const line = await refusalOf(client);
        assert.deepEqual([line['step'], line['code']], ['listen', expected]);
        await assertGoneOnce(client);
        assert.deepEqual(toldSince(before), []);
      }
    });
  }

  const TEXT = 0x81;
  const raw: readonly [name: string, bytes: readonly Buffer[], code: number][] = [
    ['an unmasked frame', [frame(TEXT, Buffer.from('x'), false)], 1002],
    ['a reserved opcode', [frame(0x83, Buffer.from('x'))], 1002],
    ['a reserved control opcode', [frame(0x8b, Buffer.alloc(0))], 1002],
    ['a compressed frame, which was not agreed', [frame(0xc1, Buffer.from('x'))], 1002],
    ['a reserved bit', [frame(0xa1, Buffer.from('x'))], 1002],
    ['a continuation of nothing', [frame(0x80, Buffer.from('x'))], 1002],
    ['a new message within another', [frame(0x01, Buffer.from('x')), frame(TEXT, Buffer.from('y'))], 1002],
    ['a ping in fragments', [frame(0x09, Buffer.from('x'))], 1002],
    ['a ping of 126 bytes', [frame(0x89, Buffer.alloc(126))], 1002],
    ['a close frame of one byte', [frame(0x88, Buffer.from([3]))], 1002],
    ['a close code that is not for the wire', [frame(0x88, Buffer.from([1005 >> 8, 1005 & 0xff]))], 1002],
    ['a close reason that is no UTF-8', [frame(0x88, Buffer.from([3, 0xe8, 0xff]))], 1007],
    ['text that is no UTF-8', [frame(TEXT, Buffer.from([0x61, 0xff]))], 1007],
    ['text that breaks off within a character', [frame(TEXT, Buffer.from([0xc3]))], 1007],
  ];
  for (const [name, bytes, code] of raw) {
    test(`${name}: ${code}, no route runs, and $disconnect is called once`, async () => {
      const client = await open();
      const before = messages.length;
      client.tls.write(Buffer.concat(bytes));
      assert.equal((await client.closed).code, code);
      const line = await refusalOf(client);
      assert.deepEqual([line['step'], line['code']], ['listen', code]);
      await assertGoneOnce(client);
      assert.deepEqual(toldSince(before), []);
    });
  }

  test('a character of several bytes may be cut between fragments', async () => {
    const client = await open();
    const text = `größer ${client.connectionId}`;
    const bytes = Buffer.from(text);
    const cut = bytes.indexOf(0xc3) + 1;
    client.socket.send(bytes.subarray(0, cut), { binary: false, fin: false });
    client.socket.send(bytes.subarray(cut), { binary: false, fin: true });
    await client.receive();
    assert.ok(messages.includes(text));
    client.socket.terminate();
  });

  test('a ping is answered with its own payload, between the fragments of a message too', async () => {
    const client = await open();
    client.socket.send('one,', { fin: false });
    client.socket.ping('hello');
    const [payload] = await next<[Buffer]>(client.socket, 'pong');
    assert.equal(payload.toString(), 'hello');
    client.socket.send('two', { fin: true });
    await client.receive();
    assert.ok(messages.includes('one,two'));
    client.socket.terminate();
  });

  test('a client that does not read while replies pile up: 1008, and $disconnect is called once', async () => {
    const client = await open();
    client.socket.pause();
    for (let sent = 0; sent < 400; sent += 1) client.socket.send('{"action":"big"}');
    const look = () => callbacks.send(new GetConnectionCommand({ ConnectionId: client.connectionId }));
    await eventually('the gateway gave up on it', () =>
      look().then(
        () => undefined,
        (error: Error) => error.name === 'GoneException' || undefined,
      ),
    );
    client.socket.resume();
    assert.deepEqual(await client.closed, { code: 1008, reason: 'Send queue is full' });
    await assertGoneOnce(client);
  });
});

describe('time passes', () => {
  test('ten minutes without data: 1001 Going away, and $disconnect is called once', async () => {
    const client = await open();
    await gateway.advance('10m');
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Going away' });
    await assertGoneOnce(client);
  });

  const activities: readonly [name: string, act: (client: Open) => Promise<void>][] = [
    ['a message with a reply', async (client) => void (await ask(client, 'still here'))],
    [
      'a ping',
      async ({ socket }) => {
        socket.ping();
        await next(socket, 'pong');
      },
    ],
    [
      'a callback’s POST',
      async (client) => {
        await callbacks.send(new PostToConnectionCommand({ ConnectionId: client.connectionId, Data: 'news' }));
        assert.equal(await client.receive(), 'news');
      },
    ],
  ];
  for (const [name, act] of activities) {
    test(`${name} begins the ten minutes anew`, async () => {
      const client = await open();
      await gateway.advance('9m');
      await act(client);
      await gateway.advance('9m');
      const state = await Promise.race([ask(client, 'open?'), client.closed]);
      assert.equal(state, `${client.connectionId} 5`);
      await gateway.advance('10m');
      assert.deepEqual(await client.closed, { code: 1001, reason: 'Going away' });
    });
  }

  test('each connection has ten minutes of its own', async () => {
    const [idle, busy] = [await open(), await open()];
    await gateway.advance('9m');
    await ask(busy, 'x');
    await gateway.advance('1m');
    assert.equal((await idle.closed).code, 1001);
    assert.equal(await ask(busy, 'open?'), `${busy.connectionId} 5`);
    busy.socket.terminate();
  });

  test('two hours, however busy: 1001 Going away, and $disconnect is called once', async () => {
    const client = await open();
    for (let minutes = 9; minutes <= 117; minutes += 9) {
      await gateway.advance('9m');
      assert.equal(await ask(client, 'busy'), `${client.connectionId} 4`);
    }
    await gateway.advance('3m');
    assert.deepEqual(await client.closed, { code: 1001, reason: 'Going away' });
    await assertGoneOnce(client);
  });
});

describe('the gateway shuts down', () => {
  test('open sockets are closed 1012, each $disconnect is called once, and the process ends with 0', async (t) => {
    const own = await startTestGateway(t);
    const ownApi = await makeApi(own.clients, ROUTES);
    const clients = [await open(ownApi, own), await open(ownApi, own)];
    const ended = own.stop('SIGTERM');
    for (const { closed } of clients) assert.deepEqual(await closed, { code: 1012, reason: 'Service restart' });
    assert.equal(await ended, 0);
    for (const { connectionId } of clients) assert.equal(gone.filter((one) => one === connectionId).length, 1);
  });
});
