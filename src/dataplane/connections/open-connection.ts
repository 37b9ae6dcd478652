// From an admitted handshake to an open connection: registers it with delivery and deadlines, and hands what its socket says to
// the path. One set of handlers serves all sockets.

import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { requestId } from '../../ambient/ids.ts';
import { limit } from '../../settings/limits.ts';
import type { DataWorld } from '../world.ts';
import { ABNORMAL, ABNORMAL_REASON, CLOSE, NO_STATUS_REASON } from './close-reasons.ts';
import { Connection } from './connection.ts';
import type { JournalEntry } from './journal-entry.ts';
import type { GatewaySocket } from './gateway-socket.ts';

/** Where the path goes on: with a text message, and after the socket is gone. */
export interface PathHandlers {
  message(connection: Connection, body: Buffer, world: DataWorld): void;
  disconnect(entry: JournalEntry, world: DataWorld): Promise<void>;
}

/** Close codes that the WebSocket library chooses for what a client did wrong. */
const PROTOCOL_CLOSES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};
const PROTOCOL_ERROR = 1002;
const PINGS_PER_SECOND_MAX = limit('pingsPerSecondMax');
const NO_STATUS = 1005;

/** Makes the function that opens connections: a socket of the library's, and the stream that it speaks over. */
export function createOpener(
  world: DataWorld,
  handlers: PathHandlers,
): (entry: JournalEntry, socket: GatewaySocket, stream: Duplex) => void {
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const { connection } = this as GatewaySocket;
    if (connection?.state !== 'open') return;
    if (isBinary) return refuseBinary(connection, world);
    connection.messagesIn += 1;
    connection.bytesIn += (data as Buffer).length;
    handlers.message(connection, data as Buffer, world);
  }

  /** The library answers; a client that has it do nothing else is closed, and then it does no more. */
  function onPing(this: WebSocket): void {
    const { connection } = this as GatewaySocket;
    if (!connection) return;
    if (countPing(connection, world.clock.now()) > PINGS_PER_SECOND_MAX)
      connection.close(CLOSE.tooMany.code, CLOSE.tooMany.reason);
  }

  function onPong(this: WebSocket): void {
    const { connection } = this as GatewaySocket;
    if (!connection) return;
    connection.isPongMissing = false;
    connection.lastActiveAtMs = world.clock.now();
  }

  /** The library closes with the right code; it is kept for `$disconnect`. */
  function onError(this: WebSocket, error: Error & { code?: string }): void {
    const { connection } = this as GatewaySocket;
    if (connection?.state !== 'open' || !error.code?.startsWith('WS_ERR_')) return;
    const code = PROTOCOL_CLOSES[error.code] ?? PROTOCOL_ERROR;
    connection.step('closeRequested');
    connection.closeReason = { code, reason: '', isOurs: true };
    world.log.info('refused', {
      step: 'listen',
      code,
      reason: error.message,
      requestId: requestId(),
      connectionId: connection.connectionId,
    });
  }

  function onClose(this: WebSocket, code: number, reason: Buffer): void {
    const { connection } = this as GatewaySocket;
    if (!connection) return;
    connection.step('gone');
    world.delivery.remove(connection.connectionId);
    world.deadlines.remove(connection);
    const told = connection.closeReason ?? { code, reason: reasonOf(code, reason) };
    world.meters.closed(connection, told.code);
    world.disconnects.closed(connection.entry, told);
    world.background.add(handlers.disconnect(connection.entry, world));
  }

  return (entry, socket, stream) => {
    const connection = new Connection(entry, socket, stream, world.clock);
    socket.connection = connection;
    socket.on('message', onMessage);
    socket.on('ping', onPing);
    socket.on('pong', onPong);
    socket.on('error', onError);
    socket.on('close', onClose);
    world.meters.opened(connection);
    world.delivery.add(connection);
    world.deadlines.add(connection);
    // A shutdown that began while the backend was asked has closed the others already.
    if (world.isDraining()) connection.close(CLOSE.restart.code, CLOSE.restart.reason);
  };
}

function refuseBinary(connection: Connection, world: DataWorld): void {
  const { connectionId } = connection;
  const { code, reason } = CLOSE.binary;
  world.log.info('refused', { step: 'listen', code, reason, requestId: requestId(), connectionId });
  connection.close(code, reason);
}

/** How many pings came in this second. */
function countPing(connection: Connection, nowMs: number): number {
  connection.lastActiveAtMs = nowMs;
  const second = Math.trunc(nowMs / 1_000);
  if (connection.pingsSecond !== second) connection.pings = 0;
  connection.pingsSecond = second;
  connection.pings += 1;
  return connection.pings;
}

function reasonOf(code: number, reason: Buffer): string {
  if (code === NO_STATUS) return NO_STATUS_REASON;
  return code === ABNORMAL ? ABNORMAL_REASON : reason.toString();
}
