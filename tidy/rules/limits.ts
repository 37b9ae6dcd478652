// docs/limits.md has one table row for each bound in src/settings/limit-table.ts and the tables that it takes up, and no row for
// any other.

import { compareReadings, readTable } from '../listings.ts';
import { readKeys } from '../literals.ts';
import type { Finding, Tree } from '../tree.ts';

const CODE = 'src/settings/limit-table.ts';
/** What it takes up, and the name that it has there. */
const TAKEN_UP: readonly (readonly [path: string, name: string])[] = [
  ['src/settings/data-limit-table.ts', 'DATA_LIMITS'],
  ['src/settings/function-limit-table.ts', 'FUNCTION_LIMITS'],
  ['src/settings/metric-limit-table.ts', 'METRIC_LIMITS'],
  ['src/settings/log-limit-table.ts', 'LOG_LIMITS'],
  ['src/settings/live-limit-table.ts', 'LIVE_LIMITS'],
  ['src/settings/stack-template-limit-table.ts', 'STACK_TEMPLATE_LIMITS'],
];

export function limits(tree: Tree): Finding[] {
  const taken = TAKEN_UP.filter(([path]) => tree.has(path)).map(([path, name]) => readKeys(tree, path, name));
  const own = readKeys(tree, CODE, 'LIMITS');
  const entries = [...taken, own].flatMap((keys) => keys.entries);
  const findings = [...taken, own].flatMap((keys) => keys.findings);
  return compareReadings(
    { listing: { noun: 'limit', where: CODE, entries }, findings },
    readTable(tree, 'docs/limits.md'),
  );
}
