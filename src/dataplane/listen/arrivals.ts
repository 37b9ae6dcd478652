// Who may begin TLS: the very first step of a connection, before anything is read or computed for it. One address has its bounds, and
// handshakes under way have theirs. What is over a bound is closed unheard: an answer would cost the signature that it is to save.

import type { Socket } from 'node:net';
import type { Clock } from '../../ambient/clock.ts';
import { Sources } from '../../ambient/sources.ts';
import type { Log } from '../../observe/log.ts';
import { sourceNetwork } from '../../protocol/source-network.ts';
import { limit, type LimitName } from '../../settings/limits.ts';

export interface Arrivals {
  /** Counts a connection until it closes; false when it is over a bound, and closed. */
  admit(socket: Socket): boolean;
  /** The handshake of a connection that was admitted is done. */
  finished(socket: RemoteEnd): void;
}

/** What a TCP connection and the TLS upon it are both known by. */
type RemoteEnd = Pick<Socket, 'remoteAddress' | 'remotePort'>;

interface Unfinished {
  readonly socket: Socket;
  readonly sinceMs: number;
  readonly source: string;
}

const STEP = 'listen';
/** A source of its own, for what is told of all addresses together. */
const EVERYBODY = 'every address';

/** The plain address that a connection comes from; `''` once it is gone. */
export type SourceOf = (socket: Socket) => string;

export function createArrivals(sourceOf: SourceOf, clock: Clock, log: Log): Arrivals {
  return new ArrivalCounts(sourceOf, clock, log);
}

/** The same for connections that are never TLS: they have no handshake to finish. */
export function createPlainArrivals(sourceOf: SourceOf, clock: Clock, log: Log): Pick<Arrivals, 'admit'> {
  const arrivals = createArrivals(sourceOf, clock, log);
  return {
    admit(socket) {
      if (!arrivals.admit(socket)) return false;
      arrivals.finished(socket);
      return true;
    },
  };
}

class ArrivalCounts implements Arrivals {
  readonly #sourceOf: SourceOf;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #connections: Sources;
  readonly #handshakes: Sources;
  /** The one that began first is first. */
  readonly #unfinished = new Map<string, Unfinished>();

  constructor(sourceOf: SourceOf, clock: Clock, log: Log) {
    this.#sourceOf = sourceOf;
    this.#clock = clock;
    this.#log = log;
    const rate = {
      perSecond: limit('connectionsPerAddressPerSecondMax'),
      burst: limit('connectionsPerAddressBurstMax'),
    };
    const [countedMax, reportIntervalMs] = [limit('addressesCountedMax'), limit('addressReportIntervalMs')];
    const bounds = { rate, countedMax, reportIntervalMs };
    this.#connections = new Sources({ ...bounds, openMax: limit('connectionsPerAddressMax') }, clock);
    this.#handshakes = new Sources({ ...bounds, openMax: limit('unfinishedHandshakesPerAddressMax') }, clock);
  }

  admit(socket: Socket): boolean {
    const address = this.#sourceOf(socket);
    const source = sourceNetwork(address);
    // Gone before it was looked at: nobody is there to be served.
    const bound = address === '' ? undefined : this.#enter(source);
    if (address === '' || bound !== undefined) {
      if (bound !== undefined) this.#tell(bound, source);
      socket.on('error', destroyQuietly);
      socket.destroy();
      return false;
    }
    const key = keyOf(socket);
    this.#unfinished.set(key, { socket, sinceMs: this.#clock.now(), source });
    socket.once('close', () => {
      this.#connections.leave(source);
      this.#finish(key, socket);
    });
    return true;
  }

  finished(socket: RemoteEnd): void {
    this.#finish(keyOf(socket));
  }

  /** The bound that a source is over; undefined when it is entered. */
  #enter(source: string): LimitName | undefined {
    if (!this.#connections.take(source)) return 'connectionsPerAddressPerSecondMax';
    if (!this.#connections.enter(source)) return 'connectionsPerAddressMax';
    const isEntered = this.#handshakes.enter(source);
    if (isEntered && (this.#unfinished.size < limit('unfinishedHandshakesMax') || this.#closeOldest()))
      return undefined;
    if (isEntered) this.#handshakes.leave(source);
    this.#connections.leave(source);
    return isEntered ? 'unfinishedHandshakesMax' : 'unfinishedHandshakesPerAddressMax';
  }

  /** A handshake that takes its time yields to a new one; one that has just begun is more likely a client's than the new one is. */
  #closeOldest(): boolean {
    const [key, oldest] = this.#unfinished.entries().next().value!;
    const ageMs = this.#clock.now() - oldest.sinceMs;
    if (ageMs >= 0 && ageMs < limit('unfinishedHandshakeYieldMs')) return false;
    this.#finish(key);
    oldest.socket.destroy();
    return true;
  }

  /** `socket` when it is closed: its address and port may be another one's by then. */
  #finish(key: string, socket?: Socket): void {
    const known = this.#unfinished.get(key);
    if (!known || (socket && known.socket !== socket)) return;
    this.#unfinished.delete(key);
    this.#handshakes.leave(known.source);
  }

  #tell(bound: LimitName, source: string): void {
    const sourceIp = bound === 'unfinishedHandshakesMax' ? EVERYBODY : source;
    const refused = this.#connections.refuse(sourceIp);
    if (refused === undefined) return;
    const reason = `more than ${bound} (${limit(bound)})`;
    this.#log.warn('connections refused', { step: STEP, reason, sourceIp, refused });
  }
}

const keyOf = ({ remoteAddress, remotePort }: RemoteEnd) => `${remoteAddress} ${remotePort}`;

/** A client that breaks off is nobody's fault; without a listener it would end the process. */
function destroyQuietly(this: Socket): void {
  this.destroy();
}
