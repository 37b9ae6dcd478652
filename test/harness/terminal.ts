// A command on a terminal of its own (Debian's `script`): what it shows there, colours and questions with it.

import { spawn } from 'node:child_process';
import { LAUNCHER } from './command-line.ts';
import { PEERS } from './peers.ts';

/** `then`: what is typed when it asks, or what is done when it watches. */
export async function onTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  then: string | (() => Promise<unknown>),
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const quoted = [process.execPath, LAUNCHER, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn(PEERS.script.path, ['-qec', quoted, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let shown = '';
  let isDone = false;
  const done: Promise<unknown>[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (isDone || !/\[y\/N\]|watching/.test(shown)) return;
    isDone = true;
    if (typeof then === 'string') child.stdin.write(`${then}\n`);
    else done.push(then());
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  await Promise.all(done);
  return { code, shown };
}
