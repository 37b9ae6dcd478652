// A two-way route to a function of this machine, against serverless-offline and against the least that runs handlers in processes; and
// how long the first message waits for a process, and the first after a save.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast, compared, type Claim, type Row, type Settings } from './claim.ts';
import { startingFunctions, startRows } from './function-starts.ts';
import { processTreeSeconds, startProgram, TICK_SECONDS, type Program } from './processes.ts';
import { MESSAGE, withStarted } from './sides.ts';
import { baseTarget, baseTls, REGION, startSubject, type Integration, type Target } from './subject.ts';

const CONNECTIONS_MAX = 20;
const PEER = fileURLToPath(new URL('./peers/serverless-offline', import.meta.url));
const INSTALL = 'npm ci --prefix bench/peers/serverless-offline --ignore-scripts --omit=optional --legacy-peer-deps';

interface Figure {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly p50Ms: number;
}

type Load = Program<unknown, number | 'p50', number>;

export const claim: Claim = {
  title:
    'two-way AWS_PROXY route over wss to a function of this machine, against ws + forked children and serverless-offline',
  async measure(settings) {
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
    try {
      const rows = await measureEcho(settings, join(directory, 'echo'));
      return [...rows, ...(await measureStarts(settings, join(directory, 'starts')))];
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function toFunction(name: string): Integration {
  const functionArn = `arn:aws:lambda:${REGION}:000000000000:function:${name}`;
  return {
    IntegrationType: 'AWS_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`,
  };
}

/** A gateway with these functions, each behind a route of its name. */
function startWith(settings: Settings, directory: string, functions: Readonly<Record<string, object>>) {
  const file = join(directory, 'sallyport.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ functions }));
  const routes = Object.fromEntries(Object.keys(functions).map((name) => [name, toFunction(name)]));
  return startSubject(settings.gatewayEnv, routes, ['--config', file]);
}

function measureEcho(settings: Settings, directory: string): Promise<readonly Row[]> {
  return withStarted(async (started) => {
    const handler = join(directory, 'echo.cjs');
    mkdirSync(directory);
    writeFileSync(handler, readFileSync(join(PEER, 'echo.cjs')));
    const tls = await baseTls();
    const side = async (pid: number, target: Target) => {
      const connections = Math.min(settings.connections, CONNECTIONS_MAX);
      const load: Load = started(await startProgram('./load/messages.ts', { target, connections, message: MESSAGE }));
      return () => measureSide(pid, load, settings.loadMs);
    };
    const gateway = started(await startWith(settings, directory, { echo: { handler: 'echo.handler' } }));
    const forked = started(await startProgram<number>('./bases/forked-functions.ts', { tls, handler }));
    const sides = [await side(gateway.pid, gateway.target), await side(forked.pid, baseTarget(forked.ready, tls))];
    if (existsSync(join(PEER, 'node_modules'))) {
      const offline = started(await startProgram<number>('./bases/serverless-offline.ts', tls));
      sides.push(await side(offline.pid, baseTarget(offline.ready, tls)));
    } else
      console.error(`local-functions: serverless-offline is not installed, and left out. Install it with: ${INSTALL}`);
    const rounds: Figure[][] = [];
    for (let round = 0; round <= settings.rounds; round += 1) {
      const figures: Figure[] = [];
      for (const measure of sides) figures.push(await measure());
      rounds.push(figures);
    }
    return rowsOf(rounds.slice(1));
  });
}

async function measureSide(pid: number, load: Load, ms: number): Promise<Figure> {
  const [before, beganAt] = [processTreeSeconds(pid), performance.now()];
  const count = await load.ask(ms);
  const seconds = (performance.now() - beganAt) / 1_000;
  const used = Math.max(processTreeSeconds(pid) - before, TICK_SECONDS);
  return { perCpuSecond: count / used, perSecond: count / seconds, p50Ms: await load.ask('p50') };
}

function rowsOf(rounds: readonly (readonly Figure[])[]): readonly Row[] {
  const against = (at: number, of: (figure: Figure) => number) =>
    compared(rounds.map((figures) => ({ gateway: of(figures[0]!), base: of(figures[at]!) })));
  const shown = (at: number, what: string, unit: string, of: (figure: Figure) => number): Row => {
    const { gateway, base, ratios } = against(at, of);
    const text = (value: number) =>
      `${value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)}${unit}`;
    return { what, gateway: text(gateway), base: text(base), ratios };
  };
  const bases = ['ws + forked children', 'serverless-offline'].slice(0, rounds[0]!.length - 1);
  return bases.flatMap((name, at) => [
    atLeast(
      at === 0 ? 0.4 : 1,
      `local function, messages per CPU-second; ${name}`,
      against(at + 1, (one) => one.perCpuSecond),
    ),
    shown(at + 1, `local function, messages; ${name}`, '/s', (one) => one.perSecond),
    shown(at + 1, `local function, round trip, p50; ${name}`, ' ms', (one) => one.p50Ms),
  ]);
}

function measureStarts({ rounds, ...settings }: Settings, directory: string): Promise<readonly Row[]> {
  return withStarted(async (started) => {
    mkdirSync(directory);
    const functions = startingFunctions(directory, rounds);
    const gateway = started(await startWith({ rounds, ...settings }, directory, functions));
    return startRows(gateway.target, directory, rounds);
  });
}
