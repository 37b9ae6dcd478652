// Requests of one HTTP connection are answered in their order (RFC 9112 9.3.2). Node keeps that order among answers, but not for
// what is written past them: a handshake that was pipelined behind a request, or the refusal of bytes that are no request.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface AnswersUnderWay {
  /**
   * Call for every request, when it comes. One that asks for an upgrade is the last one of its connection. Resolves when the request
   * has its turn; undefined when that is at once. Whoever does not wait has the answers of all that were sent at once in memory.
   */
  add(response: ServerResponse): Promise<void> | undefined;
  /**
   * Calls `then` once every whole request that came before on this connection is answered: at once, as a rule. `isAnswered` when
   * the bytes that come next belong to a request that broke off but has an answer: then none may follow. A connection has one
   * last act: while one waits, a further one is dropped. The connection may be gone by then.
   */
  afterThem(socket: Duplex, then: (isAnswered: boolean) => void): void;
}

/**
 * Has the client go on with its body (Expect: 100-continue) when its request has its turn, unless it is answered by then. Node
 * itself would write that at once, into the middle of an answer that waits.
 */
export function continueInTurn(server: Pick<Server, 'on' | 'emit'>): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket) response.writeContinue();
    else {
      response.once('socket', () => {
        if (!response.headersSent) response.writeContinue();
      });
    }
    server.emit('request', request, response);
  });
}

/** Requests of one connection that are worked on at a time: more, and one small packet would make many large answers. */
const AT_ONCE_MAX = 4;

interface Waiting {
  count: number;
  latest: ServerResponse;
  /** The latest ones, at most as many as may be worked on at once. */
  readonly recent: ServerResponse[];
  last?: () => void;
}

/** A client that has not read an answer whole `patienceMs` after it was written is cut off, and all that was to follow with it. */
export function createAnswersUnderWay(patienceMs: number): AnswersUnderWay {
  const connections = new WeakMap<Duplex, Waiting>();
  return {
    add(response) {
      const { socket, headers } = response.req;
      // Of what is sent right behind a request whose upgrade is not made Node drops a part, and would read on in the middle.
      if (headers.upgrade !== undefined) response.shouldKeepAlive = false;
      const known = connections.get(socket);
      const waiting = known ?? { count: 0, latest: response, recent: [] };
      if (!known) connections.set(socket, waiting);
      const before = waiting.recent.length < AT_ONCE_MAX ? undefined : waiting.recent.shift();
      waiting.recent.push(response);
      waiting.count += 1;
      waiting.latest = response;
      let impatience: NodeJS.Timeout | undefined;
      // Not before its turn: those that wait behind it are not late.
      response.once('prefinish', () => {
        impatience = setTimeout(() => socket.destroy(), patienceMs).unref();
      });
      response.once('close', () => {
        clearTimeout(impatience);
        waiting.count -= 1;
        // The one that broke off does not end by itself.
        if (waiting.count <= (waiting.latest.req.complete ? 0 : 1)) waiting.last?.();
      });
      return before && !before.closed ? new Promise((resolve) => before.once('close', resolve)) : undefined;
    },
    afterThem(socket, then) {
      const waiting = connections.get(socket);
      if (!waiting || waiting.count === 0) return then(false);
      const { latest } = waiting;
      if (waiting.count === 1 && !latest.req.complete) return then(latest.headersSent);
      waiting.last ??= () => {
        delete waiting.last;
        then(!latest.req.complete && latest.headersSent);
      };
    },
  };
}
