// The WebSocket handshake itself (RFC 6455 4.2), by the library: after admission, with the four headers that AWS sends and a
// subprotocol only when the `$connect` integration chose one.

import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import { isToken } from '../../protocol/header-text.ts';
import { limit } from '../../settings/limits.ts';
import { GatewaySocket } from '../connections/gateway-socket.ts';
import type { Admitted } from '../stages.ts';
import { boundFrames } from './frame-bound.ts';
import { checkFragments } from './fragment-check.ts';
import { hostProblem } from './host-problem.ts';

export interface Upgrader {
  /** The open socket, or undefined when the client broke off meanwhile. */
  upgrade(admitted: Admitted): GatewaySocket | undefined;
}

/** What is spoken here (RFC 6455 4.4). */
export const SPOKEN = { 'Sec-WebSocket-Version': '13' } as const;
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Only WebSocket is an upgrade: whoever asks for another protocol has made a request like any other. */
export function isWebSocketUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/** Why a request is no WebSocket handshake; undefined when it is one. Asked before any backend is. */
export function handshakeProblem(request: IncomingMessage): string | undefined {
  if (request.httpVersion !== '1.1') return `a WebSocket handshake is HTTP/1.1, not HTTP/${request.httpVersion}`;
  if (request.method !== 'GET') return `a WebSocket handshake is a GET, not a ${request.method}`;
  if (!isWebSocketUpgrade(request)) return 'the Upgrade header is not websocket';
  if (request.headers['sec-websocket-version'] !== SPOKEN['Sec-WebSocket-Version'])
    return 'Sec-WebSocket-Version must be 13';
  if (!KEY.test(request.headers['sec-websocket-key'] ?? '')) return 'Sec-WebSocket-Key must be 16 bytes in base64';
  const protocols = request.headers['sec-websocket-protocol'];
  if (protocols !== undefined && !isProtocolList(protocols)) return 'Sec-WebSocket-Protocol must list names, each once';
  if ((request.headers['content-length'] ?? '0') !== '0' || request.headers['transfer-encoding'] !== undefined) {
    return 'a handshake has no body';
  }
  // Node shows the first one alone: a backend or an authorizer might believe the other.
  const credentials = request.headersDistinct['authorization']?.length ?? 0;
  if (credentials > 1) return `a handshake has one Authorization header, this one ${credentials}`;
  return hostProblem(request);
}

function isProtocolList(header: string): boolean {
  const names = header.split(',').map((name) => name.trim());
  return names.every(isToken) && new Set(names).size === names.length;
}

export function createUpgrader(): Upgrader {
  boundFrames();
  checkFragments();
  const chosen = new WeakMap<IncomingMessage, string>();
  const options: ConstructorParameters<typeof WebSocketServer<typeof GatewaySocket>>[0] & Record<string, unknown> = {
    noServer: true,
    clientTracking: false,
    WebSocket: GatewaySocket,
    maxPayload: limit('messageBytesMax'),
    maxFragments: limit('fragmentsPerMessageMax'),
    maxPendingAutoPongs: limit('pongsWaitingMax'),
    closeTimeout: limit('closeTimeoutMs'),
    perMessageDeflate: false,
    handleProtocols: (_, request) => chosen.get(request) ?? false,
  };
  const server = new WebSocketServer(options);
  server.on('headers', (headers) => headers.push(`Date: ${new Date().toUTCString()}`));
  return {
    upgrade(admitted) {
      let opened: GatewaySocket | undefined;
      const { request, subprotocol } = admitted;
      // The library writes it as it is: a backend's word that is no name would begin headers of its own.
      if (subprotocol !== undefined && isToken(subprotocol)) chosen.set(request, subprotocol);
      server.handleUpgrade(request, admitted.socket, admitted.head, (socket) => {
        opened = socket;
      });
      return opened;
    },
  };
}
