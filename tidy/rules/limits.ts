// docs/limits.md has one table row for each bound in src/settings/limit-table.ts, and no row for any other.

import { compareReadings, readTable } from '../listings.ts';
import { readKeys } from '../literals.ts';
import type { Finding, Tree } from '../tree.ts';

const CODE = 'src/settings/limit-table.ts';

export function limits(tree: Tree): Finding[] {
  const { entries, findings } = readKeys(tree, CODE, 'LIMITS');
  return compareReadings(
    { listing: { noun: 'limit', where: CODE, entries }, findings },
    readTable(tree, 'docs/limits.md'),
  );
}
