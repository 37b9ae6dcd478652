// Load of handshakes: clients that connect with a full TLS handshake, are open, and break off, one after another.

import { once } from 'node:events';
import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { awake } from './awake.ts';
import { openWebSocket } from './open.ts';

const AT_ONCE = 8;

await runProgram(async (target: Target) => ({
  ready: true,
  async answer(ms: number) {
    const deadline = performance.now() + ms;
    let count = 0;
    const client = async () => {
      while (performance.now() < deadline) {
        const socket = await openWebSocket(target);
        count += 1;
        socket.destroy();
        await once(socket, 'close');
      }
    };
    await awake(() => Promise.all(Array.from({ length: AT_ONCE }, client)));
    return count;
  },
}));
