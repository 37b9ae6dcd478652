// docs/errors.md has one heading for each fault code, and src/model/faults.ts one code for each such heading.

import { compareReadings, missing, type Reading } from '../listings.ts';
import { readKeys } from '../literals.ts';
import { headings } from '../markdown.ts';
import type { Finding, Tree } from '../tree.ts';

const CODE = 'src/model/faults.ts';
const PAGE = 'docs/errors.md';

export function errors(tree: Tree): Finding[] {
  return compareReadings(readCodes(tree), readHeadings(tree));
}

/** The codes of both planes; a code that both planes know has one heading. */
function readCodes(tree: Tree): Reading {
  const lists = tree.has(CODE) ? ['CONTROL_FAULTS', 'DATA_FAULTS'] : ['CONTROL_FAULTS'];
  const keys = lists.map((name) => readKeys(tree, CODE, name));
  const byName = new Map(keys.flatMap(({ entries }) => entries).map((entry) => [entry.name, entry]));
  return {
    listing: { noun: 'fault code', where: CODE, entries: [...byName.values()] },
    findings: keys.flatMap(({ findings }) => findings),
  };
}

function readHeadings(tree: Tree): Reading {
  if (!tree.has(PAGE)) return { listing: { noun: 'heading', where: PAGE, entries: [] }, findings: [missing(PAGE)] };
  const entries = headings(tree.read(PAGE)).flatMap(({ level, text, line }) => {
    const name = level === 3 ? /^`([^`]+)`/.exec(text)?.[1] : undefined;
    return name === undefined ? [] : [{ name, path: PAGE, line }];
  });
  return { listing: { noun: 'heading', where: PAGE, entries }, findings: [] };
}
