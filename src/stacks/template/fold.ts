// Folds a tree of the file into a value: every expression that the file and its parameters decide is replaced by what it makes, and what
// only a resource can tell is kept as an expression. Names of resources are not looked up here: which there are is known when all are read.

import { isCallKey } from './intrinsic-names.ts';
import { foldCall } from './fold-call.ts';
import type { FoldScope } from './fold-scope.ts';
import { ProblemAt } from './problem-list.ts';
import type { MapValue, Value } from './stack-template.ts';
import { scalar, type MapNode, type Node } from './template-node.ts';

/** What a value weighs besides its text. */
const VALUE_BYTES = 16;
const DYNAMIC_REFERENCE = /\{\{resolve:([a-z-]+)/;

/** Undefined for AWS::NoValue. Problems of members go to the scope's list, each where it stands. */
export function fold(node: Node, scope: FoldScope): Value | undefined {
  return scope.problems.collect(() => foldOrThrow(node, scope), scalar('', node.line));
}

/** The same for an object, whose members that are AWS::NoValue are left out. */
export function foldMembers(node: MapNode, scope: FoldScope): MapValue {
  return mapOf(node, (member) => fold(member, scope));
}

/** Within a call nothing is put in the place of what is wrong: the call itself is wrong then. */
function foldWithin(node: Node, scope: FoldScope): Value | undefined {
  const call = callOf(node, scope);
  if (call) return call();
  if (node.kind === 'map') return mapOf(node, (member) => foldWithin(member, scope));
  if (node.kind === 'list') return listOf(node, (item) => foldWithin(item, scope));
  return node;
}

function foldOrThrow(node: Node, scope: FoldScope): Value | undefined {
  const call = callOf(node, scope);
  if (call) return call();
  if (node.kind === 'map') return foldMembers(node, scope);
  if (node.kind === 'list') return listOf(node, (item) => fold(item, scope));
  return node;
}

/** Looks at one node; undefined when it is no call, and what it is made of is to be folded. */
function callOf(node: Node, scope: FoldScope): (() => Value | undefined) | undefined {
  scope.produced.add(node.kind === 'scalar' ? VALUE_BYTES + node.text.length : VALUE_BYTES, node.line);
  if (node.kind === 'scalar') refuseDynamicReference(node.text, node.line);
  if (node.kind !== 'map') return undefined;
  const [first] = node.entries;
  if (!first || !isCallKey(first[0])) return undefined;
  const [name, argument] = first;
  if (node.entries.size > 1) {
    if (name === 'Ref') return undefined;
    throw new ProblemAt(
      node.line,
      `${name} stands beside other members; an object with a function has that one member`,
    );
  }
  return () => foldCall({ name, argument, line: node.line, scope, fold: (inner) => foldWithin(inner, scope) });
}

function refuseDynamicReference(text: string, line: number): void {
  const [, service] = DYNAMIC_REFERENCE.exec(text) ?? [];
  if (service === undefined) return;
  throw new ProblemAt(
    line,
    `{{resolve:${service}:…}} asks a service that is not here; put a parameter in its place and give it by --parameter`,
  );
}

function mapOf(node: MapNode, foldMember: (member: Node) => Value | undefined): MapValue {
  const entries = new Map<string, Value>();
  for (const [key, member] of node.entries) {
    const value = foldMember(member);
    if (value) entries.set(key, value);
  }
  return { kind: 'map', entries, line: node.line };
}

function listOf(
  node: { readonly items: readonly Node[]; readonly line: number },
  foldItem: (item: Node) => Value | undefined,
): Value {
  return { kind: 'list', items: node.items.map(foldItem).filter((item) => item !== undefined), line: node.line };
}
