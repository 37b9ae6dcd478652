// Whose connection it is. From a trusted proxy (--trusted-proxy) a connection to the TLS listener begins with a PROXY header, before
// TLS; it says for whom the proxy speaks. From everybody else it begins with TLS, and a PROXY header is just bad TLS. As the protocol
// demands, nobody guesses: a trusted proxy that sends no header is refused, or its clients could send one of their own.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { lookAtFirstBytes, type Looking } from '../../ambient/first-bytes.ts';
import type { Log } from '../../observe/log.ts';
import { peerAddress, type AddressRanges } from '../../protocol/ip-address.ts';
import { readProxyHeader, type ProxyHeader, type ProxyHeaderProblem } from '../../protocol/proxy-header.ts';
import { limit } from '../../settings/limits.ts';

export interface ProxiedConnections {
  /**
   * Hands a new TCP connection to `serve`, once the header of a trusted proxy is read and taken off; ends one whose header is
   * missing, malformed, too long or too slow. From then on `sourceOf` knows whose it is.
   */
  sort(socket: Socket, serve: (socket: Socket) => void): void;
  /** The plain address that a connection comes from, TCP or TLS: the peer's own, or what its trusted proxy says. `''` once it is gone. */
  sourceOf(socket: Duplex): string;
  /** Ends what was not sorted yet. */
  close(): void;
}

/** A header of version 1 may come byte by byte. */
const READINGS_MAX = 128;

export function createProxiedConnections(trusted: AddressRanges, log: Log): ProxiedConnections {
  const open = new Set<Socket>();
  const noted = new WeakMap<Duplex, string>();
  // A TLS socket does not say which connection it stands on; its four numbers do.
  const byConnection = new Map<string, string>();
  const note = (socket: Socket, source: string) => {
    const name = nameOf(socket);
    noted.set(socket, source);
    byConnection.set(name, source);
    socket.once('close', () => byConnection.delete(name));
  };
  const header: Looking<ProxyHeader | ProxyHeaderProblem> = {
    read: (bytes) => readProxyHeader(bytes, limit('headerBytesMax')),
    bytesMax: limit('headerBytesMax'),
    readingsMax: READINGS_MAX,
    giveUp: { problem: 'the PROXY header comes in too many pieces' },
    timeoutMs: limit('handshakeTimeoutMs'),
    taken: (found) => ('problem' in found ? 0 : found.length),
  };
  return {
    sort(socket, serve) {
      const peer = peerAddress(socket);
      if (!trusted.has(peer)) return serve(socket);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      lookAtFirstBytes(socket, header, (found) => {
        open.delete(socket);
        if ('problem' in found) {
          log.info('refused', { step: 'listen', reason: found.problem, sourceIp: peer });
          return void socket.destroy();
        }
        note(socket, found.source ?? peer);
        serve(socket);
      });
    },
    sourceOf(socket) {
      const known = noted.get(socket);
      if (known !== undefined) return known;
      const peer = peerAddress(socket as Socket);
      if (!trusted.has(peer)) return peer;
      const source = byConnection.get(nameOf(socket as Socket)) ?? '';
      noted.set(socket, source);
      return source;
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
