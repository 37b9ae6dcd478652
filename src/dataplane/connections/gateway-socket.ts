// A WebSocket that knows its connection: shared handlers find one through the other, so that no closure is made for each socket.

import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Connection } from './connection.ts';

export class GatewaySocket extends WebSocket {
  connection: Connection | undefined;
  /** What it speaks over: text messages are written to it as whole frames. */
  stream: Duplex | undefined;
}
