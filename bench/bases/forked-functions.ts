// The least that runs a handler in processes of its own: `https` and `ws`, as many forked children as messages are under way at once, and
// for each message an event by hand, over IPC, and the body of the output back.

import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { runProgram } from '../processes.ts';
import type { BaseTls } from '../subject.ts';
import { createBaseServer, listen } from './listen.ts';

const CHILD = fileURLToPath(new URL('./forked-function.ts', import.meta.url));

await runProgram(async ({ tls, handler }: { tls: BaseTls; handler: string }) => {
  const idle: ChildProcess[] = [];
  const server = createBaseServer(tls);
  new WebSocketServer({ server }).on('connection', (socket) => {
    const connectionId = randomUUID();
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      const text = String(data);
      const { action } = JSON.parse(text) as { action: string };
      const requestContext = { routeKey: action, eventType: 'MESSAGE', connectionId, requestTimeEpoch: Date.now() };
      const child = idle.pop() ?? fork(CHILD, [handler], { execArgv: [] });
      child.once('message', (output: { body: string }) => {
        idle.push(child);
        socket.send(output.body);
      });
      child.send({ requestContext, body: text, isBase64Encoded: false });
    });
  });
  return { ready: await listen(server) };
});
