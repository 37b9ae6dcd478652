// $disconnect outlives a kill -9: whoever read a 101 is told to its backend as gone, by this process or by the next.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { rollDice, SEED } from '../conformance/mutations/dice.ts';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, pathForm, type RouteOptions } from '../harness/sockets.ts';

const ROUNDS = 3;
const SOCKETS = 20;
const KILLS = 20;
const AT_ONCE = 50;

interface Told {
  readonly connectionId: string;
  readonly requestId: string;
  readonly code: string;
  readonly reason: string;
  readonly isRedelivery: boolean;
}

const told: Told[] = [];
/** What a client calls itself → the id of its connection, as $connect was told it. */
const connected = new Map<string, string>();
const backend = createServer((request, response) => {
  const header = (name: string) => String(request.headers[name] ?? '');
  request.resume();
  if (request.url === '/connect') connected.set(header('x-client'), header('x-connection-id'));
  if (request.url === '/gone') {
    told.push({
      connectionId: header('x-connection-id'),
      requestId: header('x-request-id'),
      code: header('x-code'),
      reason: header('x-reason'),
      isRedelivery: header('x-sallyport-redelivery') === 'true',
    });
  }
  response.end(header('x-connection-id'));
});
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
after(() => {
  backend.closeAllConnections();
  backend.close();
});

function proxy(path: string): RouteOptions {
  return {
    isTwoWay: path !== '/gone',
    target: {
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: `http://127.0.0.1:${(backend.address() as AddressInfo).port}${path}`,
      RequestParameters: {
        'integration.request.header.x-connection-id': 'context.connectionId',
        ...(path === '/connect' && { 'integration.request.header.x-client': 'route.request.querystring.client' }),
        'integration.request.header.x-request-id': 'context.requestId',
        'integration.request.header.x-code': 'context.disconnectStatusCode',
        'integration.request.header.x-reason': 'context.disconnectReason',
      },
    },
  };
}

const ROUTES = { $disconnect: proxy('/gone'), $default: proxy('/who') };

function toldOf(connectionId: string): Told[] {
  return told.filter((one) => one.connectionId === connectionId);
}

async function connectMany(gateway: TestGateway, url: string) {
  return Promise.all(
    Array.from({ length: SOCKETS }, async () => {
      const client = await openSocket(gateway, url);
      return { ...client, connectionId: await ask(client, 'who') };
    }),
  );
}

test(`a gateway killed ${ROUNDS} times owes no $disconnect`, async (t) => {
  const dataDir = temporaryDirectory(t);
  let gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  const api = await makeApi(gateway.clients, ROUTES);
  for (let round = 0; round < ROUNDS; round += 1) {
    const clients = await connectMany(gateway, pathForm(gateway, api));
    const closing = clients.slice(0, SOCKETS / 2);
    const staying = clients.slice(SOCKETS / 2);
    // The kill falls among the closes.
    for (const { socket } of closing) socket.close(1000, 'bye');
    await closing[round]!.closed;
    await gateway.stop('SIGKILL');
    gateway = await startTestGateway(t, ['--data-dir', dataDir]);
    for (const { connectionId } of clients) {
      await eventually(`$disconnect of ${connectionId} came`, () => toldOf(connectionId).length > 0 || undefined);
    }
    for (const { connectionId } of staying) {
      assert.deepEqual(
        toldOf(connectionId).map(({ code, reason, isRedelivery }) => [code, reason, isRedelivery]),
        [['1006', 'Connection Closed Abnormally', true]],
      );
    }
    for (const { connectionId } of clients) {
      const all = toldOf(connectionId);
      assert.equal(new Set(all.map(({ requestId }) => requestId)).size, 1, 'a repetition has the same request id');
      assert.ok(all.filter(({ isRedelivery }) => !isRedelivery).length <= 1, 'only a redelivery may repeat');
    }
  }
});

test(`a gateway killed at ${KILLS} points among handshakes and closes owes no $disconnect`, async (t) => {
  const dataDir = temporaryDirectory(t);
  const dice = rollDice(SEED);
  let gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  const api = await makeApi(gateway.clients, { ...ROUTES, $connect: proxy('/connect') });
  const seen: string[] = [];
  for (let round = 0; round < KILLS; round += 1) {
    // So many sockets have been seen to open or to close when the kill comes; in the first rounds it may come before any.
    const events = dice.below(AT_ONCE + AT_ONCE / 2);
    await killAmong(gateway, pathForm(gateway, api), { events, round, onOpen: (client) => seen.push(client) });
    gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  }
  const missing = () => seen.filter((client) => toldOf(connected.get(client)!).length === 0);
  await eventually('every $disconnect came', () => missing().length === 0 || undefined);
  assert.ok(seen.length > KILLS, `${seen.length} sockets were seen to open (seed ${SEED})`);
  for (const client of seen) {
    const all = toldOf(connected.get(client)!);
    assert.equal(new Set(all.map(({ requestId }) => requestId)).size, 1, `${client}: one request id (seed ${SEED})`);
    assert.ok(all.filter(({ isRedelivery }) => !isRedelivery).length <= 1, `${client}: only a redelivery repeats`);
  }
});

interface Killing {
  readonly events: number;
  readonly round: number;
  onOpen(client: string): void;
}

/** Opens many sockets, of which every second closes at once, and kills the gateway after so many events, or after the last one. */
async function killAmong(gateway: TestGateway, url: string, { events, round, onOpen }: Killing): Promise<void> {
  let count = 0;
  let killed: Promise<unknown> | undefined;
  const happened = () => {
    if (count >= events) killed ??= gateway.stop('SIGKILL');
    count += 1;
  };
  happened();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, place) => {
      const client = `${round}-${place}`;
      try {
        const { socket, closed } = await openSocket(gateway, `${url}?client=${client}`);
        onOpen(client);
        happened();
        if (place % 2 === 1) return;
        socket.close(1000, 'bye');
        await closed;
        happened();
      } catch {
        // The gateway was killed before it said yes: nobody is owed anything.
      }
    }),
  );
  await (killed ?? gateway.stop('SIGKILL'));
}

test('what was delivered is not delivered again by the next process', async (t) => {
  const dataDir = temporaryDirectory(t);
  const gateway = await startTestGateway(t, ['--data-dir', dataDir]);
  const client = await openSocket(gateway, pathForm(gateway, await makeApi(gateway.clients, ROUTES)));
  const connectionId = await ask(client, 'who');
  client.socket.close(4001, 'done');
  await eventually('$disconnect came', () => toldOf(connectionId)[0]);
  assert.deepEqual([toldOf(connectionId)[0]!.code, toldOf(connectionId)[0]!.reason], ['4001', 'done']);
  assert.equal(await gateway.stop('SIGTERM'), 0);
  const later = await startTestGateway(t, ['--data-dir', dataDir]);
  assert.equal(await later.stop('SIGTERM'), 0);
  assert.equal(toldOf(connectionId).length, 1);
});
