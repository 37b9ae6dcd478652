// The TLS listener: where connections, callbacks and approvals come in. TLS by server name, one HTTP request, and from there the
// path. What an authority asks under tls-alpn-01 is sorted out before TLS begins, and never comes as far as HTTP.

import { constants, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { continueInTurn, createAnswersUnderWay } from '../../ambient/answers-under-way.ts';
import { ids, requestId as newRequestId } from '../../ambient/ids.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { listenOn } from '../../ambient/listening.ts';
import { assert, isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { normalizeHost, normalizeName } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import type { ListenAddress } from '../../settings/settings.ts';
import { factsOf } from '../admit/admit.ts';
import { manageConnection } from '../callback/manage-connection.ts';
import { createOpener } from '../connections/open-connection.ts';
import { connect, disconnect, logRefusal, message } from '../path.ts';
import { refuseMisdirected } from '../resolve/resolve-handshake.ts';
import { refuseHandshake } from '../respond/handshake-refusal.ts';
import { writeCallback, writeRefusal } from '../respond/http-answer.ts';
import type { Accepted, Admitted } from '../stages.ts';
import { createAlpnChallenges, type AlpnChallenges } from '../terminate/alpn-challenge.ts';
import { followDefaultCertificate } from '../terminate/default-certificate.ts';
import type { KeyPairs, SecureContexts } from '../terminate/secure-contexts.ts';
import type { DataWorld } from '../world.ts';
import type { ApprovalPage } from './approval-page.ts';
import { hostProblem } from './host-problem.ts';
import { createUpgrader, handshakeProblem, SPOKEN } from './upgrader.ts';

export interface TlsListenerOptions {
  readonly addresses: readonly ListenAddress[];
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly contexts: SecureContexts;
  readonly keyPairs: KeyPairs;
  readonly approvalPage: ApprovalPage;
}

export interface TlsListener {
  readonly bound: readonly AddressInfo[];
  /** Takes no new connection; open sockets stay. */
  stopAccepting(): void;
  /** Ends what is left. */
  close(): Promise<void>;
}

const STEP = 'listen';
/** How late a time-out may be told. */
const CHECKING_INTERVAL_MS = 2_000;

type Open = (admitted: Admitted) => void;

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
  const upgrader = createUpgrader();
  const register = createOpener(world, { message, disconnect });
  const open: Open = (admitted) => {
    // Before the 101: from then on a kill -9 costs the backend no `$disconnect`.
    const entry = world.disconnects.opened(factsOf(admitted, world));
    const socket = upgrader.upgrade(admitted);
    if (socket) register(entry, socket, admitted.socket);
    else world.disconnects.delivered(entry);
  };
  const servers: Server[] = [];
  const { maxVersion, keyPairs } = options;
  const tls = tlsOptions(maxVersion, world);
  const challenges = createAlpnChallenges({ snapshot: world.snapshot, keyPairs, log: world.log, tls });
  try {
    for (const { host, port } of options.addresses) {
      const server = createTlsServer(options, open, world);
      beforeTls(server, options, challenges, world);
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
    stopAccepting() {
      clearInterval(rotation);
      for (const server of servers) server.close();
    },
    async close() {
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

/** What happens to a TCP connection before its handshake begins: two look-ups, as a rule. */
function beforeTls(
  server: Server,
  { maxVersion, contexts }: TlsListenerOptions,
  challenges: AlpnChallenges,
  world: DataWorld,
): void {
  const [begin, ...others] = server.listeners('connection') as ((socket: Socket) => void)[];
  assert(begin && others.length === 0, 'the one who listens for connections is the one who begins TLS');
  const followDefault = followDefaultCertificate(server, contexts, tlsOptions(maxVersion, world), world.log);
  const serve = (socket: Socket) => {
    followDefault();
    begin.call(server, socket);
  };
  server.off('connection', begin).on('connection', (socket: Socket) => challenges.sort(socket, serve));
}

function createTlsServer(options: TlsListenerOptions, open: Open, world: DataWorld): Server {
  const { maxVersion, contexts, approvalPage } = options;
  const fallback = contexts.fallback();
  const answers = createAnswersUnderWay();
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
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
  } as Parameters<typeof createServer>[0]);
  server.on('secureConnection', (socket) => socket.setNoDelay(true));
  server.on('tlsClientError', (error, socket) => {
    world.log.debug('refused', { step: 'terminate', reason: error.message, sourceIp: socket.remoteAddress });
  });
  server.on('clientError', (error, socket) => {
    answers.afterThem(socket, (isAnswered) => {
      const refusal = refuse('BadRequest', STEP, error.message);
      const requestId = newRequestId();
      logRefusal(world, refusal, requestId, {});
      if (isAnswered) endWithLastWords(socket, '', limit('closeTimeoutMs'));
      else if (socket.writable) refuseHandshake(socket, refusal, requestId);
      // What is ended already is left to it: its last words may still be on their way.
      else if (!socket.writableEnded) socket.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', destroyQuietly);
    answers.afterThem(socket, () => accept(request, socket, head, open, world));
  });
  continueInTurn(server);
  server.on('request', (request, response) => {
    answers.add(response);
    void answerHttp(request, response, approvalPage, world);
  });
  return server;
}

/** What the client asked TLS for; `''` when it named nothing, or resumed. */
function serverNameOf(socket: Duplex): string {
  const { servername } = socket as TLSSocket;
  return typeof servername === 'string' ? normalizeName(servername) : '';
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!;
}

/** Why a request is refused before anything is looked up; undefined for a handshake within its bounds. */
function refusalOf(request: IncomingMessage): Refusal | undefined {
  const url = request.url ?? '/';
  const max = limit('urlBytesMax');
  if (!url.startsWith('/')) return refuse('BadRequest', STEP, 'the request target must be a path');
  if (url.length > max) return refuse('UriTooLong', STEP, `the URL of ${url.length} bytes exceeds ${max}`);
  const problem = handshakeProblem(request);
  return problem === undefined ? undefined : refuse('BadRequest', STEP, problem, problem);
}

/** A client that breaks off is nobody's fault; without a listener it would end the process. */
function destroyQuietly(this: Duplex): void {
  this.destroy();
}

/** The first step of a CONNECTION. */
function accept(request: IncomingMessage, socket: Duplex, head: Buffer, open: Open, world: DataWorld): void {
  const requestId = newRequestId();
  const tls = socket as TLSSocket;
  const refusal = refusalOf(request);
  if (refusal) {
    logRefusal(world, refusal, requestId, { host: request.headers.host, sourceIp: tls.remoteAddress });
    return refuseHandshake(socket, refusal, requestId, SPOKEN);
  }
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const accepted: Accepted = {
    request,
    socket,
    head,
    requestId,
    host: normalizeHost(request.headers.host),
    serverName: serverNameOf(tls),
    path: pathOf(request),
    query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
    sourceIp: (tls.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
  connect(accepted, open, world).catch((error: Error) => {
    world.log.error('a connection failed', { step: 'connect', requestId, error: error.stack });
    const internal = refuse('InternalError', 'connect', error.message);
    if (!socket.destroyed) refuseHandshake(socket, internal, requestId);
  });
}

/** A plain HTTP request: an approval, a callback, or nothing that is served here. */
async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  approvalPage: ApprovalPage,
  world: DataWorld,
): Promise<void> {
  const requestId = ids.uuid();
  const apigwId = newRequestId();
  const host = normalizeHost(request.headers.host);
  const path = pathOf(request);
  try {
    const problem = hostProblem(request);
    const misdirected =
      problem === undefined
        ? refuseMisdirected({ host, serverName: serverNameOf(request.socket) }, world)
        : refuse('BadRequest', STEP, problem, problem);
    if (!misdirected && approvalPage.isAt(host, path)) return await approvalPage.answer(request, response, requestId);
    const answer = misdirected ?? (await manageConnection(request, host, path, world));
    if (!isRefusal(answer)) return writeCallback(response, answer.status, requestId, apigwId, answer.body);
    logRefusal(world, answer, requestId, { method: request.method, host, path: path.slice(0, 256) });
    writeRefusal(response, answer, requestId, apigwId);
  } catch (error) {
    if (!request.complete) {
      // Whoever breaks off within a body is nobody's fault, and reads no answer.
      const brokeOff = refuse('BadRequest', STEP, `the request broke off: ${(error as Error).message}`);
      return logRefusal(world, brokeOff, requestId, { method: request.method, host, path: path.slice(0, 256) });
    }
    world.log.error('a request failed', { step: STEP, path, requestId, error: (error as Error).stack });
    if (response.headersSent) response.destroy();
    else writeRefusal(response, refuse('InternalError', STEP, (error as Error).message), requestId, apigwId);
  }
}
