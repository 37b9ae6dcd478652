// No file of src/ may reach itself through its imports, type imports included. Each knot of files is reported once,
// with the shortest way round from its first file.

import { resolveImport, scanImports } from '../imports.ts';
import { programFiles, type Finding, type Tree } from '../tree.ts';

/** For each file, the files it imports and the line of the import. */
type Graph = Map<string, Map<string, number>>;

export function cycles(tree: Tree): Finding[] {
  const graph = importGraph(tree);
  const told = new Set<string>();
  const findings: Finding[] = [];
  for (const path of graph.keys()) {
    if (told.has(path)) continue;
    const round = shortestRound(graph, path);
    if (!round) continue;
    for (const member of knotOf(graph, path)) told.add(member);
    const line = graph.get(path)?.get(round[1] ?? '') ?? 1;
    findings.push({ path, line, message: `imports itself: ${round.join(' → ')}` });
  }
  return findings;
}

function importGraph(tree: Tree): Graph {
  const files = programFiles(tree);
  const known = new Set(files);
  return new Map(
    files.map((path) => {
      const targets = new Map<string, number>();
      for (const { specifier, line } of scanImports(tree.tokens(path))) {
        const target = resolveImport(tree, path, specifier);
        if (target !== undefined && known.has(target) && !targets.has(target)) targets.set(target, line);
      }
      return [path, targets];
    }),
  );
}

function shortestRound(graph: Graph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const target of graph.get(path)?.keys() ?? []) {
      if (target === start) return wayBack(cameFrom, start, path);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return undefined;
}

function wayBack(cameFrom: Map<string, string>, start: string, last: string): string[] {
  const round = [start];
  for (let path = last; path !== start; path = cameFrom.get(path) ?? start) round.unshift(path);
  return [start, ...round];
}

/** All files that a file reaches and that reach it. */
function knotOf(graph: Graph, start: string): string[] {
  const reached = reachedFrom(graph, start);
  return [...reached].filter((path) => reachedFrom(graph, path).has(start));
}

function reachedFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>();
  const queue = [start];
  for (const path of queue) {
    for (const target of graph.get(path)?.keys() ?? []) {
      if (reached.has(target)) continue;
      reached.add(target);
      queue.push(target);
    }
  }
  return reached;
}
