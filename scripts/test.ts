// Runs the tests of this clone with node's own runner: `unit` (beside the sources, and the tidy rules), `contracts`,
// `conformance`, `border`, `fuzz`, `journeys`, `hostile`, `faults`, or `all`. Says at the end what was skipped for want of a peer.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PEERS, missing } from '../test/harness/peers.ts';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  unit: ['src/**/*.test.ts', 'tidy/**/*.test.ts', 'scripts/**/*.test.ts', 'test/harness/**/*.test.ts'],
  contracts: ['test/contracts/**/*.test.ts'],
  conformance: ['test/conformance/**/*.test.ts', 'test/parity/**/*.test.ts'],
  fuzz: ['test/fuzz/**/*.test.ts'],
  border: ['test/border/**/*.test.ts'],
  journeys: ['test/journeys/**/*.test.ts', 'examples/**/*.test.ts'],
  hostile: ['test/hostile/**/*.test.ts'],
  faults: ['test/faults/**/*.test.ts'],
};
/** Suites that take a whole machine for themselves: their files run one after the other, and beside nothing else. */
const ALONE = new Set(['hostile', 'faults']);

const asked = process.argv.slice(2);
const names = asked.length === 0 || asked.includes('all') ? Object.keys(SUITES) : asked;
const unknown = names.find((name) => !SUITES[name]);
if (unknown !== undefined) {
  console.error(`test: there is no suite '${unknown}'. There are ${Object.keys(SUITES).join(', ')} and all.`);
  process.exit(2);
}

const startedSuites = [
  // Journeys start processes of their own: more than one file at a time a core would only make them wait for each other.
  { names: names.filter((name) => !ALONE.has(name)), filesAtOnce: 2 },
  { names: names.filter((name) => ALONE.has(name)), filesAtOnce: 1 },
];
/** Each file is a process of its own, and most load the same modules. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../node_modules/.cache/compile'), ...process.env };
let status = 0;
for (const suite of startedSuites) {
  const files = suite.names.flatMap((name) => SUITES[name]!);
  if (files.length === 0) continue;
  const args = ['--test', `--test-concurrency=${suite.filesAtOnce}`, '--test-timeout=300000', ...files];
  const result = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  status ||= result.status ?? 1;
}

for (const peer of Object.keys(PEERS) as (keyof typeof PEERS)[]) {
  const reason = missing(peer);
  if (reason) console.error(reason);
}
process.exit(status);
