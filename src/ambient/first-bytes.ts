// Looking at what a new connection sends first, before the protocol that will be spoken on it begins. Whatever is not taken is put
// back, so that whoever speaks next reads the connection as if nobody had looked.

import type { Socket } from 'node:net';

export interface Looking<T> {
  /** What the bytes so far are, or the least number of them that would tell more. Asked again when they are there. */
  readonly read: (bytes: Buffer) => T | number;
  /** How many more than that are read for it, at most. Whoever wants more is given up on by `giveUp`. */
  readonly bytesMax: number;
  /** In how many crumbs it may come. */
  readonly readingsMax: number;
  /** What is made of bytes that are too many, or in too many crumbs. */
  readonly giveUp: T;
  readonly timeoutMs: number;
  /** How many of the bytes are taken: the others are put back. */
  readonly taken: (found: T) => number;
}

/** `done` is called once, or never: for a client that leaves, or is too slow, the connection is ended. */
export function lookAtFirstBytes<T>(
  socket: Socket,
  { read, bytesMax, readingsMax, giveUp, timeoutMs, taken }: Looking<T>,
  done: (found: T) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let wanted = 1;
  let readings = 0;
  const leave = () => socket.destroy();
  const look = () => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      chunks.push(chunk);
      length += chunk.length;
    }
    if (length < wanted) return;
    const bytes = Buffer.concat(chunks);
    const found = read(bytes);
    readings += 1;
    const isToCome = typeof found === 'number' && found <= bytesMax;
    if (isToCome && readings < readingsMax) {
      chunks.splice(0, chunks.length, bytes);
      wanted = found;
      return;
    }
    clearTimeout(timer);
    socket.off('readable', look).off('end', leave).off('error', leave).off('close', stop);
    const result = typeof found === 'number' ? giveUp : found;
    const rest = bytes.subarray(taken(result));
    if (rest.length > 0) socket.unshift(rest);
    done(result);
  };
  const stop = () => clearTimeout(timer);
  const timer = setTimeout(leave, timeoutMs);
  socket.on('readable', look).on('end', leave).on('error', leave).on('close', stop);
}
