// Where a connection comes from (--trusted-proxy): PROXY headers on the TLS listener and X-Forwarded-… on the plain one, from proxies
// that are trusted and from everybody else, byte by byte. The trusted proxies here are 127.0.0.2 and 127.0.0.3.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { CreateDeploymentCommand } from '@aws-sdk/client-apigatewayv2';
import { createClients } from '../../demo/chain.ts';
import { signRequest } from '../../src/protocol/sigv4.ts';
import { startEchoBackend } from '../harness/echo-backend.ts';
import { eventually, next } from '../harness/eventually.ts';
import { openChallenge, startGatewayHere } from '../harness/gateway-here.ts';
import { REGION, startTestGateway, temporaryDirectory, type ReachableGateway } from '../harness/gateway.ts';
import { follow } from '../harness/raw-tls.ts';
import { addRoute, ask, makeApi, mock, openSocket, RefusedHandshake, type TestSocket } from '../harness/sockets.ts';

const TRUSTED = '127.0.0.2';
const FURTHER = '127.0.0.3';
const UNTRUSTED = '127.0.0.9';
const CLIENT = '192.0.2.7';

/** May call back from the address of the client alone. */
const OWNER = { accessKeyId: 'AKIDOWNER', secret: 'a-secret-of-the-owner' };
const FROM_CLIENT = { accessKeyId: 'AKIDFROMCLIENT', secret: 'a-secret-for-one-address' };
const accounts = join(temporaryDirectory({ after }), 'accounts.yaml');
writeFileSync(
  accounts,
  `accounts:
  - id: '111122223333'
    keys:
      - { id: ${OWNER.accessKeyId}, secret: ${OWNER.secret} }
      - id: ${FROM_CLIENT.accessKeyId}
        secret: ${FROM_CLIENT.secret}
        policies:
          - Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: execute-api:ManageConnections
                Resource: '*'
                Condition: { IpAddress: { aws:SourceIp: ${CLIENT}/32 } }
`,
  { mode: 0o600 },
);
const TRUST = ['--trusted-proxy', `${TRUSTED}/32`, '--trusted-proxy', `${FURTHER}/32`];
const BEHIND_PROXIES = [...TRUST, '--http', '127.0.0.1:0', '--log-level', 'debug'];
const gateway = await startTestGateway({ after }, [
  ...BEHIND_PROXIES,
  '--accounts',
  accounts,
  '--egress-allow',
  '127.0.0.0/8',
]);
const httpPort = Number(gateway.ready.http[0]!.split(':').at(-1));
const clients = createClients(gateway.endpoint, REGION, OWNER.accessKeyId, OWNER.secret);
const backend = await startEchoBackend({ after });
const { apiId, stage } = await makeApi(clients, {
  $connect: backend.routes['$connect']!,
  $default: { target: mock('$context.identity.sourceIp'), isTwoWay: true },
});
await addRoute(clients, apiId, 'id', { target: mock('$context.connectionId'), isTwoWay: true });
await clients.gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
const host = `${apiId}.execute-api.${REGION}.localhost`;

// ---- connections whose first bytes are ours ----

const line = (source = CLIENT) => Buffer.from(`PROXY TCP4 ${source} 203.0.113.5 56324 443\r\n`);
const binary = (versionAndCommand: string, family: string, content: string) =>
  Buffer.from(
    `0d0a0d0a000d0a515549540a${versionAndCommand}${family}${(content.length / 2).toString(16).padStart(4, '0')}${content}`,
    'hex',
  );
const V4 = 'c0000207cb007105123401bb';
const V6 = '20010db800000000000000000000000720010db8000000000000000000000001123401bb';
const TLV = '04000400000000';

/** A TCP connection from an address of this machine. */
async function connectFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress, noDelay: true });
  await next(socket, 'connect');
  return socket;
}

interface Given {
  readonly from: string;
  readonly header?: Buffer;
  /** Write it an octet at a time, each in a segment of its own as far as the system lets us. */
  readonly isSlow?: boolean;
  readonly on?: ReachableGateway;
}

/** A WebSocket over TLS behind a header, as a proxy hands it on. */
async function openBehind({ from, header, isSlow = false, on = gateway }: Given, api = host): Promise<TestSocket> {
  const tcp = await connectFrom(from, on.tlsPort);
  for (const piece of isSlow ? [...header!].map((octet) => Buffer.from([octet])) : [header ?? Buffer.alloc(0)]) {
    await new Promise((resolve) => tcp.write(piece, resolve));
    if (isSlow) await new Promise(setImmediate);
  }
  const createConnection = () => connectTls({ socket: tcp, servername: api, ca: on.ca, ALPNProtocols: ['http/1.1'] });
  return openSocket(on, `wss://${api}:${on.tlsPort}/test`, { createConnection });
}

