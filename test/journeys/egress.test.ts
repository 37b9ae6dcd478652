// Where integrations may lead when accounts are configured: public addresses and what --egress-allow opens, however the address is
// written, and whatever its name resolved to before. No proxy of the environment, no redirect, no endless answer, no foreign certificate.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { createClients } from '../../demo/chain.ts';
import { createEgress } from '../../src/dataplane/integrate/egress.ts';
import { createHttpBackends } from '../../src/dataplane/integrate/http-backends.ts';
import { isRefusal } from '../../src/model/faults.ts';
import { foreignAuthority } from '../harness/certificates.ts';
import { eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, type RouteOptions, type TestSocket } from '../harness/sockets.ts';

const OPENED = '127.0.0.5';
const CLOSED = '127.0.0.6';
const RESPONSE_BYTES_MAX = 100_000;

async function listen(server: Server, host: string, port = 0): Promise<number> {
  server.listen(port, host);
  await next(server, 'listening');
  after(() => {
    if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Whoever was asked, by its address. */
const asked: string[] = [];
const ended: string[] = [];
const answer: RequestListener = (request, response) => {
  const here = request.socket.localAddress!.replace('::ffff:', '');
  asked.push(here);
  request.resume();
  response.on('close', () => ended.push(request.url!));
  switch (request.url) {
    case '/redirect':
      return response.writeHead(302, { location: `http://${CLOSED}:${port}/` }).end('see there');
    case '/long-header':
      return response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end();
    case '/endless': {
      const go = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', go);
      return go();
    }
    default:
      response.setHeader('connection', 'close');
      response.end(here);
  }
};
const port = await listen(createServer(answer), '0.0.0.0');
await listen(createServer(answer), '::1', port);

const authority = await foreignAuthority({ after });
const folder = temporaryDirectory({ after });
const caFile = join(folder, 'ca.pem');
writeFileSync(caFile, authority.certificatePem);
const names: string[] = [];
async function listenSecurely(certified: string, by = authority): Promise<number> {
  const { certificatePem: cert, keyPem: key } = await by.leaf([certified]);
  const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
    names.push(String((request.socket as TLSSocket).servername));
    request.resume();
    response.end(`HTTP/${request.httpVersion} over TLS`);
  });
  return listen(server, '127.0.0.1');
}
const securePort = await listenSecurely('localhost');
const otherNamePort = await listenSecurely('other.test');
const foreignPort = await listenSecurely('localhost', await foreignAuthority({ after }));

const accounts = join(folder, 'accounts.yaml');
const KEY = { id: 'AKIDEGRESS', secret: 'a-secret-of-the-account' };
writeFileSync(accounts, JSON.stringify({ accounts: [{ id: '111122223333', keys: [KEY] }] }), { mode: 0o600 });

/** What a proxy of the environment is asked. */
const proxied: string[] = [];
const proxy = createServer((request, response) => {
  proxied.push(String(request.url));
  response.end('the proxy');
});
proxy.on('connect', (request, socket) => {
  proxied.push(String(request.url));
  socket.end();
});
const proxyUrl = `http://127.0.0.1:${await listen(proxy, '127.0.0.1')}`;

interface Asking {
  /** Sends to the integration of this URI, and resolves to the reply. */
  ask(uri: string): Promise<string>;
  /** The reasons of refusals so far. */
  reasons(): readonly string[];
}

/** A gateway with accounts, and an API with a route to each of the URIs. */
async function startAsking(uris: readonly string[], args: readonly string[]): Promise<Asking> {
  const env = {
    NODE_USE_ENV_PROXY: '1',
    http_proxy: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    HTTPS_PROXY: proxyUrl,
  };
  const gateway = await startTestGateway({ after }, ['--accounts', accounts, ...args], env);
  const route = (IntegrationUri: string): RouteOptions => ({
    target: { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri, TimeoutInMillis: 15_000 },
    isTwoWay: true,
  });
  const routes = Object.fromEntries(uris.map((uri, at) => [`to-${at}`, route(uri)]));
  const { apiId } = await makeApi(createClients(gateway.endpoint, REGION, KEY.id, KEY.secret), routes);
  const url = `wss://${apiId}.execute-api.${REGION}.localhost:${gateway.tlsPort}/test`;
  const client: TestSocket = await openSocket(gateway, url);
  return {
    ask: (uri) => ask(client, JSON.stringify({ action: `to-${uris.indexOf(uri)}` })),
    reasons: () => gateway.logged().flatMap(({ step, reason }) => (step === 'integrate' ? [String(reason)] : [])),
  };
}

const LOOPBACK = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f.1',
  '0x7f000001',
  '017700000001',
  '0177.0.0.01',
  '127.0.0.1.',
  '127%2e0%2e0%2e1',
  '１２７.０.０.１',
  CLOSED,
  'localhost',
  'LOCALHOST',
  'localhost.',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:0:127.0.0.1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
].map((host) => `http://${host}:${port}/`);
const NEVER = ['169.254.169.254', '[::ffff:a9fe:a9fe]', '0xa9fea9fe', '0.0.0.0', '[::]', '[fe80::1]'].map(
  (host) => `http://${host}:${port}/`,
);
const to = (path: string, host = OPENED) => `http://${host}:${port}${path}`;
const BEHIND_OPENED = ['/', '/redirect', '/long-header', '/endless'].map((path) => to(path));

