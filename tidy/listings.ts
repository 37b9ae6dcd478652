// Compares a list in the code with a list in a page of the documentation, both ways.

import { tableNames } from './markdown.ts';
import type { Finding, Tree } from './tree.ts';

export interface Entry {
  name: string;
  path: string;
  line: number;
}

/** What is listed where, and what one entry is called in a message. */
interface Listing {
  noun: string;
  where: string;
  entries: readonly Entry[];
}

/** A listing as far as it could be read, and what was wrong with the rest. */
export interface Reading {
  listing: Listing;
  findings: Finding[];
}

export function missing(path: string): Finding {
  return { path, line: 1, message: 'does not exist' };
}

/** A finding for each entry that the other side lacks, and for each that one side has twice. */
export function compareReadings(left: Reading, right: Reading): Finding[] {
  return [
    ...left.findings,
    ...right.findings,
    ...absent(left, right),
    ...absent(right, left),
    ...repeated(left.listing),
    ...repeated(right.listing),
  ];
}

/** The names in backticks in the first column of a page's tables. */
export function readTable(tree: Tree, page: string): Reading {
  const noun = 'row';
  if (!tree.has(page)) return { listing: { noun, where: page, entries: [] }, findings: [missing(page)] };
  const rows = tableNames(tree.read(page)).map((row) => ({ ...row, path: page }));
  const findings = rows
    .filter((row) => row.name === '')
    .map(({ path, line }) => ({ path, line, message: 'a table row without a name in backticks' }));
  if (rows.length === 0) findings.push({ path: page, line: 1, message: 'has no table with names in backticks' });
  return { listing: { noun, where: page, entries: rows.filter((row) => row.name !== '') }, findings };
}

/** Where the other side could not be read at all, its own finding says so, once. */
function absent({ listing: from }: Reading, { listing: to, findings }: Reading): Finding[] {
  if (to.entries.length === 0 && findings.length > 0) return [];
  const known = new Set(to.entries.map((entry) => entry.name));
  return from.entries
    .filter((entry) => !known.has(entry.name))
    .map(({ name, path, line }) => ({
      path,
      line,
      message: `${from.noun} \`${name}\` has no ${to.noun} in ${to.where}`,
    }));
}

function repeated({ noun, entries }: Listing): Finding[] {
  const first = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const earlier = first.get(entry.name);
    first.set(entry.name, earlier ?? entry);
    if (!earlier) return [];
    const message = `${noun} \`${entry.name}\` is already at ${earlier.path}:${earlier.line}`;
    return [{ path: entry.path, line: entry.line, message }];
  });
}
