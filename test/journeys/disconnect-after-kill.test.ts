// $disconnect outlives a kill -9: whoever read a 101 is told to its backend as gone, by this process or by the next.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway, temporaryDirectory, type TestGateway } from '../harness/gateway.ts';
import { ask, makeApi, openSocket, pathForm, type RouteOptions } from '../harness/sockets.ts';

const ROUNDS = 3;
const SOCKETS = 20;

interface Told {
  readonly connectionId: string;
  readonly requestId: string;
  readonly code: string;
  readonly reason: string;
  readonly isRedelivery: boolean;
}

const told: Told[] = [];
const backend = createServer((request, response) => {
  const header = (name: string) => String(request.headers[name] ?? '');
  request.resume();
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
