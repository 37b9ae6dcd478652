// The base of HTTP_PROXY: `https` and `ws`, and for each message JSON.parse, one `undici.request` to the backend, and its body back.

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { WebSocketServer } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

await runProgram(async ({ tls, backendUrl }: { tls: BaseTls; backendUrl: string }) => {
  const dispatcher = new Agent({ connections: 256, pipelining: 1 });
  const server = createBaseServer(tls);
  new WebSocketServer({ server }).on('connection', (socket) => {
    const connectionId = randomUUID();
    socket.on('error', () => {});
    socket.on('message', async (data: Buffer) => {
      JSON.parse(String(data));
      const headers = { 'content-type': 'application/json', 'x-connection-id': connectionId };
      const { body } = await request(backendUrl, { method: 'POST', headers, body: data, dispatcher });
      socket.send(await body.text());
    });
  });
  return { ready: await listen(server) };
});
