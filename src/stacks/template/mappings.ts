// The Mappings section: two keys lead to a text or a list of texts.

import { isCallKey } from './intrinsic-names.ts';
import { ProblemAt, type ProblemList } from './problem-list.ts';
import { asMap, type MapNode, type Node } from './template-node.ts';

type Rows = ReadonlyMap<string, ReadonlyMap<string, Node>>;

export function readMappings(section: MapNode | undefined, problems: ProblemList): ReadonlyMap<string, Rows> {
  const mappings = new Map<string, Rows>();
  for (const [name, node] of section?.entries ?? []) {
    const rows = problems.collect(() => rowsOf(name, node, problems), undefined);
    if (rows) mappings.set(name, rows);
  }
  return mappings;
}

function rowsOf(name: string, node: Node, problems: ProblemList): Rows {
  const rows = new Map<string, ReadonlyMap<string, Node>>();
  for (const [key, row] of asMap(node, `mapping '${name}'`).entries) {
    if (isCallKey(key)) throw new ProblemAt(row.line, `a mapping takes no functions, and ${key} stands in '${name}'`);
    const cells = problems.collect(() => asMap(row, `'${key}' of mapping '${name}'`).entries, undefined);
    if (cells) rows.set(key, cells);
  }
  return rows;
}