/** All that a connection is answered with until it is ended. */
async function answerTo(from: string, bytes: Buffer, port = gateway.tlsPort): Promise<Buffer> {
  const connection = follow(await connectFrom(from, port));
  connection.socket.write(bytes);
  return connection.ended();
}

/** The refusal whose reason is like this, of a connection from there. */
function refused(reason: RegExp, sourceIp: string): Promise<Record<string, unknown>> {
  return eventually(`a refusal of ${sourceIp} is logged`, () =>
    gateway
      .logged()
      .find(
        (entry) => entry['sourceIp'] === sourceIp && reason.test(`${String(entry['step'])} ${String(entry['reason'])}`),
      ),
  );
}

describe('a PROXY header of a trusted proxy', () => {
  const ROWS: readonly (readonly [name: string, header: Buffer, sourceIp: string])[] = [
    ['of version 1', line(), CLIENT],
    ['of version 1 for IPv6', Buffer.from('PROXY TCP6 2001:DB8::7 2001:db8::1 56324 443\r\n'), '2001:db8::7'],
    ['of version 1 that does not know', Buffer.from('PROXY UNKNOWN 192.0.2.7 junk\r\n'), TRUSTED],
    ['of version 2', binary('21', '11', V4), CLIENT],
    ['of version 2 for IPv6', binary('21', '21', V6), '2001:db8::7'],
    ['of version 2 with more in it', binary('21', '11', V4 + TLV), CLIENT],
    ['of version 2 for itself', binary('20', '11', V4), TRUSTED],
    ['that says an address of the proxies', line(FURTHER), FURTHER],
  ];
  for (const [name, header, sourceIp] of ROWS) {
    for (const isSlow of [false, true]) {
      test(`${name}${isSlow ? ', octet by octet,' : ''} says where the connection comes from`, async () => {
        const client = await openBehind({ from: TRUSTED, header, isSlow });
        assert.equal(await ask(client, '{}'), sourceIp);
        assert.equal(backend.asked.at(-1)!.headers['x-forwarded-for'], sourceIp);
        client.socket.close();
        await client.closed;
      });
    }
  }

  test('is read beside a tls-alpn-01 challenge that is open', async (t) => {
    const here = await startGatewayHere(t, { 'trusted-proxy': [`${TRUSTED}/32`] });
    const api = await makeApi(here.clients, {
      $default: { target: mock('$context.identity.sourceIp'), isTwoWay: true },
    });
    await openChallenge(here, { type: 'tls-alpn-01', key: 'elsewhere.example.com', value: 'x' });
    const given = { from: TRUSTED, header: line(), on: here };
    const client = await openBehind(given, `${api.apiId}.execute-api.${REGION}.localhost`);
    assert.equal(await ask(client, '{}'), CLIENT);
  });

  test('is what policies ask for the source address', async () => {
    const client = await openBehind({ from: TRUSTED, header: line() });
    const id = await ask(client, '{"action":"id"}');
    const callBack = async (header: Buffer) => {
      const tcp = await connectFrom(TRUSTED, gateway.tlsPort);
      tcp.write(header);
      const socket = connectTls({ socket: tcp, servername: host, ca: gateway.ca });
      return (await call({ id, key: FROM_CLIENT, socket })).status;
    };
    assert.deepEqual([await callBack(line()), await callBack(line('192.0.2.8'))], [200, 403]);
    assert.equal(await client.receive(), 'called back');
  });
});

describe('a connection to the TLS listener is ended without a word', () => {
  const ROWS: readonly (readonly [name: string, bytes: Buffer, reason: RegExp])[] = [
    ['a client hello', Buffer.from('1603010200010001fc0303', 'hex'), /listen there is no PROXY header/],
    ['a malformed line', Buffer.from('PROXY TCP4 192.0.2.7 203.0.113.5 0443 1\r\n'), /listen .* line is malformed/],
    ['a line that does not end', Buffer.from('PROXY TCP4 '.padEnd(107, '1')), /listen .* within 107 bytes/],
    ['a header of datagrams', binary('21', '12', V4), /listen .* family 18/],
    ['a header that is too long', binary('21', '11', V4 + '00'.repeat(20_000)), /listen .* exceeds 16384/],
  ];
  for (const [name, bytes, reason] of ROWS) {
    test(`when a trusted proxy begins with ${name}`, async () => {
      assert.equal((await answerTo(TRUSTED, bytes)).length, 0);
      await refused(reason, TRUSTED);
    });
  }

  test('when the header of a trusted proxy does not come in time', async (t) => {
    const hasty = await startTestGateway(t, [...TRUST, '--limit', 'handshakeTimeoutMs=300']);
    for (const bytes of [Buffer.alloc(0), line().subarray(0, 20), binary('21', '11', V4).subarray(0, 20)])
      assert.equal((await answerTo(TRUSTED, bytes, hasty.tlsPort)).length, 0);
  });
});

