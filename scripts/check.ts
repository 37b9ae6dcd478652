// `npm run check`: everything that a change must pass before it is shown to anybody, fastest first; two things at a time.
// `--all` adds the border between accounts, fuzzing, the journeys and a moment of every bench; `--static` runs no test, for whoever runs
// all of them next.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const bin = (name: string) => `node_modules/.bin/${name}`;
const node = process.execPath;
const STATIC: readonly Check[] = [
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings'] },
  { name: 'types', command: [bin('tsc'), '-p', 'tsconfig.json'] },
  { name: 'tidy', command: [node, 'tidy/run.ts'] },
  { name: 'generated files', command: [node, 'scripts/generate.ts', '--check'] },
  { name: 'unused code', command: [bin('knip')] },
];
const TESTS: readonly Check[] = [
  { name: 'unit', command: [node, 'scripts/test.ts', 'unit'] },
  { name: 'contracts', command: [node, 'scripts/test.ts', 'contracts'] },
  { name: 'conformance', command: [node, 'scripts/test.ts', 'conformance'] },
];
const MORE: readonly Check[] = [
  { name: 'fuzz', command: [node, 'scripts/test.ts', 'fuzz'] },
  { name: 'border', command: [node, 'scripts/test.ts', 'border'] },
  { name: 'journeys', command: [node, 'scripts/test.ts', 'journeys'] },
  { name: 'hostile', command: [node, 'scripts/test.ts', 'hostile'] },
  { name: 'faults', command: [node, 'scripts/test.ts', 'faults'] },
  { name: 'bench smoke', command: [node, 'bench/run.ts', '--smoke'] },
];
const AT_ONCE = 2;

const isAsked = (flag: string) => process.argv.includes(flag);
const waiting = [...STATIC, ...(isAsked('--static') ? [] : TESTS), ...(isAsked('--all') ? MORE : [])];
const failed: string[] = [];

async function run({ name, command }: Check): Promise<void> {
  const startedAt = performance.now();
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('exit', resolve)),
  ]);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${code === 0 ? '✓' : '✗'} ${name.padEnd(18)} ${seconds} s`);
  if (code === 0) return;
  failed.push(name);
  console.log(`${stdout}${stderr}`.trimEnd());
}

async function worker(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) await run(next);
}

await Promise.all(Array.from({ length: AT_ONCE }, worker));
console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
