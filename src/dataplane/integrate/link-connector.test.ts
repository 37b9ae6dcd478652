// The order in which the targets of a VPC link are tried: in turn, past those that cannot be reached, which are the last choice until they
// rested or answered again.

import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { buildConnector } from 'undici';
import { next } from '../../../test/harness/eventually.ts';
import { limit } from '../../settings/limits.ts';
import { createEgress } from './egress.ts';
import { linkConnector, parseTarget, type LinkTarget } from './link-connector.ts';

const HOSTS = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const servers = new Map<string, Server>();

async function start(host: string, port = 0): Promise<number> {
  const server = createServer((socket) => socket.end(host)).listen(port, host);
  await next(server, 'listening');
  servers.set(host, server);
  return (server.address() as { port: number }).port;
}

async function stop(host: string): Promise<void> {
  await new Promise((resolve) => servers.get(host)!.close(resolve));
  servers.delete(host);
}
after(() => Promise.all([...servers.keys()].map(stop)));

const port = await start(HOSTS[0]!);
for (const host of HOSTS.slice(1)) await start(host, port);
const targetOf = (host: string): LinkTarget => ({ host, port: String(port) });

let nowMs = 0;
const connector = (hosts: readonly string[]) =>
  linkConnector(buildConnector({ timeout: 5_000 }), hosts.map(targetOf), createEgress(true, []), () => nowMs);

/** The host that the next connection leads to. */
async function reach(connect: buildConnector.connector): Promise<string> {
  const options = { hostname: 'orders.internal', host: 'orders.internal', protocol: 'http:', port: '80' };
  const socket = await new Promise<Socket>((resolve, reject) => {
    connect(options, (...[error, connected]) => (error ? reject(error) : resolve(connected)));
  });
  const [said] = await next<[Buffer]>(socket, 'data');
  socket.destroy();
  return said.toString();
}

async function reachAll(connect: buildConnector.connector, count: number): Promise<string[]> {
  const reached: string[] = [];
  for (let made = 0; made < count; made += 1) reached.push(await reach(connect));
  return reached;
}

const [A, B, C] = HOSTS as [string, string, string];

void test('connections go to all in turn, past one that is down, which is back after its rest', async () => {
  const connect = connector(HOSTS);
  assert.deepEqual(await reachAll(connect, 4), [A, B, C, A]);
  await stop(B);
  assert.deepEqual(await reachAll(connect, 3), [C, C, A]);
  await start(B, port);
  assert.deepEqual(await reachAll(connect, 3), [C, C, A], 'it rests');
  nowMs += limit('linkTargetRestMs');
  assert.deepEqual(await reachAll(connect, 3), [B, C, A]);
});

void test('the last choice is tried all the same, and counts again once it answers', async () => {
  const connect = connector([A]);
  await stop(A);
  await assert.rejects(reach(connect), /ECONNREFUSED/);
  await start(A, port);
  assert.equal(await reach(connect), A);
});

void test('a target may not be link-local, whoever named it', async () => {
  await assert.rejects(reach(connector(['169.254.169.254'])), /link-local/);
});

void test('targets are read as the settings hold them', () => {
  assert.deepEqual(parseTarget('[::1]:80'), { host: '::1', port: '80' });
  assert.deepEqual(parseTarget('orders.internal:8080'), { host: 'orders.internal', port: '8080' });
});
