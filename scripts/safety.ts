// `npm run safety`: every suite about hostile traffic, borders between tenants, faults and fuzzed input, one file after the other, and at
// the end one table: cases tried, lost data, foreign data seen, crashes. The last three must be zero.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compareWithPage, readSafetyLine, reportSafety, type SafetyLine } from './safety-report.ts';

const SUITES = ['border', 'hostile', 'faults', 'fuzz'];
/** The suites that docs/safety.md lists case by case. */
const LISTED = ['hostile', 'faults'];

const suites = SUITES.filter((suite) => existsSync(`test/${suite}`));
const lines: SafetyLine[] = [];
const problems: string[] = [];

async function run(suite: string): Promise<void> {
  const args = ['--test', '--test-concurrency=1', '--test-timeout=300000', `test/${suite}/**/*.test.ts`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line);
    const read = readSafetyLine(line);
    if (read) lines.push(read);
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) problems.push(`the tests of ${suite} failed`);
}

for (const suite of suites) await run(suite);
const report = reportSafety(suites, lines);
const page = readFileSync('docs/safety.md', 'utf8');
const found = [
  ...problems,
  ...report.problems,
  ...compareWithPage(
    page,
    LISTED.filter((suite) => suites.includes(suite)),
    lines,
  ),
];
console.log(`\n${report.table.join('\n')}\n`);
for (const problem of found) console.log(`safety: ${problem}`);
process.exitCode = found.length === 0 ? 0 : 1;
