// The base of AWS_PROXY: `https` and `ws`, and for each message JSON.parse, one `undici.request` with an event to the function, and the
// body of its output back. Nothing is signed.

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { WebSocketServer } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

await runProgram(async ({ tls, functionUrl }: { tls: BaseTls; functionUrl: string }) => {
  const dispatcher = new Agent({ connections: 256, pipelining: 1 });
  const server = createBaseServer(tls);
  new WebSocketServer({ server }).on('connection', (socket) => {
    const connectionId = randomUUID();
    socket.on('error', () => {});
    socket.on('message', async (data: Buffer) => {
      const text = String(data);
      const { action } = JSON.parse(text) as { action: string };
      const requestContext = { routeKey: action, eventType: 'MESSAGE', connectionId, requestTimeEpoch: Date.now() };
      const event = JSON.stringify({ requestContext, body: text, isBase64Encoded: false });
      const headers = { 'content-type': 'application/json' };
      const { body } = await request(functionUrl, { method: 'POST', headers, body: event, dispatcher });
      const output = (await body.json()) as { body: string };
      socket.send(output.body);
    });
  });
  return { ready: await listen(server) };
});
