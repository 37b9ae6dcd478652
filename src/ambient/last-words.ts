// The end of a connection that the server ends: its last bytes go out, and the peer may read them in peace, but not for ever.

import type { Duplex } from 'node:stream';

/**
 * Writes the last bytes and ends our side. What the peer is still sending is thrown away, because unread bytes would make the
 * system reset the connection and lose the answer; a peer that keeps its own side open is cut off after `patienceMs`. A socket
 * that has ended already says no more.
 */
export function endWithLastWords(socket: Duplex, bytes: string | Buffer, patienceMs: number): void {
  if (socket.writableEnded) return;
  const timer = setTimeout(() => socket.destroy(), patienceMs).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end(bytes);
  socket.resume();
}
