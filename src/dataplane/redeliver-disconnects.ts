// After a start: calls `$disconnect` for the connections that an earlier process left open, a few at a time. No client waits for
// it. What is not delivered when this process ends stays in the journal.

import { limit } from '../settings/limits.ts';
import { disconnect } from './path.ts';
import type { DataWorld } from './world.ts';

export async function redeliverDisconnects(world: DataWorld): Promise<void> {
  const left = world.disconnects.left();
  let count = 0;
  const deliver = async () => {
    for (;;) {
      if (world.isDraining()) return;
      const { value: entry, done } = await left.next();
      if (done) return;
      count += 1;
      await disconnect(entry, world, true).catch((error: Error) => {
        world.log.error('a $disconnect failed', { connectionId: entry.facts.connectionId, error: error.stack });
      });
    }
  };
  await Promise.all(Array.from({ length: limit('redeliveriesAtOnceMax') }, deliver));
  if (count > 0) world.log.info('$disconnect was called for connections of an earlier process', { count });
}
