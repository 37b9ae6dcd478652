// Fn::ForEach: a member that stands for as many as its collection has. Written out before anything else is read, so that nobody behind
// this knows loops.

import { fold } from './fold.ts';
import type { FoldScope } from './fold-scope.ts';
import { ProblemAt } from './problem-list.ts';
import { asMap, asText, scalar, type MapNode, type Node } from './template-node.ts';

const LOOP = 'Fn::ForEach';
/** What a copied value costs besides its text. */
const VALUE_BYTES = 16;

/** The section with its loops written out, at every depth; the same where there are none. */
export function withoutLoops<T extends Node | undefined>(node: T, scope: FoldScope): T {
  return node && (holdsLoops(node) ? (written(node, scope) as T) : node);
}

function holdsLoops(node: Node): boolean {
  if (node.kind === 'scalar') return false;
  if (node.kind === 'list') return node.items.some(holdsLoops);
  return [...node.entries].some(([key, member]) => key.startsWith(LOOP) || holdsLoops(member));
}

function written(node: Node, scope: FoldScope): Node {
  if (node.kind === 'scalar') return node;
  if (node.kind === 'list') return { ...node, items: node.items.map((item) => written(item, scope)) };
  const entries = new Map<string, Node>();
  const add = (key: string, member: Node) => {
    if (entries.has(key)) scope.problems.add(member.line, `the key '${key}' is there twice`);
    entries.set(key, written(member, scope));
  };
  for (const [key, member] of node.entries) {
    if (!key.startsWith(LOOP)) add(key, member);
    else scope.problems.collect(() => repeated(key, member, scope, add), undefined);
  }
  return { ...node, entries };
}

/** Throws ProblemAt. */
function repeated(key: string, loop: Node, scope: FoldScope, add: (key: string, member: Node) => void): void {
  const [name, collection, body] = loop.kind === 'list' && loop.items.length === 3 ? loop.items : [];
  if (!name || !collection || !body)
    throw new ProblemAt(loop.line, `${key} takes a list of a name, a list of texts, and an object that is repeated`);
  const identifier = asText(name, `the name of ${key}`);
  const { entries } = asMap(body, `what ${key} repeats`);
  const items = fold(collection, scope);
  if (items?.kind !== 'list')
    throw new ProblemAt(collection.line, `${key} goes through a list that is known before any resource`);
  for (const item of items.items) {
    if (item.kind !== 'scalar' || item.value === null)
      throw new ProblemAt(item.line, `${key} goes through texts that are known before any resource`);
    const fill = filling(identifier, item.text);
    for (const [made, member] of entries) add(fill(made), filled(member, identifier, item.text, fill, scope));
  }
}

/** `${Name}` is the item; `&{Name}` what of it may stand in a logical id. */
function filling(identifier: string, item: string): (text: string) => string {
  const plain = item.replaceAll(/[^A-Za-z0-9]/g, '');
  return (text) => text.replaceAll(`\${${identifier}}`, () => item).replaceAll(`&{${identifier}}`, () => plain);
}

function filled(node: Node, identifier: string, item: string, fill: (text: string) => string, scope: FoldScope): Node {
  const inner = (one: Node) => filled(one, identifier, item, fill, scope);
  scope.produced.add(VALUE_BYTES + (node.kind === 'scalar' ? node.text.length : 0), node.line);
  if (node.kind === 'list') return { ...node, items: node.items.map(inner) };
  if (node.kind === 'map') {
    if (isRefTo(node, identifier)) return scalar(item, node.line);
    return { ...node, entries: new Map([...node.entries].map(([key, member]) => [fill(key), inner(member)])) };
  }
  if (typeof node.value !== 'string') return node;
  const text = fill(node.text);
  scope.produced.add(Math.max(0, text.length - node.text.length), node.line);
  return scalar(text, node.line);
}

function isRefTo({ entries }: MapNode, identifier: string): boolean {
  const name = entries.size === 1 ? entries.get('Ref') : undefined;
  return name?.kind === 'scalar' && name.text === identifier;
}