test('bounds of one address are those of the client, not of the proxy before it', async (t) => {
  const bounded = await startTestGateway(t, [...TRUST, '--limit', 'connectionsPerAddressMax=2']);
  const { apiId } = await makeApi(bounded.clients, {
    $default: { target: mock('$context.identity.sourceIp'), isTwoWay: true },
  });
  const open = (source: string) => {
    const given = { from: TRUSTED, header: line(source), on: bounded };
    return openBehind(given, `${apiId}.execute-api.${REGION}.localhost`);
  };
  const clients = [await open(CLIENT), await open(CLIENT), await open('192.0.2.8'), await open('192.0.2.8')];
  await assert.rejects(open(CLIENT));
  assert.equal(await ask(await open('192.0.2.9'), '{}'), '192.0.2.9');
  const leaving = clients[0]!;
  leaving.socket.close();
  await leaving.closed;
  await eventually('the one that left counts no more', () => open(CLIENT).catch(() => undefined));
});

describe('a PROXY header is bad TLS', () => {
  for (const [name, header] of [
    ['version 1', line()],
    ['version 2', binary('21', '11', V4)],
  ] as const) {
    test(`from everybody else: ${name}`, async () => {
      await assert.rejects(openBehind({ from: UNTRUSTED, header }));
      await refused(/terminate /, UNTRUSTED);
      assert.ok(!gateway.logged().some((entry) => entry['sourceIp'] === CLIENT && entry['step'] === 'terminate'));
    });
  }

  test('when a client of a trusted proxy sends one more', async () => {
    const claimed = '192.0.2.66';
    await assert.rejects(openBehind({ from: TRUSTED, header: Buffer.concat([line('192.0.2.9'), line(claimed)]) }));
    await refused(/terminate /, '192.0.2.9');
    assert.ok(!gateway.logged().some((entry) => entry['sourceIp'] === claimed));
  });
});

test('from everybody else a connection begins with TLS, and comes from its own address', async () => {
  assert.equal(await ask(await openBehind({ from: UNTRUSTED }), '{}'), UNTRUSTED);
});

// ---- the plain listener ----

interface Call {
  readonly id: string;
  readonly key?: { readonly accessKeyId: string; readonly secret: string };
  readonly socket?: Socket;
  readonly from?: string;
  readonly headers?: Record<string, string>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A callback to a connection, over the connection given or over the plain listener. */
function call({ id, key = OWNER, socket, from = TRUSTED, headers = {} }: Call): Promise<Answer> {
  const target = `/test/@connections/${encodeURIComponent(id)}`;
  const body = Buffer.from('called back');
  const scope = { region: REGION, service: 'execute-api' };
  const signed = signRequest({ method: 'POST', target, host, body }, key, scope, Date.now());
  return plain({ method: 'POST', path: target, from, headers: { ...signed, ...headers }, body, socket });
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly from: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: Buffer;
  readonly socket?: Socket | undefined;
}

async function plain({ method = 'GET', path = '/test', from, headers, body, socket }: Asked): Promise<Answer> {
  const sent = request({
    host: '127.0.0.1',
    port: httpPort,
    method,
    path,
    localAddress: from,
    headers: { host, ...headers },
    ...(socket ? { createConnection: () => socket } : { agent: false }),
  });
  sent.end(body);
  const [response] = await next<[IncomingMessage]>(sent, 'response');
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}

function openPlain(from: string, headers: Record<string, string>): Promise<TestSocket> {
  return openSocket(gateway, `ws://127.0.0.1:${httpPort}/test`, { localAddress: from, headers: { host, ...headers } });
}

const OVER_TLS = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };

