// Load of messages: every socket sends one, waits for its reply and sends the next, until time is up. Asked for `p50`, it tells the
// median of the last time's round trips in milliseconds.

import type { TLSSocket } from 'node:tls';
import { median } from '../claim.ts';
import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { awake } from './awake.ts';
import { clientFrame, openWebSockets, serverFrameBytes } from './open.ts';

interface Settings {
  readonly target: Target;
  readonly connections: number;
  /** What is sent, and what is replied. */
  readonly message: string;
}

await runProgram(async ({ target, connections, message }: Settings) => {
  const sockets = await openWebSockets(target, connections);
  const frame = clientFrame(message);
  const replyBytes = serverFrameBytes(message);
  await Promise.all(sockets.map((socket) => checkReply(socket, frame, message)));
  let deadline = 0;
  let count = 0;
  let busy = 0;
  let trips: number[] = [];
  let finish = (_count: number) => {};
  let fail = (_error: Error) => {};
  const senders: (() => void)[] = [];
  for (const socket of sockets) {
    let missing = replyBytes;
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.write(frame);
    };
    senders.push(send);
    socket.on('close', () => fail(new Error('a socket was closed')));
    socket.on('data', (chunk: Buffer) => {
      missing -= chunk.length;
      if (missing > 0) return;
      if (missing < 0) return fail(new Error(`a reply is ${-missing} bytes longer than the message`));
      missing = replyBytes;
      count += 1;
      trips.push(performance.now() - sentAt);
      if (performance.now() < deadline) return send();
      busy -= 1;
      if (busy === 0) finish(count);
    });
  }
  return {
    ready: true,
    answer: async (question: number | 'p50') => {
      if (question === 'p50') return median(trips);
      return awake(
        () =>
          new Promise((resolve, reject) => {
            [finish, fail] = [resolve, reject];
            count = 0;
            trips = [];
            busy = sockets.length;
            deadline = performance.now() + question;
            for (const send of senders) send();
          }),
      );
    },
  };
});

/** The first reply is read; later ones are only counted. */
function checkReply(socket: TLSSocket, frame: Buffer, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      socket.off('data', onData);
      if (chunk.toString().endsWith(message)) resolve();
      else reject(new Error(`the reply is '${chunk.toString('latin1')}'`));
    };
    socket.on('data', onData);
    socket.write(frame);
  });
}
