// Load of handshakes on many names: clients that each time choose a name, connect with a full TLS handshake, are open, and break
// off. With one name it is the load of the base.

import { once } from 'node:events';
import { domainNameAt } from '../domain-names.ts';
import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { awake } from './awake.ts';
import { openWebSocket } from './open.ts';

export interface NamedTarget extends Omit<Target, 'name'> {
  /** How many names there are, from the first on. */
  readonly names: number;
}

/** Random names for a while or a number of times, or each name once. */
export type NamedLoad = { readonly forMs: number } | { readonly count: number } | 'each';

const AT_ONCE = 8;

await runProgram(async ({ names, ...rest }: NamedTarget) => ({
  ready: true,
  async answer(load: NamedLoad) {
    const deadline = performance.now() + (load !== 'each' && 'forMs' in load ? load.forMs : Infinity);
    const most = load === 'each' ? names : 'count' in load ? load.count : Infinity;
    let begun = 0;
    const client = async () => {
      while (begun < most && performance.now() < deadline) {
        const at = load === 'each' ? begun : Math.floor(Math.random() * names);
        begun += 1;
        const socket = await openWebSocket({ ...rest, name: domainNameAt(at) });
        socket.destroy();
        await once(socket, 'close');
      }
    };
    await awake(() => Promise.all(Array.from({ length: AT_ONCE }, client)));
    return begun;
  },
}));
