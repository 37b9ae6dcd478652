// The gateway as it is published: compiled, with the dependencies of this clone, and started as its users start it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EPHEMERAL, type Ready } from '../demo/gateway-process.ts';
import { UNTHROTTLED } from './subject.ts';

export const CLONE = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

/** A gateway that has said that it is ready. */
export interface ReadyGateway {
  readonly startedAt: number;
  readonly readyMs: number;
  readonly pid: number;
  readonly tlsPort: number;
  /** Of the control port. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Makes the package in `root`, which must not be there. */
export async function buildPackage(root: string): Promise<string> {
  mkdirSync(root);
  const compiler = join(CLONE, 'node_modules', '.bin', 'tsc');
  await run(compiler, ['-p', join(CLONE, 'tsconfig.build.json'), '--outDir', join(root, 'dist')]);
  const model = 'protocol/wire/model.json';
  cpSync(join(CLONE, 'src', model), join(root, 'dist', model));
  for (const name of ['bin', 'package.json']) cpSync(join(CLONE, name), join(root, name), { recursive: true });
  symlinkSync(join(CLONE, 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** Starts the package or clone in `root`; rejects with its own words when it ends before it is ready. */
export async function startGateway(root: string, dataDir: string, env: NodeJS.ProcessEnv): Promise<ReadyGateway> {
  const startedAt = performance.now();
  const launcher = join(root, 'bin', 'sallyport.cjs');
  const child = spawn(process.execPath, [launcher, 'serve', '--data-dir', dataDir, ...EPHEMERAL, ...UNTHROTTLED], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Ready);
    });
    void exited.then(() => reject(new Error(`the gateway ended before it was ready: ${said.join('\n')}`)));
  });
  return {
    startedAt,
    readyMs: performance.now() - startedAt,
    pid: ready.pid,
    tlsPort: Number(ready.tls[0]!.split(':').at(-1)),
    endpoint: `http://${ready.control[0]}`,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
