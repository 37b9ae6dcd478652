// Work that no client waits for but a shutdown does: `$disconnect` calls under way.

import type { Log } from '../../observe/log.ts';

export interface Background {
  add(work: Promise<void>): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createBackground(log: Log): Background {
  const running = new Set<Promise<void>>();
  return {
    add(work) {
      const tracked = work
        .catch((error: Error) => log.error('a $disconnect failed', { error: error.stack }))
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
