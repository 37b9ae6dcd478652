// The plain HTTP listener (--http): what an authority asks for under http-01 (RFC 8555 8.3), and for whoever else comes the way to
// https. It serves no connection, no callback and no control operation, and never will: nothing on it is encrypted.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { continueInTurn, createAnswersUnderWay } from '../../ambient/answers-under-way.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { listenOn } from '../../ambient/listening.ts';
import { normalizeHost } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import type { ListenAddress } from '../../settings/settings.ts';
import { isHostServed } from '../../snapshot/resolve.ts';
import { endWithWords, writeChallenge, writeRedirect, writeWords } from '../respond/plain-answer.ts';
import type { DataWorld } from '../world.ts';
import { createPlainArrivals } from './arrivals.ts';

export interface HttpListener {
  readonly bound: readonly AddressInfo[];
  /** Takes no new connection and ends those that are open. May be called again. */
  close(): Promise<void>;
}

export type HttpWorld = Pick<DataWorld, 'snapshot' | 'suffix' | 'publicPort' | 'log' | 'realClock'>;

const CHALLENGE = /^\/\.well-known\/acme-challenge\/([\w-]+)$/;
const METHODS = 'GET, HEAD';
/** How late a time-out may be told. */
const CHECKING_INTERVAL_MS = 2_000;

/** Listens on every address, or on none: throws the first listen error. */
export async function startHttpListener(addresses: readonly ListenAddress[], world: HttpWorld): Promise<HttpListener> {
  const servers: Server[] = [];
  const close = async () => void (await Promise.all(servers.map((server) => closeServer(server))));
  try {
    for (const { host, port } of addresses) {
      const server = createHttpServer(world);
      await listenOn(server, host, port);
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { bound: servers.map((server) => server.address() as AddressInfo), close };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // It may be closed already; then there is nothing left to wait for.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function createHttpServer(world: HttpWorld): Server {
  const answers = createAnswersUnderWay(limit('controlRequestTimeoutMs'));
  const server = createServer({
    headersTimeout: limit('handshakeTimeoutMs'),
    requestTimeout: limit('handshakeTimeoutMs'),
    connectionsCheckingInterval: CHECKING_INTERVAL_MS,
    maxHeaderSize: limit('headerBytesMax'),
  });
  const arrivals = createPlainArrivals(world.realClock, world.log);
  server.on('connection', (socket) => arrivals.admit(socket));
  continueInTurn(server);
  server.on('request', (request, response) => {
    answers.add(response);
    answer(request, response, world);
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
function answer(request: IncomingMessage, response: ServerResponse, world: HttpWorld): void {
  const refuse = (status: number, words: string, headers?: Record<string, string>) => {
    world.log.debug('refused', { step: 'http', status, reason: words, sourceIp: request.socket.remoteAddress });
    writeWords(response, status, words, headers);
  };
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
