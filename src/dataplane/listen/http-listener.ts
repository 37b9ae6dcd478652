// The plain HTTP listener (--http): what an authority asks for under http-01 (RFC 8555 8.3), and for whoever else comes the way to
// https. It serves no connection and no callback, for nothing on it is encrypted: but what a trusted proxy (--trusted-proxy) says
// that it took over TLS goes in by the entrance, as on the TLS listener. No control operation is here, whoever asks.

import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { continueInTurn, createAnswersUnderWay } from '../../ambient/answers-under-way.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { listenOn } from '../../ambient/listening.ts';
import { readForwarded } from '../../protocol/forwarded-headers.ts';
import { normalizeHost } from '../../protocol/host-name.ts';
import { peerAddress, type AddressRanges } from '../../protocol/ip-address.ts';
import { limit } from '../../settings/limits.ts';
import type { ListenAddress } from '../../settings/settings.ts';
import { isHostServed } from '../../snapshot/resolve.ts';
import { endWithWords, writeChallenge, writeRedirect, writeWords } from '../respond/plain-answer.ts';
import type { DataWorld } from '../world.ts';
import { createPlainArrivals } from './arrivals.ts';
import type { Entrance } from './entrance.ts';
import { isWebSocketUpgrade } from './upgrader.ts';

export interface HttpListener {
  readonly bound: readonly AddressInfo[];
  /** True while all of it takes connections. */
  isListening(): boolean;
  /** Takes no new connection; sockets that a proxy opened stay. */
  stopAccepting(): void;
  /** Ends what is left. May be called again. */
  close(): Promise<void>;
}

export interface HttpListenerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly trusted: AddressRanges;
  readonly entrance: Entrance;
}

export type HttpWorld = Pick<DataWorld, 'snapshot' | 'suffix' | 'publicPort' | 'log' | 'realClock'>;

const CHALLENGE = /^\/\.well-known\/acme-challenge\/([\w-]+)$/;
const METHODS = 'GET, HEAD';
/** How late a time-out may be told. */
const CHECKING_INTERVAL_MS = 2_000;

/** Listens on every address, or on none: throws the first listen error. */
export async function startHttpListener(options: HttpListenerOptions, world: HttpWorld): Promise<HttpListener> {
  const servers: Server[] = [];
  const close = async () => void (await Promise.all(servers.map((server) => closeServer(server))));
  try {
    for (const { host, port } of options.addresses) {
      const server = createHttpServer(options, world);
      await listenOn(server, host, port);
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    bound: servers.map((server) => server.address() as AddressInfo),
    isListening: () => servers.every((server) => server.listening),
    stopAccepting() {
      for (const server of servers) server.close();
    },
    close,
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) resolve();
    else server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** What a trusted proxy says of a request; undefined for a request of everybody else's. */
type Told = ReturnType<typeof readForwarded> | undefined;

function createHttpServer({ trusted, entrance }: HttpListenerOptions, world: HttpWorld): Server {
  const answers = createAnswersUnderWay(limit('controlRequestTimeoutMs'));
  const toldOf = (request: IncomingMessage): Told => {
    const peer = peerAddress(request.socket);
    return trusted.has(peer) ? readForwarded(request.headers, peer, trusted) : undefined;
  };
  const secureOrigin = (told: Told) =>
    told && 'isSecure' in told && told.isSecure ? { sourceIp: told.sourceIp, serverName: '' } : undefined;
  const server = createServer({
    headersTimeout: limit('handshakeTimeoutMs'),
    requestTimeout: limit('handshakeTimeoutMs'),
    connectionsCheckingInterval: CHECKING_INTERVAL_MS,
    maxHeaderSize: limit('headerBytesMax'),
    shouldUpgradeCallback: (request: IncomingMessage) =>
      isWebSocketUpgrade(request) && secureOrigin(toldOf(request)) !== undefined,
  } as ServerOptions);
  const arrivals = createPlainArrivals(peerAddress, world.realClock, world.log);
  server.on('connection', (socket) => {
    // Behind a proxy there are many clients, which it bounds itself.
    if (!trusted.has(peerAddress(socket))) arrivals.admit(socket);
  });
  continueInTurn(server);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that breaks off is nobody's fault; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    (socket as Socket).setNoDelay(true);
    const origin = secureOrigin(toldOf(request));
    if (origin) answers.afterThem(socket, () => entrance.accept(request, socket, head, origin));
    else socket.destroy();
  });
  server.on('request', (request, response) => {
    answers.add(response);
    const told = toldOf(request);
    const origin = secureOrigin(told);
    if (origin) void entrance.answer(request, response, origin);
    else answer(request, response, told, world);
  });
  server.on('connect', (_, socket) => {
    socket.on('error', () => socket.destroy());
    endWithWords(socket, 405, `There are ${METHODS} alone.`, METHODS);
  });
  server.on('clientError', (error, socket) => {
    world.log.debug('refused', { step: 'http', reason: error.message });
    answers.afterThem(socket, (isAnswered) => {
      if (isAnswered) endWithLastWords(socket, '', limit('closeTimeoutMs'));
      else if (socket.writable) endWithWords(socket, 400, 'The request is not HTTP, or its headers are too large.');
      // What is ended already is left to it: its last words may still be on their way.
      else if (!socket.writableEnded) socket.destroy();
    });
  });
  return server;
}

/** What is asked for, in this order: something that can be answered at all, a challenge, the way to a host of ours. */
function answer(request: IncomingMessage, response: ServerResponse, told: Told, world: HttpWorld): void {
  const sourceIp = told && 'sourceIp' in told ? told.sourceIp : peerAddress(request.socket);
  const refuse = (status: number, words: string, headers?: Record<string, string>) => {
    world.log.debug('refused', { step: 'http', status, reason: words, sourceIp });
    writeWords(response, status, words, headers);
  };
  if (told && 'problem' in told) return refuse(400, told.problem);
  const { method, url: target = '/', headers, headersDistinct } = request;
  if (method !== 'GET' && method !== 'HEAD') return refuse(405, `There are ${METHODS} alone.`, { Allow: METHODS });
  const max = limit('urlBytesMax');
  if (target.length > max) return refuse(414, `The URL of ${target.length} bytes exceeds ${max}.`);
  if (!target.startsWith('/')) return refuse(400, 'The request target must be a path.');
  if ((headersDistinct['host']?.length ?? 0) > 1) return refuse(400, 'A request has one Host header.');
  if (headers.upgrade !== undefined)
    return refuse(400, 'Nothing is upgraded here. WebSocket is spoken over TLS: wss://');
  const host = normalizeHost(headers.host);
  const token = CHALLENGE.exec(target)?.[1];
  const challenge = token === undefined ? undefined : world.snapshot.challenges('http-01', `${host}/${token}`).at(-1);
  if (challenge) return writeChallenge(response, challenge.value);
  if (!isHostServed(world.snapshot, world.suffix, host)) return refuse(404, 'Nothing is served for this host.');
  writeRedirect(response, `https://${host}${world.publicPort()}${target}`);
}
