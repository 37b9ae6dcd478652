// The base of templates and models: `https` and `ws`, JSON.parse of each message, a look at its members when they are validated, and
// JSON.stringify of the reply.

import { WebSocketServer } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

await runProgram(async ({ tls, isValidated }: { tls: BaseTls; isValidated: boolean }) => {
  const server = createBaseServer(tls);
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const { action, text } = JSON.parse(String(data)) as { action: unknown; text: unknown };
      if (isValidated && (action !== 'echo' || typeof text !== 'string' || text.length > 256)) return;
      socket.send(JSON.stringify({ action, text }));
    });
  });
  return { ready: await listen(server) };
});
