// Delivery within this process: the one table of open sockets.

import { assert } from '../model/faults.ts';
import type { Delivery, LocalSocket } from './delivery.ts';

export interface LocalDelivery extends Delivery {
  add(socket: LocalSocket): void;
  remove(connectionId: string): void;
  readonly size: number;
  sockets(): IterableIterator<LocalSocket>;
}

export function createLocalDelivery(): LocalDelivery {
  const sockets = new Map<string, LocalSocket>();
  return {
    add(socket) {
      assert(!sockets.has(socket.connectionId), 'a connection id is issued once');
      sockets.set(socket.connectionId, socket);
    },
    remove: (connectionId) => void sockets.delete(connectionId),
    get size() {
      return sockets.size;
    },
    sockets: () => sockets.values(),
    async send(connectionId, message) {
      return sockets.get(connectionId)?.send(message) ?? 'gone';
    },
    async close(connectionId, code, reason) {
      return sockets.get(connectionId)?.close(code, reason) ?? false;
    },
    async describe(connectionId) {
      return sockets.get(connectionId)?.describe();
    },
  };
}
