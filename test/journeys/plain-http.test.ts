// The plain HTTP listener: it answers an authority (RFC 8555 8.3), shows the way to https for hosts of ours, and does nothing else.

import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { next } from '../harness/eventually.ts';
import { createDomain, issueCertificate, makeHostedZone } from '../harness/domains.ts';
import { openChallenge, startGatewayHere } from '../harness/gateway-here.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { makeApi, mock } from '../harness/sockets.ts';

const DOMAIN = 'ws.example.com';
const NOT_OURS = 'not-yet.example.net';
const TOKEN = 'DGyRejmCefe7v4NfDGDKfA_-x';
const AUTHORIZATION = `${TOKEN}.nP1qzpXGymHBrUEepNY9HCsQk7K8KhOypzEt62jcerQ`;
const PATH = `/.well-known/acme-challenge/${TOKEN}`;

const gateway = await startGatewayHere({ after }, { http: ['127.0.0.1:0', '[::1]:0'] });
const { clients, ready } = gateway;
const [v4Port, v6Port] = ready.http.map((address) => Number(address.split(':').at(-1))) as [number, number];
const zoneId = await makeHostedZone(clients, 'example.com');
await createDomain(clients, DOMAIN, await issueCertificate(clients, zoneId, DOMAIN));
const { apiId } = await makeApi(clients, { $default: { target: mock('here'), isTwoWay: true } });
const endpoint = `${apiId}.execute-api.${REGION}.localhost`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly at?: readonly [address: string, port: number];
}

async function ask({ method = 'GET', host = DOMAIN, path = '/', headers, body, at }: Asked): Promise<Answer> {
  const [address, port] = at ?? ['127.0.0.1', v4Port];
  const sent = request({ host: address, port, method, path, headers: { host, ...headers }, agent: false });
  sent.end(body);
  const [response] = await next<[IncomingMessage]>(sent, 'response');
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}

/** Writes bytes as they are, and reads until the other side hangs up. */
async function say(bytes: string): Promise<string> {
  const socket = connect(v4Port, '127.0.0.1');
  socket.end(bytes);
  return text(socket);
}

const open = (host: string, value = AUTHORIZATION) =>
  openChallenge(gateway, { type: 'http-01', key: `${host}/${TOKEN}`, value });

describe('an authority', () => {
  test('is answered with the key authorization, and not an octet more', async () => {
    for (const host of [DOMAIN, NOT_OURS]) {
      const close = await open(host);
      for (const asked of [host, `${host}:80`, host.toUpperCase(), `${host}.`]) {
        const { status, headers, body } = await ask({ host: asked, path: PATH });
        assert.deepEqual([status, headers['content-type'], body], [200, 'application/octet-stream', AUTHORIZATION]);
        assert.equal(headers['content-length'], String(AUTHORIZATION.length));
      }
      assert.equal((await ask({ host, path: PATH, at: ['::1', v6Port] })).body, AUTHORIZATION);
      const head = await ask({ host, path: PATH, method: 'HEAD' });
      assert.deepEqual([head.status, head.body], [200, '']);
      assert.equal(head.headers['content-length'], String(AUTHORIZATION.length));
      await close();
      assert.notEqual((await ask({ host, path: PATH })).status, 200);
    }
  });

  test('is answered for its own host and token alone', async () => {
    const close = await open(NOT_OURS);
    const others = [
      { host: `x.${NOT_OURS}` },
      { host: '' },
      { path: `${PATH}x` },
      { path: `${PATH}/` },
      { path: `${PATH}?` },
      { path: `/x/..${PATH}` },
      { path: PATH.replace('acme', 'ACME') },
      { path: `/.well-known/acme-challenge/../acme-challenge/${TOKEN}` },
      { path: '/.well-known/acme-challenge/' },
    ];
    for (const other of others) {
      const { status, body } = await ask({ host: NOT_OURS, path: PATH, ...other });
      assert.equal(status, 404, JSON.stringify(other));
      assert.doesNotMatch(body, new RegExp(AUTHORIZATION));
    }
    await close();
  });

  test('is answered with challenges of this type alone', async () => {
    const close = await openChallenge(gateway, { type: 'dns-01', key: `${NOT_OURS}/${TOKEN}`, value: AUTHORIZATION });
    assert.equal((await ask({ host: NOT_OURS, path: PATH })).status, 404);
    await close();
  });
});

