// The TLS listener: where connections, callbacks and approvals come in. TLS by server name, one HTTP request, and from there the
// entrance. What a trusted proxy says of a connection is read before TLS, and so is what an authority
// asks under tls-alpn-01: it is sorted out there, and never comes as far as HTTP.

import { constants, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { continueInTurn, createAnswersUnderWay } from '../../ambient/answers-under-way.ts';
import { requestId as newRequestId } from '../../ambient/ids.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { listenOn } from '../../ambient/listening.ts';
import { assert, refuse } from '../../model/faults.ts';
import { normalizeName } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import type { ListenAddress } from '../../settings/settings.ts';
import { logRefusal } from '../path.ts';
import { refuseHandshake } from '../respond/handshake-refusal.ts';
import { createAlpnChallenges, type AlpnChallenges } from '../terminate/alpn-challenge.ts';
import { followDefaultCertificate } from '../terminate/default-certificate.ts';
import type { KeyPairs, SecureContexts } from '../terminate/secure-contexts.ts';
import type { DataWorld } from '../world.ts';
import type { Entrance } from './entrance.ts';
import { isWebSocketUpgrade } from './upgrader.ts';
import type { ProxiedConnections } from './proxied-connections.ts';
import { createArrivals, type Arrivals } from './arrivals.ts';

export interface TlsListenerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly contexts: SecureContexts;
  readonly keyPairs: KeyPairs;
  readonly entrance: Entrance;
  readonly proxied: ProxiedConnections;
}

export interface TlsListener {
  readonly bound: readonly AddressInfo[];
  /** True while all of it takes connections. */
  isListening(): boolean;
  /** Takes no new connection; open sockets stay. */
  stopAccepting(): void;
  /** Ends what is left. */
  close(): Promise<void>;
}

const STEP = 'listen';
/** How late a time-out may be told. */
const CHECKING_INTERVAL_MS = 2_000;

/** The policy TLS_1_2 for WebSocket APIs (custom-domains 3.1). */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
  'AES128-GCM-SHA256',
  'AES128-SHA256',
  'AES256-GCM-SHA384',
  'AES256-SHA256',
].join(':');

const TICKET_KEY_BYTES = 48;
const TICKET_KEY_ROTATION_MS = 12 * 3_600_000;

