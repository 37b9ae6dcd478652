// The base of callbacks: `https` and `ws`; a POST with a connection id as the last part of its path sends its body to that socket.
// To any message a socket is told its id.

import { randomUUID } from 'node:crypto';
import { WebSocketServer, type WebSocket } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

await runProgram(async (tls: BaseTls) => {
  const sockets = new Map<string, WebSocket>();
  const server = createBaseServer(tls);
  server.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const socket = sockets.get(request.url!.slice(request.url!.lastIndexOf('/') + 1));
      socket?.send(Buffer.concat(chunks), { binary: false });
      response.writeHead(socket ? 200 : 410).end();
    });
  });
  new WebSocketServer({ server }).on('connection', (socket) => {
    const connectionId = randomUUID();
    sockets.set(connectionId, socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(connectionId));
    socket.on('message', () => socket.send(JSON.stringify({ connectionId })));
  });
  return { ready: await listen(server) };
});
