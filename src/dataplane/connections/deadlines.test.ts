// The deadlines of connections over real sockets: what is idle too long is closed, what is gone is forgotten.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { LifecycleClock } from '../../ambient/clock.ts';
import { NO_OPTIONS } from '../../model/stage-options.ts';
import { limit } from '../../settings/limits.ts';
import { Connection } from './connection.ts';
import { createDeadlines } from './deadlines.ts';

test('of two connections that are idle as long, the one that was removed is not touched any more', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => server.close());
  const clock = new LifecycleClock();
  const deadlines = createDeadlines(clock, () => NO_OPTIONS);
  t.after(() => deadlines.stop());
  const open = async (connectionId: string): Promise<Connection> => {
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    t.after(() => client.terminate());
    const [[socket, request]] = (await Promise.all([once(server, 'connection'), once(client, 'open')])) as [
      [WebSocket, IncomingMessage],
      unknown,
    ];
    const facts = {
      connectionId,
      apiId: 'api',
      stageName: 'test',
      account: '000000000000',
      region: 'us-east-1',
      domainName: 'ws.example.com',
      sourceIp: '127.0.0.1',
      userAgent: undefined,
      connectedAtMs: clock.now(),
    };
    const segment = { number: 1, path: '', live: undefined, bytes: 0 };
    const connection = new Connection(
      { facts, requestId: '', ended: undefined, segment },
      socket,
      request.socket,
      clock,
    );
    deadlines.add(connection);
    return connection;
  };
  const [removed, kept] = [await open('removed'), await open('kept')];
  deadlines.remove(removed);
  deadlines.remove(removed);
  clock.advance(limit('idleTimeoutMs') + 2_000);
  assert.deepEqual([removed.state, kept.state], ['open', 'closing']);
  // One that has closed leaves nothing behind when it is removed after its time.
  deadlines.remove(kept);
});
