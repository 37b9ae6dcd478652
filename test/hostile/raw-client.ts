// A WebSocket client that keeps to no rule: TLS, the handshake, and then whatever bytes the attack likes.

import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';

export interface RawPlace {
  readonly port: number;
  readonly path: string;
  readonly localAddress?: string;
  /** More lines of the handshake, each with its end. */
  readonly headers?: string;
}

/** Opens one; `isReading` tells whether anything behind the 101 is read. Rejects when the handshake is refused. */
export async function openRaw(
  { port, path, localAddress, headers = '' }: RawPlace,
  isReading = true,
): Promise<TLSSocket> {
  const options = { host: '127.0.0.1', port, servername: 'localhost', rejectUnauthorized: false, localAddress };
  const socket = connectTls(options as ConnectionOptions);
  socket.on('error', () => socket.destroy());
  await beforeItCloses(socket, 'secureConnect');
  const lines = ['Host: localhost', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'];
  const head = [`GET ${path} HTTP/1.1`, ...lines, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n');
  socket.write(`${head}\r\n${headers}\r\n`);
  const [answer] = (await beforeItCloses(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101 ')) {
    socket.destroy();
    throw new Error(`refused: ${answer.toString('latin1').slice(0, 200)}`);
  }
  if (isReading) socket.resume();
  else socket.pause();
  return socket;
}

/** Its next event of this name; rejects when it closes before. */
function beforeItCloses(socket: TLSSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`closed before ${event}`));
    socket.once('close', fail);
    socket.once(event, (...values: unknown[]) => {
      socket.off('close', fail);
      resolve(values);
    });
  });
}

/** A masked frame, its mask zero. */
export function frame(firstOctet: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload as string);
  const length =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : Buffer.from([0xfe, bytes.length >> 8, bytes.length & 255]);
  return Buffer.concat([Buffer.from([firstOctet]), length, Buffer.alloc(4), bytes]);
}

/** Resolves to the code of the close frame, once it comes; frames before it are thrown away. 0 when the connection ends without one. */
export function closeCode(socket: TLSSocket): Promise<number> {
  return new Promise((resolve) => {
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      for (;;) {
        if (pending.length < 2) return;
        const short = pending[1]! & 0x7f;
        const head = short === 126 ? 4 : short === 127 ? 10 : 2;
        if (pending.length < head) return;
        const length =
          short < 126 ? short : short === 126 ? pending.readUInt16BE(2) : Number(pending.readBigUInt64BE(2));
        if (pending.length < head + length) return;
        if (pending[0] === 0x88) return resolve(length < 2 ? 0 : pending.readUInt16BE(head));
        pending = pending.subarray(head + length);
      }
    });
    socket.once('close', () => resolve(0));
  });
}
