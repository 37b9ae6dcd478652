// The base of messages, handshakes and memory: `https` and `ws`, and for each message JSON.parse and the message back.

import { WebSocketServer } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

await runProgram(async (tls: BaseTls) => {
  const server = createBaseServer(tls);
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      JSON.parse(String(data));
      socket.send(data, { binary: false });
    });
  });
  return { ready: await listen(server) };
});
