// Sockets that stay open and say nothing, one on each of some names. Asked, it tells how many are still open.

import { domainNameAt } from '../domain-names.ts';
import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { openWebSocket } from './open.ts';

interface Settings {
  readonly target: Omit<Target, 'name'>;
  readonly places: readonly number[];
}

await runProgram(async ({ target, places }: Settings) => {
  let open = 0;
  for (const at of places) {
    const socket = await openWebSocket({ ...target, name: domainNameAt(at) });
    open += 1;
    // A close frame counts as closed: an idle socket is told nothing else.
    socket.once('data', () => socket.destroy()).once('close', () => (open -= 1));
  }
  return { ready: true, answer: async () => open };
});
