// Bytes over TLS as they are, for what no client library sends: a socket to the gateway's TLS listener that keeps what comes.

import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { WAIT_MS } from './eventually.ts';
import type { ReachableGateway } from './gateway.ts';

export interface RawConnection {
  readonly socket: Socket;
  /** All that came so far. */
  received(): Buffer;
  /** Waits until `look` finds something in what came; fails with `what` at the end of the connection, or of patience. */
  until<T>(what: string, look: (received: Buffer) => T | undefined): Promise<T>;
  /** Resolves to all that came, once nothing more can come. */
  ended(): Promise<Buffer>;
}

/** Follows a socket from its very first byte. Errors are ends. */
export function follow(socket: Socket): RawConnection {
  const chunks: Buffer[] = [];
  let isOver = false;
  const changed = new Set<() => void>();
  const tell = () => changed.forEach((look) => look());
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    tell();
  });
  socket.on('error', () => {});
  for (const event of ['end', 'close']) {
    socket.on(event, () => {
      isOver = true;
      tell();
    });
  }
  const received = () => Buffer.concat(chunks);
  const until = <T>(what: string, look: (all: Buffer) => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const stop = (end: () => void) => {
        clearTimeout(timer);
        changed.delete(again);
        end();
      };
      const fail = (why: string) =>
        stop(() =>
          reject(new Error(`${what}: ${why}; came ${JSON.stringify(received().toString('latin1').slice(0, 400))}`)),
        );
      const timer = setTimeout(() => fail('waited too long'), WAIT_MS);
      const again = () => {
        const found = look(received());
        if (found !== undefined) stop(() => resolve(found));
        else if (isOver) fail('the connection ended');
      };
      changed.add(again);
      again();
    });
  return {
    socket,
    received,
    until,
    ended: () => until('the connection ends', (all) => (isOver ? all : undefined)),
  };
}

export interface RawTlsOptions {
  readonly serverName?: string;
  /** Whether our side stays open when the gateway's has ended. */
  readonly allowHalfOpen?: boolean;
}

/** A TLS connection to the gateway whose handshake is done. */
export async function openRawTls(
  { tlsPort, ca }: ReachableGateway,
  { serverName = 'localhost', allowHalfOpen = false }: RawTlsOptions = {},
): Promise<RawConnection> {
  const tcp = connectTcp({ host: '127.0.0.1', port: tlsPort, noDelay: true, allowHalfOpen });
  tcp.on('error', () => {});
  const options = { socket: tcp, servername: serverName, ca, ALPNProtocols: ['http/1.1'], allowHalfOpen };
  const socket = connectTls(options as ConnectionOptions);
  const connection = follow(socket);
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(WAIT_MS) });
  return connection;
}

/** A TCP connection to a port of the gateway. */
export async function openRawTcp(port: number): Promise<RawConnection> {
  const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true });
  const connection = follow(socket);
  await once(socket, 'connect', { signal: AbortSignal.timeout(WAIT_MS) });
  return connection;
}