describe('everybody else', () => {
  const port = gateway.tlsPort;

  for (const host of [DOMAIN, endpoint, 'localhost']) {
    test(`is shown the way to https://${host}`, async () => {
      for (const path of ['/', PATH, '/a/../b?x=%2F&y=1', '//evil.test/', '/@evil.test']) {
        for (const method of ['GET', 'HEAD']) {
          const { status, headers } = await ask({ host: `${host}:80`, path, method });
          assert.deepEqual([status, headers.location], [308, `https://${host}:${port}${path}`]);
        }
      }
    });
  }

  test('finds nothing for hosts that are not ours', async () => {
    const unknown = [
      NOT_OURS,
      'example.com',
      `x.${DOMAIN}`,
      '*.example.com',
      `nosuchapi1.execute-api.${REGION}.localhost`,
      `${apiId}.execute-api.eu-west-1.localhost`,
      '127.0.0.1',
      '',
      'ws.example.com@evil.test',
      'evil.test/ws.example.com',
    ];
    for (const host of unknown) {
      const { status, headers } = await ask({ host });
      assert.deepEqual([status, headers.location], [404, undefined], host);
    }
  });

  test('is told which methods there are', async () => {
    const close = await open(DOMAIN);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
      const { status, headers } = await ask({
        method,
        path: PATH,
        headers: { 'content-length': '1000' },
        body: 'x'.repeat(1_000),
      });
      assert.deepEqual([status, headers.allow], [405, 'GET, HEAD'], method);
    }
    await close();
    assert.match(await say('CONNECT ws.example.com:443 HTTP/1.1\r\nHost: ws.example.com\r\n\r\n'), /^HTTP\/1\.1 405 /);
  });

  test('reaches no control plane, no callback and no socket', async () => {
    for (const path of ['/v2/apis', '/_sallyport/health', '/_sallyport/ca.pem', `/test/@connections/abc=`]) {
      for (const host of ['localhost', endpoint]) {
        assert.equal((await ask({ host, path })).status, 308);
        assert.equal((await ask({ host, path, method: 'POST' })).status, 405);
      }
    }
    const socket = new WebSocket(`ws://127.0.0.1:${v4Port}/test`, { headers: { host: endpoint } });
    socket.on('error', () => {});
    const [, refused] = await next<[unknown, IncomingMessage]>(socket, 'unexpected-response');
    assert.equal(refused.statusCode, 400);
    const h2c = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' };
    assert.equal((await ask({ headers: h2c })).status, 400);
  });
});

describe('a request that is none', () => {
  const ROWS: readonly (readonly [name: string, bytes: string, want: RegExp])[] = [
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['two Hosts', `GET / HTTP/1.1\r\nHost: ${DOMAIN}\r\nHost: evil.test\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['an absolute target', `GET http://${DOMAIN}/ HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['a header with a bare line feed', `GET / HTTP/1.1\nHost: ${DOMAIN}\n\n`, /^HTTP\/1\.1 400 /],
    ['too long a header', `GET / HTTP/1.1\r\nHost: ${DOMAIN}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['too long a URL', `GET /${'x'.repeat(5_000)} HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`, /^HTTP\/1\.1 414 /],
    ['a split answer', `GET /\rLocation:x HTTP/1.1\r\nHost: ${DOMAIN}\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ['nothing at all', '', /^(HTTP\/1\.1 400 |$)/],
  ];
  for (const [name, bytes, want] of ROWS) {
    test(`${name} is refused, and the listener stays`, async () => {
      assert.match(await say(bytes), want);
      assert.equal((await ask({})).status, 308);
    });
  }
});

test('it ends with the gateway, and whoever holds a connection does not keep it', async (t) => {
  const leaving = await startGatewayHere(t, { http: '127.0.0.1:0' });
  const port = Number(leaving.ready.http[0]!.split(':').at(-1));
  const held = connect(port, '127.0.0.1');
  held.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await next(held, 'data');
  held.resume().on('error', () => {});
  const closed = next(held, 'close');
  await leaving.stop();
  await closed;
  const late = connect(port, '127.0.0.1');
  const [error] = await next<[NodeJS.ErrnoException]>(late, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
});

test('it is off unless it is asked for, and the ready line says where it is', async (t) => {
  const off = await startTestGateway(t);
  assert.deepEqual(off.ready.http, []);
  const on = await startTestGateway(t, ['--http', '127.0.0.1:0', '--public-port', '443']);
  const answer = await fetch(`http://${on.ready.http[0]}/a?b`, { redirect: 'manual', headers: { host: 'localhost' } });
  assert.deepEqual([answer.status, answer.headers.get('location')], [404, null], 'an address is no host of ours');
  const named = await ask({
    host: 'localhost',
    path: '/a?b',
    at: ['127.0.0.1', Number(on.ready.http[0]!.split(':')[1])],
  });
  assert.deepEqual([named.status, named.headers.location], [308, 'https://localhost/a?b']);
});
