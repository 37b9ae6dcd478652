// `serve` to its ready line on an empty data directory, with a warm compile cache, and its memory then; against a Node that does
// nothing. The budget is of the built package; a clone, which strips types, is shown beside it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EPHEMERAL } from '../demo/gateway-process.ts';
import { compared, type Claim, type Row } from './claim.ts';
import { residentBytes } from './processes.ts';

const READY_MS_MAX = 1_000;
const READY_MB_MAX = 120;
const MB = 1_000_000;
const CLONE = fileURLToPath(new URL('..', import.meta.url));
const run = promisify(execFile);

interface Started {
  readonly ms: number;
  readonly bytes: number;
}

export const claim: Claim = {
  title: 'serve to ready on an empty data directory, against a Node that does nothing',
  async measure({ rounds, gatewayEnv }) {
    const temporary = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    try {
      const built = await buildPackage(join(temporary, 'package'));
      const start = (root: string) => startGateway(root, join(temporary, 'data'), gatewayEnv);
      // Fills the compile cache.
      for (const root of [built, CLONE]) await start(root);
      const figures: { built: Started; clone: Started; base: Started }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        figures.push({ built: await start(built), base: await startNode(), clone: await start(CLONE) });
      }
      const rowsOf = (which: 'built' | 'clone', words: string) => {
        const pairs = figures.map((figure) => ({ gateway: figure[which], base: figure.base }));
        const max = (value: number) => (which === 'built' ? value : undefined);
        return [
          row(`start to ready${words}`, pairs, ({ ms }) => ms, 'ms', max(READY_MS_MAX)),
          row(`memory when ready${words}`, pairs, ({ bytes }) => bytes / MB, 'MB', max(READY_MB_MAX)),
        ];
      };
      return [...rowsOf('built', ''), ...rowsOf('clone', ' (clone)')];
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  },
};

/** The package as it is published, with this clone's dependencies. */
async function buildPackage(root: string): Promise<string> {
  mkdirSync(root);
  const compiler = join(CLONE, 'node_modules', '.bin', 'tsc');
  await run(compiler, ['-p', join(CLONE, 'tsconfig.build.json'), '--outDir', join(root, 'dist')]);
  const model = 'protocol/wire/model.json';
  cpSync(join(CLONE, 'src', model), join(root, 'dist', model));
  for (const name of ['bin', 'package.json']) cpSync(join(CLONE, name), join(root, name), { recursive: true });
  symlinkSync(join(CLONE, 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** The budget is of the gateway alone; the ratio says how much of it is Node's. */
function row(
  what: string,
  pairs: readonly { readonly gateway: Started; readonly base: Started }[],
  figureOf: (started: Started) => number,
  unit: string,
  max: number | undefined,
): Row {
  const figures = pairs.map(({ gateway, base }) => ({ gateway: figureOf(gateway), base: figureOf(base) }));
  const { gateway, base, ratios } = compared(figures);
  const text = (value: number) => `${Math.round(value)} ${unit}`;
  const shown = { what, gateway: text(gateway), base: text(base), ratios };
  return max === undefined ? shown : { ...shown, budget: `≤ ${max} ${unit}`, isMet: gateway <= max };
}

async function startGateway(root: string, dataDir: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const startedAt = performance.now();
  const launcher = join(root, 'bin', 'sallyport.cjs');
  const child = spawn(process.execPath, [launcher, 'serve', '--data-dir', dataDir, ...EPHEMERAL], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const exited = once(child, 'exit');
  const said: string[] = [];
  const ready = await new Promise<{ pid: number }>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as { pid: number });
    });
    void exited.then(() => reject(new Error(`the gateway ended before it was ready: ${said.join('\n')}`)));
  });
  const started = { ms: performance.now() - startedAt, bytes: residentBytes(ready.pid) };
  child.kill('SIGTERM');
  await exited;
  rmSync(dataDir, { recursive: true, force: true });
  return started;
}

async function startNode(): Promise<Started> {
  const startedAt = performance.now();
  const { stdout } = await run(process.execPath, ['-p', 'process.memoryUsage.rss()']);
  return { ms: performance.now() - startedAt, bytes: Number(stdout) };
}
