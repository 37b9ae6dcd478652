// `npm run bench [name…]`: measures the claims, or those named, and prints one table of ratios with their budgets. Nothing is
// asserted: it fails only when a claim cannot be measured. `--smoke` runs each for a moment, to see that it can;
// `--cpu-prof DIR` leaves a profile of the gateway there.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median, type Claim, type Row, type Settings } from './claim.ts';

const CLAIMS: Readonly<Record<string, () => Promise<{ readonly claim: Claim }>>> = {
  'two-way-mock': () => import('./two-way-mock.ts'),
  'many-connections': () => import('./many-connections.ts'),
  'access-log': () => import('./access-log.ts'),
  templates: () => import('./templates.ts'),
  'http-proxy': () => import('./http-proxy.ts'),
  'aws-proxy': () => import('./aws-proxy.ts'),
  'local-functions': () => import('./local-functions.ts'),
  handshakes: () => import('./handshakes.ts'),
  callbacks: () => import('./callbacks.ts'),
  'memory-per-connection': () => import('./memory-per-connection.ts'),
  start: () => import('./start.ts'),
  domains: () => import('./domains.ts'),
  dns: () => import('./dns.ts'),
};

const FULL = {
  rounds: 7,
  loadMs: 3_000,
  connections: 100,
  manyConnections: [50, 10_000] as [number, number],
  idleConnections: 2_000,
  settleMs: 3_000,
  domainNames: [1_000, 10_000, 100_000],
  changes: 200,
  handshakesMin: 10_000,
};
const SMOKE: typeof FULL = {
  rounds: 1,
  loadMs: 150,
  connections: 4,
  manyConnections: [2, 50],
  idleConnections: 50,
  settleMs: 100,
  domainNames: [20, 50],
  changes: 4,
  handshakesMin: 50,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { smoke: { type: 'boolean', default: false }, 'cpu-prof': { type: 'string' } },
});
const names = positionals.length === 0 ? Object.keys(CLAIMS) : positionals;
const unknown = names.find((name) => !Object.hasOwn(CLAIMS, name));
if (unknown !== undefined) {
  console.error(`bench: there is no claim '${unknown}'. There are ${Object.keys(CLAIMS).join(', ')}.`);
  process.exit(2);
}

const profile = values['cpu-prof'];
const settings: Settings = {
  ...(values.smoke ? SMOKE : FULL),
  gatewayEnv: profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile)}` },
};
const rows: Row[] = [];
const failed: string[] = [];
for (const name of names) {
  const { claim } = await CLAIMS[name]!();
  console.error(`${name}: ${claim.title}`);
  try {
    rows.push(...(await claim.measure(settings)));
  } catch (error) {
    failed.push(name);
    console.error(`${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`);
  }
}

print(rows);
if (values.smoke) console.log('\nA smoke run: these figures mean nothing but that each claim can be measured.');
if (failed.length > 0) {
  console.error(`could not be measured: ${failed.join(', ')}`);
  process.exitCode = 1;
}

function print(all: readonly Row[]): void {
  const head = ['claim', 'gateway', 'base', 'ratio', 'of the rounds', 'budget', ''];
  const lines = all.map(({ what, gateway, base, ratios, budget, isMet }) => {
    const isCompared = ratios.length > 0;
    const spread = isCompared ? `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}` : '';
    const verdict = isMet === undefined ? '' : isMet ? 'met' : 'NOT met';
    return [what, gateway, base, isCompared ? median(ratios).toFixed(2) : '', spread, budget ?? '', verdict];
  });
  const table = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  for (const line of table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}