describe('a WebSocket on the plain listener', () => {
  const ROWS: readonly (readonly [name: string, list: string | undefined, sourceIp: string])[] = [
    ['the address that the proxy wrote', CLIENT, CLIENT],
    ['the address that the proxy wrote, not the one that the client claimed', `127.0.0.1, ${CLIENT}`, CLIENT],
    ['the address that the proxy wrote, not a trusted one that the client claimed', `${FURTHER}, ${CLIENT}`, CLIENT],
    ['the one before a further trusted proxy', `198.51.100.1, ${CLIENT}, ${FURTHER}`, CLIENT],
    ['the proxy, when it says nothing', undefined, TRUSTED],
    ['an IPv6 address', '2001:DB8::7', '2001:db8::7'],
  ];
  for (const [name, list, sourceIp] of ROWS) {
    test(`of a trusted proxy comes from ${name}`, async () => {
      const client = await openPlain(TRUSTED, { ...OVER_TLS, ...(list && { 'x-forwarded-for': list }) });
      assert.equal(await ask(client, '{}'), sourceIp);
      assert.equal(backend.asked.at(-1)!.headers['x-forwarded-for'], sourceIp);
      assert.equal(backend.asked.at(-1)!.headers['x-forwarded-proto'], 'https');
    });
  }

  const REFUSED: readonly (readonly [name: string, from: string, headers: Record<string, string>])[] = [
    ['everybody else, whatever it says', UNTRUSTED, { ...OVER_TLS, 'x-forwarded-for': CLIENT }],
    ['a trusted proxy that took it without TLS', TRUSTED, { 'x-forwarded-proto': 'http', 'x-forwarded-for': CLIENT }],
    ['a trusted proxy that does not say that it took it over TLS', TRUSTED, { 'x-forwarded-for': CLIENT }],
    ['a trusted proxy with a malformed list', TRUSTED, { ...OVER_TLS, 'x-forwarded-for': `unknown, ${CLIENT}` }],
    ['a trusted proxy with two schemes', TRUSTED, { 'x-forwarded-proto': 'https, http', 'x-forwarded-for': CLIENT }],
    ['a trusted proxy with no port', TRUSTED, { ...OVER_TLS, 'x-forwarded-port': 'https' }],
  ];
  for (const [name, from, headers] of REFUSED) {
    test(`is refused to ${name}`, async () => {
      const before = backend.asked.length;
      await assert.rejects(
        openPlain(from, headers),
        (error) => error instanceof RefusedHandshake && error.status === 400,
      );
      assert.equal(backend.asked.length, before);
    });
  }
});

describe('a request on the plain listener', () => {
  test('is a callback when a trusted proxy took it over TLS', async () => {
    const client = await openPlain(TRUSTED, { ...OVER_TLS, 'x-forwarded-for': CLIENT });
    const id = await ask(client, '{"action":"id"}');
    const from = (list: string) => ({ ...OVER_TLS, 'x-forwarded-for': list });
    assert.equal((await call({ id, headers: from(CLIENT) })).status, 200);
    assert.equal(await client.receive(), 'called back');
    assert.equal((await call({ id, key: FROM_CLIENT, headers: from(`192.0.2.8, ${CLIENT}`) })).status, 200);
    assert.equal((await call({ id, key: FROM_CLIENT, headers: from(`${CLIENT}, 192.0.2.8`) })).status, 403);
    assert.equal((await call({ id, headers: { 'x-forwarded-for': CLIENT } })).status, 405);
    assert.equal((await call({ id, headers: from(CLIENT), from: UNTRUSTED })).status, 405);
  });

  test('is what it is on the TLS listener: no operation of the control plane', async () => {
    for (const path of ['/v2/apis', '/_sallyport/health', '/_sallyport/keys']) {
      for (const name of [host, 'localhost']) {
        const { status } = await plain({ path, from: TRUSTED, headers: { ...OVER_TLS, host: name } });
        assert.equal(status, 403, `${name}${path}`);
      }
    }
  });

  test('is shown the way to https when nobody took it over TLS, or nobody is believed', async () => {
    const asks: readonly Asked[] = [
      { from: TRUSTED },
      { from: TRUSTED, headers: { 'x-forwarded-proto': 'http', 'x-forwarded-for': CLIENT } },
      { from: UNTRUSTED, headers: { ...OVER_TLS, 'x-forwarded-for': CLIENT } },
      { from: UNTRUSTED, headers: { ...OVER_TLS, 'x-forwarded-for': 'malformed' } },
    ];
    for (const asked of asks) {
      const { status, headers } = await plain(asked);
      assert.deepEqual([status, headers.location], [308, `https://${host}:${gateway.tlsPort}/test`]);
    }
  });

  test('is refused when what a trusted proxy says of it is malformed', async () => {
    for (const headers of [{ 'x-forwarded-for': 'me' }, { ...OVER_TLS, 'x-forwarded-for': ['192.0.2.7', ''] }]) {
      const { status, body } = await plain({ from: TRUSTED, headers });
      assert.equal(status, 400);
      assert.match(body, /^X-Forwarded-For must be a list of addresses/);
    }
  });
});

test('sockets of a proxy are closed like all others when the gateway is stopped', async (t) => {
  const leaving = await startTestGateway(t, BEHIND_PROXIES);
  const api = await makeApi(leaving.clients, { $default: { target: mock('{}') } });
  const port = leaving.ready.http[0]!.split(':').at(-1);
  const headers = { host: `${api.apiId}.execute-api.${REGION}.localhost`, ...OVER_TLS };
  const client = await openSocket(leaving, `ws://127.0.0.1:${port}/test`, { localAddress: TRUSTED, headers });
  const ended = leaving.stop('SIGTERM');
  assert.deepEqual(await client.closed, { code: 1012, reason: 'Service restart' });
  assert.equal(await ended, 0);
});
