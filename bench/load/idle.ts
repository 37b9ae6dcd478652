// Load of memory: sockets that are open and say nothing.

import { runProgram } from '../processes.ts';
import type { Target } from '../subject.ts';
import { openWebSockets } from './open.ts';

await runProgram(async (target: Target) => {
  const open: unknown[] = [];
  return {
    ready: true,
    async answer(count: number) {
      open.push(...(await openWebSockets(target, count)));
      return open.length;
    },
  };
});
