// tls-alpn-01 (RFC 8737) beside the traffic: an authority that offers nothing but `acme-tls/1` for a name with an open challenge is
// taken aside, before TLS begins, to a TLS server of its own that shows the challenge's certificate and hangs up. Two servers share
// no session and no key of one, so neither kind of client can ever resume what the other was shown. While no challenge is open
// nobody looks; while one is, a hello is read and given back untouched. Nothing here reads a byte of HTTP.

import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { lookAtFirstBytes, type Looking } from '../../ambient/first-bytes.ts';
import type { Log } from '../../observe/log.ts';
import { readClientHello, type ClientHello } from '../../protocol/client-hello.ts';
import { normalizeName } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { KeyPairs } from './secure-contexts.ts';

export interface AlpnChallengeOptions {
  readonly snapshot: Snapshot;
  readonly keyPairs: KeyPairs;
  readonly log: Log;
  /** How the listener speaks TLS, to whomever. */
  readonly tls: SecureContextOptions;
  /** The address that a connection comes from. */
  readonly sourceOf: (socket: Duplex) => string;
}

export interface AlpnChallenges {
  /** Takes a new connection if it is an authority's, at once or when its hello is there, and hands every other one to `serve`. */
  sort(socket: Socket, serve: (socket: Socket) => void): void;
  /** Ends what was not sorted yet, and the handshakes of authorities. */
  close(): void;
}

const PROTOCOL = 'acme-tls/1';
/** A hello is read from its beginning each time that more of it has come: one in more crumbs than this is no authority's. */
const READINGS_MAX = 64;

export function createAlpnChallenges({ snapshot, keyPairs, log, tls, sourceOf }: AlpnChallengeOptions): AlpnChallenges {
  const open = new Set<Socket>();
  // What is no hello, or too long a one, is undefined.
  const hello: Looking<ClientHello | undefined> = {
    read: readClientHello,
    bytesMax: limit('clientHelloBytesMax'),
    readingsMax: READINGS_MAX,
    giveUp: undefined,
    timeoutMs: limit('handshakeTimeoutMs'),
    taken: () => 0,
  };
  // Made with the first challenge: most servers never have one.
  let made: Server | undefined;
  const server = () => (made ??= createChallengeServer(tls, log, sourceOf));
  // Kept while the same challenge is asked for, as an authority does from several places.
  let shown = '';
  /** Makes the server show the challenge of a name; false when there is none, or none that can be read. */
  const show = (serverName: string): boolean => {
    // Of two orders for one name the later one is answered; the issuer of the other tries again.
    const references = snapshot.challenges('tls-alpn-01', serverName).at(-1)?.keyPairReferences;
    if (!references) return false;
    const wanted = [references.ec, references.rsa];
    if (shown === wanted.join(' ')) return true;
    try {
      const pairs = wanted.map((reference) => keyPairs.read(reference)).filter((pair) => pair !== undefined);
      if (pairs.length < wanted.length) return false;
      // Not by SNICallback: of a context that this hands over, one certificate alone is taken, and the client's kind of key is not
      // known before.
      const [cert, key] = [pairs.map(({ chainPem }) => chainPem), pairs.map(({ keyPem }) => keyPem)];
      server().setSecureContext({ ...tls, ...UNRESUMED, cert, key });
      shown = wanted.join(' ');
      return true;
    } catch (error) {
      log.error('a challenge cannot be shown', {
        step: 'terminate',
        host: serverName,
        error: (error as Error).message,
      });
      return false;
    }
  };
  return {
    sort(socket, serve) {
      if (!snapshot.hasChallenges('tls-alpn-01')) return serve(socket);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      lookAtFirstBytes(socket, hello, (found) => {
        const isAuthority = found?.protocols.length === 1 && found.protocols[0] === PROTOCOL;
        if (isAuthority && show(normalizeName(found.serverName))) return void server().emit('connection', socket);
        open.delete(socket);
        serve(socket);
      });
    },
    close() {
      for (const socket of open) socket.destroy();
    },
  };
}

const UNRESUMED = { secureOptions: constants.SSL_OP_NO_TICKET };

/** Never listens: it is given connections, each behind the certificates that it is to be shown. */
function createChallengeServer(
  tls: SecureContextOptions,
  log: Log,
  sourceOf: AlpnChallengeOptions['sourceOf'],
): Server {
  const server = createServer({
    ...tls,
    ...UNRESUMED,
    ALPNProtocols: [PROTOCOL],
    handshakeTimeout: limit('handshakeTimeoutMs'),
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy());
    log.debug('challenge answered', { step: 'terminate', type: 'tls-alpn-01', host: socket.servername });
    // The handshake is all that was asked for. What the client sends behind it is never read.
    socket.end(() => socket.destroy());
  });
  server.on('tlsClientError', (error, socket) => {
    log.debug('refused', { step: 'terminate', reason: error.message, sourceIp: sourceOf(socket) });
  });
  return server;
}
