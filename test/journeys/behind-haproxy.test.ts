// The gateway behind somebody's real proxy: HAProxy hands on bytes with PROXY headers of both versions, or speaks TLS itself. Whom
// it speaks for is the source address, whatever that one claims to be.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { eventually, next } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';
import { startHaproxy } from '../harness/haproxy.ts';
import { missing } from '../harness/peers.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const PROXY = '127.0.0.2';
const CLIENT = '127.0.0.9';
const BEHIND_PROXY = ['--http', '127.0.0.1:0', '--trusted-proxy', `${PROXY}/32`, '--log-level', 'debug'];
const CLAIMED = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' };

test('a client of HAProxy is known by its own address', { skip: missing('haproxy') }, async (t) => {
  const gateway = await startTestGateway(t, BEHIND_PROXY);
  const { apiId } = await makeApi(gateway.clients, {
    $default: { target: mock('$context.identity.sourceIp'), isTwoWay: true },
  });
  const host = `${apiId}.execute-api.${REGION}.localhost`;
  const httpPort = Number(gateway.ready.http[0]!.split(':').at(-1));
  const proxy = await startHaproxy(t, { tlsPort: gateway.tlsPort, httpPort, from: PROXY, host });
  const options = { localAddress: CLIENT, headers: CLAIMED };
  for (const [name, port, ca] of [
    ['version 1', proxy.version1, gateway.ca],
    ['version 2', proxy.version2, gateway.ca],
    ['TLS of its own', proxy.terminating, proxy.caPem],
  ] as const) {
    await t.test(`by ${name}`, async () => {
      const client = await openSocket(gateway, `wss://${host}:${port}/test`, { ...options, ca });
      assert.equal(await ask(client, '{}'), CLIENT);
      client.socket.close();
      assert.equal((await client.closed).code, 1005);
    });
  }

  await t.test('is shown the way to https when it comes without', async () => {
    const headers = { host, ...CLAIMED };
    const sent = request({ host: '127.0.0.1', port: proxy.insecure, path: '/a', localAddress: CLIENT, headers });
    sent.end();
    const [{ statusCode, headers: answered }] = await next<[IncomingMessage]>(sent, 'response');
    assert.deepEqual([statusCode, answered.location], [308, `https://${host}:${gateway.tlsPort}/a`]);
  });

  await t.test('is nobody for its checks, which come and go', async () => {
    await eventually('a check is logged as of the proxy', () =>
      gateway.logged().find(({ step, sourceIp }) => step === 'terminate' && (sourceIp === PROXY || sourceIp === '')),
    );
    const client = await openSocket(gateway, `wss://${host}:${proxy.version2}/test`, { ...options, ca: gateway.ca });
    assert.equal(await ask(client, '{}'), CLIENT);
  });
});
