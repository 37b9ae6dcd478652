// A WebSocket that knows its connection: shared handlers find one through the other, so that no closure is made for each socket.

import { WebSocket } from 'ws';
import type { Connection } from './connection.ts';

export class GatewaySocket extends WebSocket {
  connection: Connection | undefined;
}
