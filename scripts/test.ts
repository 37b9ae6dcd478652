// Runs the tests of this clone with node's own runner: `unit` (beside the sources, and the tidy rules), `contracts`,
// `conformance`, `fuzz`, `border`, `journeys`, or `all`. Says at the end what was skipped for want of a peer.

import { spawnSync } from 'node:child_process';
import { PEERS, missing } from '../test/harness/peers.ts';

const SUITES: Readonly<Record<string, readonly string[]>> = {
  unit: ['src/**/*.test.ts', 'tidy/**/*.test.ts', 'scripts/**/*.test.ts', 'test/harness/**/*.test.ts'],
  contracts: ['test/contracts/**/*.test.ts'],
  conformance: ['test/conformance/**/*.test.ts', 'test/parity/**/*.test.ts'],
  border: ['test/border/**/*.test.ts'],
  fuzz: ['test/fuzz/**/*.test.ts'],
  journeys: ['test/journeys/**/*.test.ts', 'examples/**/*.test.ts'],
};

const asked = process.argv.slice(2);
const names = asked.length === 0 || asked.includes('all') ? Object.keys(SUITES) : asked;
const unknown = names.find((name) => !SUITES[name]);
if (unknown !== undefined) {
  console.error(`test: there is no suite '${unknown}'. There are ${Object.keys(SUITES).join(', ')} and all.`);
  process.exit(2);
}

const files = names.flatMap((name) => SUITES[name]!);
// Journeys start processes of their own: more than one file at a time a core would only make them wait for each other.
const result = spawnSync(process.execPath, ['--test', '--test-concurrency=2', '--test-timeout=300000', ...files], {
  stdio: 'inherit',
});

for (const peer of Object.keys(PEERS) as (keyof typeof PEERS)[]) {
  const reason = missing(peer);
  if (reason) console.error(reason);
}
process.exit(result.status ?? 1);
