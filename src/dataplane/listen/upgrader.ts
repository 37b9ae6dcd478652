// The WebSocket handshake itself (RFC 6455 4.2), by the library: after admission, with the four headers that AWS sends and a
// subprotocol only when the `$connect` integration chose one.

import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import { limit } from '../../settings/limits.ts';
import { GatewaySocket } from '../connections/gateway-socket.ts';
import type { Admitted } from '../stages.ts';
import { boundFrames } from './frame-bound.ts';

export interface Upgrader {
  /** The open socket, or undefined when the client broke off meanwhile. */
  upgrade(admitted: Admitted): GatewaySocket | undefined;
}

const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Why a request is no WebSocket handshake; undefined when it is one. Asked before any backend is. */
export function handshakeProblem(request: IncomingMessage): string | undefined {
  if (request.method !== 'GET') return `a WebSocket handshake is a GET, not a ${request.method}`;
  if (request.headers.upgrade?.toLowerCase() !== 'websocket') return 'the Upgrade header is not websocket';
  if (request.headers['sec-websocket-version'] !== '13') return 'Sec-WebSocket-Version must be 13';
  if (!KEY.test(request.headers['sec-websocket-key'] ?? '')) return 'Sec-WebSocket-Key must be 16 bytes in base64';
  const protocols = request.headers['sec-websocket-protocol'];
  if (protocols !== undefined && !isProtocolList(protocols)) return 'Sec-WebSocket-Protocol must list names, each once';
  const hosts = hostHeaders(request.rawHeaders);
  if (hosts !== 1) return `a handshake has one Host header, this one ${hosts}`;
  if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
    return 'a handshake has no body';
  }
  return undefined;
}

/** How many Host headers there are; Node shows the first alone. */
function hostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

function isProtocolList(header: string): boolean {
  const names = header.split(',').map((name) => name.trim());
  return names.every((name) => TOKEN.test(name)) && new Set(names).size === names.length;
}

export function createUpgrader(): Upgrader {
  boundFrames();
  const chosen = new WeakMap<IncomingMessage, string>();
  const options: ConstructorParameters<typeof WebSocketServer<typeof GatewaySocket>>[0] & Record<string, unknown> = {
    noServer: true,
    clientTracking: false,
    WebSocket: GatewaySocket,
    maxPayload: limit('messageBytesMax'),
    maxFragments: limit('fragmentsPerMessageMax'),
    closeTimeout: limit('closeTimeoutMs'),
    perMessageDeflate: false,
    handleProtocols: (_, request) => chosen.get(request) ?? false,
  };
  const server = new WebSocketServer(options);
  server.on('headers', (headers) => headers.push(`Date: ${new Date().toUTCString()}`));
  return {
    upgrade(admitted) {
      let opened: GatewaySocket | undefined;
      if (admitted.subprotocol !== undefined) chosen.set(admitted.request, admitted.subprotocol);
      server.handleUpgrade(admitted.request, admitted.socket, admitted.head, (socket) => {
        opened = socket;
      });
      return opened;
    },
  };
}
