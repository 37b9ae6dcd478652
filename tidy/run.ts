// Runs every rule over the repository, or over the root given as the first argument, and prints one line a finding.
// Exit codes: 0 nothing found, 1 findings, 2 the check itself could not be made, so nothing is known.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { cycles } from './rules/cycles.ts';
import { dependencies } from './rules/dependencies.ts';
import { docLinks } from './rules/doc-links.ts';
import { errors } from './rules/errors.ts';
import { header } from './rules/header.ts';
import { layers } from './rules/layers.ts';
import { limits } from './rules/limits.ts';
import { names } from './rules/names.ts';
import { ports } from './rules/ports.ts';
import { size } from './rules/size.ts';
import { suppressions } from './rules/suppressions.ts';
import { testHonesty } from './rules/test-honesty.ts';
import { todo } from './rules/todo.ts';
import { workshop } from './rules/workshop.ts';
import { openTree, programFiles, type Rule } from './tree.ts';

const RULES: Readonly<Record<string, Rule>> = {
  layers,
  cycles,
  names,
  size,
  header,
  todo,
  'doc-links': docLinks,
  ports,
  errors,
  limits,
  dependencies,
  suppressions,
  'test-honesty': testHonesty,
  workshop,
};

try {
  process.exitCode = await check(resolve(process.argv[2] ?? resolve(import.meta.dirname, '..')));
} catch (error) {
  process.exitCode = failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

async function check(root: string): Promise<number> {
  if (!existsSync(root)) return failed(`${root} does not exist`);
  const tree = await openTree(root);
  if (programFiles(tree).length === 0) return failed(`read no source file below ${root}/src, so nothing was checked`);
  const findings = Object.entries(RULES)
    .flatMap(([rule, run]) => run(tree).map((finding) => ({ rule, ...finding })))
    .sort((a, b) => compare(a.path, b.path) || a.line - b.line || compare(a.rule, b.rule));
  for (const { path, line, rule, message } of findings) console.log(`${path}:${line} ${rule}: ${message}`);
  console.log(`tidy: ${tree.filesRead()} files read, ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
}

function failed(reason: string): number {
  console.error(`tidy: ${reason}`);
  return 2;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