describe('with accounts', async () => {
  const { ask: askFor, reasons } = await startAsking(
    [...LOOPBACK, ...NEVER, ...BEHIND_OPENED],
    [
      '--egress-allow',
      `${OPENED}/32`,
      '--egress-allow',
      '169.254.0.0/16',
      '--limit',
      `integrationResponseBytesMax=${RESPONSE_BYTES_MAX}`,
    ],
  );
  const refusedFor = async (uri: string, reason: RegExp) => {
    const [before, told] = [asked.length, reasons().length];
    assert.match(await askFor(uri), /"message":\s*"Internal server error"/);
    await eventually('the refusal is logged', () => reasons()[told]);
    assert.match(reasons()[told]!, reason);
    return asked.slice(before);
  };

  for (const uri of LOOPBACK) {
    test(`${uri} is not reached`, async () => {
      // Some resolvers know no `localhost.`, which is just as well.
      const words = /is not a public address; --egress-allow can open it|(?:ENOTFOUND|EAI_AGAIN) localhost\.$/;
      assert.deepEqual(await refusedFor(uri, words), []);
    });
  }
  for (const uri of NEVER) {
    test(`${uri} is not reached, though --egress-allow names its range`, async () => {
      assert.deepEqual(await refusedFor(uri, /which integrations never reach/), []);
    });
  }

  test('what --egress-allow opens is reached, whatever proxies the environment names', async () => {
    assert.equal(await askFor(to('/')), OPENED);
    assert.deepEqual(proxied, []);
  });

  test('a redirect is the answer, and is not followed', async () => {
    const before = asked.length;
    assert.equal(await askFor(to('/redirect')), 'see there');
    assert.deepEqual(asked.slice(before), [OPENED]);
  });

  test('an answer whose headers are too long is none', async () => {
    assert.deepEqual(await refusedFor(to('/long-header'), /could not be called: .*[Hh]eader/), [OPENED]);
  });

  test('an answer that does not end is cut off at its bound', async () => {
    assert.deepEqual(await refusedFor(to('/endless'), /exceeds 100000 bytes/), [OPENED]);
    await eventually('the connection of the backend is ended', () => ended.includes('/endless') || undefined);
  });
});

describe('over TLS', async () => {
  const of = (at: number, host = 'localhost') => `https://${host}:${at}/`;
  const uris = [of(securePort), of(otherNamePort), of(foreignPort), of(securePort, '127.0.0.1')];
  const { ask: askFor, reasons } = await startAsking(uris, [
    '--egress-allow',
    '127.0.0.0/8',
    '--integration-ca',
    caFile,
  ]);

  test('a backend is asked for by its name, and trusted by --integration-ca', async () => {
    assert.equal(await askFor(of(securePort)), 'HTTP/1.1 over TLS', 'though it would speak another');
    assert.deepEqual(names.splice(0), ['localhost']);
    assert.deepEqual(proxied, []);
  });

  for (const [name, uri, reason] of [
    ['a certificate for another name', of(otherNamePort), /other\.test/],
    ['a certificate of another authority', of(foreignPort), /unable to verify|self.signed|issuer/],
    [
      'an address that the certificate does not name',
      of(securePort, '127.0.0.1'),
      /IP: 127\.0\.0\.1 is not in the cert/,
    ],
  ] as const) {
    test(`${name} is refused before anything is sent`, async () => {
      const told = reasons().length;
      assert.match(await askFor(uri), /"message":\s*"Internal server error"/);
      await eventually('the refusal is logged', () => reasons()[told]);
      assert.match(reasons()[told]!, reason);
      assert.deepEqual(names, []);
    });
  }
});

test('a name that resolves elsewhere meanwhile is judged with each connection', async (t) => {
  const turns = [OPENED, CLOSED, OPENED];
  const egress = createEgress(false, [`${OPENED}/32`], (_, __, callback) =>
    callback(null, [{ address: turns.shift()!, family: 4 }]),
  );
  const backends = createHttpBackends(egress, undefined);
  t.after(() => backends.close());
  const before = asked.length;
  const call = { host: 'rebind.test', path: '/', method: 'GET', headers: {}, body: undefined, timeoutMs: 5_000 };
  const outcomes: string[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const outcome = await backends.call({ origin: `http://rebind.test:${port}`, ...call });
    outcomes.push(isRefusal(outcome) ? outcome.reason : outcome.body.toString());
  }
  assert.deepEqual([outcomes[0], outcomes[2]], [OPENED, OPENED]);
  assert.match(outcomes[1]!, /127\.0\.0\.6 is not a public address/);
  assert.deepEqual(asked.slice(before), [OPENED, OPENED]);
});