/** Listens on every address, or on none: throws the first listen error. */
export async function startTlsListener(options: TlsListenerOptions, world: DataWorld): Promise<TlsListener> {
  const servers: Server[] = [];
  const { maxVersion, keyPairs, proxied } = options;
  const tls = tlsOptions(maxVersion, world);
  const { snapshot, log } = world;
  const { sourceOf } = proxied;
  const arrivals = createArrivals(sourceOf, world.realClock, log);
  const challenges = createAlpnChallenges({ snapshot, keyPairs, log, tls, sourceOf });
  try {
    for (const { host, port } of options.addresses) {
      const server = createTlsServer(options, world);
      beforeTls(server, options, { challenges, arrivals }, world);
      await listenOn(server, host, port);
      servers.push(server);
    }
  } catch (error) {
    for (const server of servers) server.close();
    throw error;
  }
  const rotation = setInterval(() => {
    for (const server of servers) server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
  }, TICKET_KEY_ROTATION_MS).unref();
  return {
    bound: servers.map((server) => server.address() as AddressInfo),
    isListening: () => servers.every((server) => server.listening),
    stopAccepting() {
      clearInterval(rotation);
      for (const server of servers) server.close();
    },
    async close() {
      proxied.close();
      challenges.close();
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              if (!server.listening) resolve();
              else server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

/** What TLS is spoken like, whichever certificate is shown. */
function tlsOptions(maxVersion: TlsListenerOptions['maxVersion'], world: DataWorld) {
  return {
    minVersion: 'TLSv1.2',
    maxVersion,
    ciphers: CIPHERS,
    honorCipherOrder: true,
    // With --strict-host a resumed handshake, which names no host, must not happen.
    ...(world.strictHost ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
  } as const;
}

/** What happens to a TCP connection before its handshake begins: a few look-ups, as a rule. */
function beforeTls(
  server: Server,
  { maxVersion, contexts, proxied }: TlsListenerOptions,
  { challenges, arrivals }: { readonly challenges: AlpnChallenges; readonly arrivals: Arrivals },
  world: DataWorld,
): void {
  const [begin, ...others] = server.listeners('connection') as ((socket: Socket) => void)[];
  assert(begin && others.length === 0, 'the one who listens for connections is the one who begins TLS');
  const followDefault = followDefaultCertificate(server, contexts, tlsOptions(maxVersion, world), world.log);
  const serve = (socket: Socket) => {
    followDefault();
    begin.call(server, socket);
  };
  server.off('connection', begin).on('connection', (socket: Socket) => {
    // Only when its PROXY header is read is it known where a connection comes from.
    proxied.sort(socket, (sorted) => {
      if (arrivals.admit(sorted)) challenges.sort(sorted, serve);
    });
  });
  const { tls } = world.meters;
  server.on('secureConnection', (socket) => {
    arrivals.finished(socket);
    tls[socket.isSessionReused() ? 'resumed' : 'full'] += 1;
  });
}

function createTlsServer(options: TlsListenerOptions, world: DataWorld): Server {
  const { maxVersion, contexts, entrance, proxied } = options;
  const fallback = contexts.fallback();
  const answers = createAnswersUnderWay(limit('controlRequestTimeoutMs'));
  const originOf = (socket: Duplex) => ({ sourceIp: proxied.sourceOf(socket), serverName: serverNameOf(socket) });
  const server = createServer({
    ...tlsOptions(maxVersion, world),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: limit('handshakeTimeoutMs'),
    headersTimeout: limit('handshakeTimeoutMs'),
    requestTimeout: limit('controlRequestTimeoutMs'),
    connectionsCheckingInterval: CHECKING_INTERVAL_MS,
    maxHeaderSize: limit('headerBytesMax'),
    // A client that sends no server name is served by the default certificate.
    ...(fallback && { cert: fallback.cert, key: fallback.key }),
    SNICallback: (serverName, done) => done(null, contexts.contextFor(serverName)),
    // Only WebSocket is an upgrade; a POST that asks for another protocol is still a POST.
    shouldUpgradeCallback: isWebSocketUpgrade,
  } as Parameters<typeof createServer>[0]);
  server.on('secureConnection', (socket) => socket.setNoDelay(true));
  server.on('tlsClientError', (error, socket) => {
    world.meters.tls.failed += 1;
    world.log.debug('refused', { step: 'terminate', reason: error.message, sourceIp: proxied.sourceOf(socket) });
  });
  server.on('clientError', (error, socket) => {
    answers.afterThem(socket, (isAnswered) => {
      const refusal = refuse('BadRequest', STEP, error.message);
      const requestId = newRequestId();
      logRefusal(world, refusal, requestId, { sourceIp: proxied.sourceOf(socket) });
      if (isAnswered) endWithLastWords(socket, '', limit('closeTimeoutMs'));
      else if (socket.writable) refuseHandshake(socket, refusal, requestId);
      // What is ended already is left to it: its last words may still be on their way.
      else if (!socket.writableEnded) socket.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A client that breaks off is nobody's fault; without a listener it would end the process.
    socket.on('error', () => socket.destroy());
    answers.afterThem(socket, () => entrance.accept(request, socket, head, originOf(socket)));
  });
  continueInTurn(server);
  server.on('request', (request, response) => {
    answers.add(response);
    void entrance.answer(request, response, originOf(request.socket));
  });
  return server;
}

/** What the client asked TLS for; `''` when it named nothing, or resumed. */
function serverNameOf(socket: Duplex): string {
  const { servername } = socket as TLSSocket;
  return typeof servername === 'string' ? normalizeName(servername) : '';
}
