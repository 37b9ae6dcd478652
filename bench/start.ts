// `serve` to its ready line on an empty data directory, with a warm compile cache, and its memory then; against a Node that does
// nothing. The budget is of the built package; a clone, which strips types, is shown beside it.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildPackage, CLONE, startGateway } from './built-package.ts';
import { compared, type Claim, type Row } from './claim.ts';
import { residentBytes } from './processes.ts';

const READY_MS_MAX = 1_000;
const READY_MB_MAX = 120;
const MB = 1_000_000;
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
      const start = (root: string) => measureStart(root, join(temporary, 'data'), gatewayEnv);
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

async function measureStart(root: string, dataDir: string, env: NodeJS.ProcessEnv): Promise<Started> {
  const gateway = await startGateway(root, dataDir, env);
  const started = { ms: gateway.readyMs, bytes: residentBytes(gateway.pid) };
  await gateway.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return started;
}

async function startNode(): Promise<Started> {
  const startedAt = performance.now();
  const { stdout } = await run(process.execPath, ['-p', 'process.memoryUsage.rss()']);
  return { ms: performance.now() - startedAt, bytes: Number(stdout) };
}
