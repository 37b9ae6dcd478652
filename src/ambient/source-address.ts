// Whom a connection comes from: the one place that says so, for whatever counts, judges or tells of the clients of a connection. It is
// the address of the other side, unless a trusted proxy said for whom it speaks.

import type { Socket } from 'node:net';

/** What a TCP connection and the TLS upon it are both known by. */
type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/** By the four numbers of a connection: a TLS socket does not say which one it stands on. Empty where there is no proxy. */
const saidByProxies = new Map<string, string>();
/** The same of sockets that were asked about before: theirs is known when they are closed, too. */
const known = new WeakMap<object, string>();

/** From now on the connection, and the TLS upon it, comes from `address`. */
export function noteSourceAddress(socket: Socket, address: string): void {
  const name = nameOf(socket);
  saidByProxies.set(name, address);
  socket.once('close', () => saidByProxies.delete(name));
}

/** The plain address that a connection comes from, an IPv4 address always as such. `''` when the other side is gone already. */
export function sourceAddressOf(socket: Partial<Ends>): string {
  if (saidByProxies.size === 0) return known.get(socket) ?? peerOf(socket);
  const found = known.get(socket) ?? saidByProxies.get(nameOf(socket));
  if (found === undefined) return peerOf(socket);
  known.set(socket, found);
  return found;
}

/** The plain address of the other end itself, a proxy or not. */
export function peerOf({ remoteAddress = '' }: Pick<Partial<Ends>, 'remoteAddress'>): string {
  // Of a link-local address the interface is known, too (`%eth0`).
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Partial<Ends>): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
