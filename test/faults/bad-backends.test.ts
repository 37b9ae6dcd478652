// Backends that misbehave in ways that cost the gateway something: answers without end, heads without end, octets that trickle, silence.
// Each call ends within its bounds, the client gets its frame, its socket stays, and others are served meanwhile.

import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { startTestGateway } from '../harness/gateway.ts';
import { forgetPeak, openFiles, peakBytes } from '../harness/process-facts.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const MIB = 1_048_576;
/** Ten answers at a time, each kept up to 10 MiB before it is known to be too long. */
const AT_ONCE = 10;
const GROWN_MIB_MAX = 320;
const TIMEOUT_MS = 1_500;
const DRIP_MS = 50;

/** Writes again and again until the other side is gone. */
function pour(socket: Socket, piece: string | Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  more();
}

function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

const OK = 'HTTP/1.1 200 OK\r\n';
const BEHAVIOURS: Readonly<Record<string, (socket: Socket) => void>> = {
  'answers 100 MB': (socket) => {
    socket.write(`${OK}Content-Length: 104857600\r\n\r\n`);
    pour(socket, Buffer.alloc(65_536, 'x'));
  },
  'answers without end, in chunks': (socket) => {
    socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`);
    pour(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`);
  },
  'answers with headers without end': (socket) => {
    socket.write(OK);
    pour(socket, `X-More: ${'x'.repeat(1_000)}\r\n`);
  },
  'answers with one header without end': (socket) => {
    socket.write(`${OK}X-More: `);
    pour(socket, 'x'.repeat(10_000));
  },
  'answers with interim answers without end': (socket) => pour(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)),
  'says nothing': () => {},
  'answers half, and no more': (socket) => void socket.write(`${OK}Content-Length: 100\r\n\r\nhalf`),
  'answers half, and hangs up': (socket) => void socket.end(`${OK}Content-Length: 100\r\n\r\nhalf`),
  'answers octet by octet, without end': (socket) => {
    socket.write(`${OK}Content-Length: 100000\r\n\r\n`);
    drip(socket, 'x');
  },
  'sends headers octet by octet, without end': (socket) => {
    socket.write(OK);
    drip(socket, 'x');
  },
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'answers what is no HTTP': (socket) => void socket.end('\x00\x01\x02 what is this\r\n\r\n'),
};

const servers = await Promise.all(
  Object.values(BEHAVIOURS).map(async (behave) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
      socket.once('data', () => behave(socket));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }),
);
const gateway = await startTestGateway({ after });
const { pid } = gateway.ready;
const routes = Object.fromEntries(
  servers.map((IntegrationUri, at) => {
    const target = {
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri,
      TimeoutInMillis: TIMEOUT_MS,
    } as const;
    return [`b${at}`, { target, isTwoWay: true }];
  }),
);
const api = await makeApi(gateway.clients, { ...routes, $default: { target: mock('served'), isTwoWay: true } });
const url = pathForm(gateway, api);

describe('a backend that', () => {
  for (const [at, name] of Object.keys(BEHAVIOURS).entries()) {
    test(name, async (t) => {
      const neighbour = await openSocket(gateway, url);
      const client = await openSocket(gateway, url);
      assert.equal(await ask(neighbour, 'x'), 'served');
      forgetPeak(pid);
      const before = peakBytes(pid);
      const filesBefore = openFiles(pid);
      let isOver = false;
      const calls = (async () => {
        for (let count = 0; count < AT_ONCE; count += 1) client.socket.send(`{"action":"b${at}"}`);
        for (let count = 0; count < AT_ONCE; count += 1)
          assert.match(await client.receive(), /^\{"message": ?"(Internal server error|Endpoint request timed out)"/);
      })().finally(() => (isOver = true));
      let roundTrips = 0;
      while (!isOver || roundTrips === 0) {
        assert.equal(await ask(neighbour, 'x'), 'served');
        roundTrips += 1;
      }
      await calls;
      assert.equal(await ask(client, 'x'), 'served', 'its socket stays');
      const grownMiB = Math.round((peakBytes(pid) - before) / MIB);
      assert.ok(grownMiB <= GROWN_MIB_MAX, `memory grew by ${grownMiB} MiB`);
      assert.ok(openFiles(pid) <= filesBefore + AT_ONCE, 'connections are not left behind');
      client.socket.terminate();
      neighbour.socket.terminate();
      tellSafety(`faults a backend that ${t.name}`, {
        cases: 1,
        roundTrips,
        grownMiB,
        lost: 0,
        foreign: 0,
        crashes: 0,
      });
    });
  }
});
