// The process is told to end, or is killed, in the middle of everything: messages on their way to a backend, callbacks, changes of the
// configuration. What was acknowledged is there afterwards, every socket has its $disconnect, and nothing of the process is left.

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { CreateApiCommand, DeleteApiCommand, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway, temporaryDirectory, type Owner } from '../harness/gateway.ts';
import { processesWith } from '../harness/process-facts.ts';
import { tellSafety } from '../harness/safety-line.ts';
import { makeApi, openSocket, pathForm, type RouteOptions, type TestSocket } from '../harness/sockets.ts';

const SOCKETS = 20;
const CONTROL_LANES = 4;
/** What must have been acknowledged of each kind when the end comes. */
const ACKNOWLEDGED_MIN = 40;

/** A backend that takes its time with messages, and notes who is gone. */
async function startBackend(owner: Owner) {
  const gone = new Set<string>();
  const waiting = new Set<NodeJS.Timeout>();
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then(() => {
      const id = String(request.headers['x-id']);
      if (request.url === '/gone') gone.add(id);
      // Some of them are always on their way.
      const timer = setTimeout(
        () => {
          waiting.delete(timer);
          response.end(id);
        },
        request.url === '/gone' ? 0 : 10,
      );
      waiting.add(timer);
    });
  }).listen(0, '127.0.0.1');
  await eventually('the backend listens', () => server.listening || undefined);
  owner.after(() => {
    for (const timer of waiting) clearTimeout(timer);
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const route = (path: string, isTwoWay: boolean): RouteOptions => ({
    target: {
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: `${url}${path}`,
      RequestParameters: { 'integration.request.header.x-id': 'context.connectionId' },
    },
    isTwoWay,
  });
  return { gone, routes: { $default: route('/message', true), $disconnect: route('/gone', false) } };
}

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} among messages, callbacks and control calls`, async (t) => {
    const dataDir = temporaryDirectory(t);
    const gateway = await startTestGateway(t, ['--data-dir', dataDir]);
    const backend = await startBackend(t);
    const api = await makeApi(gateway.clients, backend.routes);
    const clients = await Promise.all(
      Array.from({ length: SOCKETS }, () => openSocket(gateway, pathForm(gateway, api))),
    );
    const management = new ApiGatewayManagementApiClient({
      endpoint: `https://localhost:${gateway.tlsPort}/_aws/execute-api/${api.apiId}/${api.stage}`,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { httpsAgent: new Agent({ ca: gateway.ca, keepAlive: true }) },
    });
    t.after(() => management.destroy());
    const [there, deleted, posted, received] = [
      new Set<string>(),
      new Set<string>(),
      new Set<string>(),
      new Set<string>(),
    ];
    let answered = 0;
    let isOver = false;
    const ids: string[] = [];

    const talk = async (client: TestSocket, place: number) => {
      client.socket.on('message', (data) => {
        const words = String(data);
        if (words.startsWith('posted ')) return void received.add(words);
        ids[place] = words;
        answered += 1;
        if (!isOver) client.socket.send('again');
      });
      client.socket.send('first');
      await client.closed;
    };
    const post = async (place: number) => {
      for (let count = 0; !isOver; count += 1) {
        const ConnectionId = await eventually('its id is known', () => ids[place]);
        const words = `posted ${place} ${count}`;
        await management.send(new PostToConnectionCommand({ ConnectionId, Data: words }));
        posted.add(words);
      }
    };
    const configure = async (lane: number) => {
      for (let count = 0; !isOver; count += 1) {
        const named = {
          Name: `${lane} ${count}`,
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.a',
        } as const;
        const { ApiId } = await gateway.clients.gateway.send(new CreateApiCommand(named));
        there.add(ApiId!);
        if (count % 3 !== 0) continue;
        // While nobody has heard, it may be there or not.
        there.delete(ApiId!);
        await gateway.clients.gateway.send(new DeleteApiCommand({ ApiId }));
        deleted.add(ApiId!);
      }
    };
    const talking = clients.map(talk);
    // Each lane ends with a call that nobody answers any more.
    const lanes = [...Array(4).keys()].map((place) => post(place).catch(() => {}));
    lanes.push(...[...Array(CONTROL_LANES).keys()].map((lane) => configure(lane).catch(() => {})));

    await eventually('the load is under way', () =>
      Math.min(answered, posted.size, there.size) >= ACKNOWLEDGED_MIN ? true : undefined,
    );
    const code = await gateway.stop(signal);
    isOver = true;
    await Promise.all([...talking, ...lanes]);
    assert.equal(code, signal === 'SIGTERM' ? 0 : null);
    assert.deepEqual(processesWith(dataDir), [], 'nothing of it is left');
    if (signal === 'SIGTERM') {
      for (const client of clients) assert.equal((await client.closed).code, 1012);
      assert.deepEqual(
        [...posted].filter((words) => !received.has(words)),
        [],
        'what was posted was received',
      );
    }

    const later = await startTestGateway(t, ['--data-dir', dataDir]);
    const found = new Set<string>();
    let NextToken: string | undefined;
    do {
      const page = await later.clients.gateway.send(new GetApisCommand({ MaxResults: '500', NextToken }));
      for (const { ApiId } of page.Items!) found.add(ApiId!);
      ({ NextToken } = page);
    } while (NextToken);
    const lost = [...there].filter((id) => !found.has(id));
    const back = [...deleted].filter((id) => found.has(id));
    assert.deepEqual([lost, back], [[], []]);
    await eventually('every socket has its $disconnect', () => ids.every((id) => backend.gone.has(id)) || undefined);
    const acknowledged = there.size + deleted.size + posted.size;
    tellSafety(`faults ${t.name}`, {
      cases: 1,
      acknowledged,
      answered,
      lost: lost.length + back.length,
      foreign: 0,
      crashes: 0,
    });
  });
}
