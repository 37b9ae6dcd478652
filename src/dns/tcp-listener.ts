// DNS over TCP (RFC 7766): messages with two octets of length before each, many on one connection, answered in order. What one client
// can take up is bounded: connections, octets of a question, the time in which a whole question must come, and answers it does
// not read.

import { createServer, type Server, type Socket } from 'node:net';
import { listenOn } from '../ambient/listening.ts';
import { limit } from '../settings/limits.ts';

/** The response to a message, if it deserves one. */
export type TcpReply = (message: Buffer) => Buffer | undefined;

export interface TcpListener {
  isListening(): boolean;
  close(): Promise<void>;
}

const LENGTH_BYTES = 2;

export async function listenTcp(host: string, port: number, reply: TcpReply): Promise<TcpListener> {
  // The one that was answered longest ago comes first.
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const ofAddress = [...open].filter(({ remoteAddress }) => remoteAddress === socket.remoteAddress).length;
    if (ofAddress >= limit('dnsTcpConnectionsPerAddressMax')) return void socket.destroy();
    if (open.size >= limit('dnsTcpConnectionsMax')) open.values().next().value!.destroy();
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    serveTcp(socket, reply, () => {
      open.delete(socket);
      open.add(socket);
    });
  });
  await listenOn(server, host, port);
  return {
    isListening: () => server.listening,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function serveTcp(socket: Socket, reply: TcpReply, answered: () => void): void {
  let pending = Buffer.alloc(0);
  // Begins again with each question that came whole: octets that only trickle in do not keep a connection.
  const timer = setTimeout(() => socket.destroy(), limit('dnsTcpIdleTimeoutMs'));
  socket.on('close', () => clearTimeout(timer));
  const answerPending = () => {
    while (pending.length >= LENGTH_BYTES && !socket.destroyed) {
      const length = pending.readUInt16BE(0);
      if (length > limit('dnsTcpQuestionBytesMax')) return void socket.destroy();
      if (pending.length < LENGTH_BYTES + length) return;
      // A client that does not read its answers is read no further.
      if (socket.writableNeedDrain) return void socket.pause();
      const answer = reply(pending.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      pending = pending.subarray(LENGTH_BYTES + length);
      timer.refresh();
      answered();
      if (answer) socket.write(framed(answer));
    }
  };
  socket.on('drain', () => {
    answerPending();
    if (!socket.writableNeedDrain) socket.resume();
  });
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    answerPending();
  });
}

function framed(answer: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(answer.length);
  return Buffer.concat([length, answer]);
}
