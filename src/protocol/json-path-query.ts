// JSONPath as API Gateway's templates use it, in the dialect of Jayway: wildcards, `..`, unions, slices, indexes from the end,
// filters and `length()`, next to the definite paths of json-path.ts. A path is parsed here and evaluated over a document that a
// stranger sent: every node that is looked at is counted, and nothing recurses into the document.

import { parseFilter, type Filter, type FilterWork, isFilterTrue } from './json-path-filter.ts';
import { exactNumber } from './exact-json.ts';
import { evaluateJsonPath, parseJsonPath, type JsonPath } from './json-path.ts';

type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names' | 'each-name'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly filter: Filter };

interface Step {
  readonly isDeep: boolean;
  readonly selector: Selector;
}

export interface JsonQuery {
  /** The whole query, when each of its steps leads to one place at most. */
  readonly path: JsonPath | undefined;
  readonly steps: readonly Step[];
  /** True when the query has one answer, false when its answer is a list. */
  readonly isDefinite: boolean;
  readonly call: 'length' | 'size' | 'keys' | undefined;
}

const QUERY_CHARACTERS_MAX = 1_024;
/** What only a query has; anything else is a definite path. */
const QUERY_SIGN = /[*?(:,]|\.\.|\[\s*-/;
const BARE_NAME = /[^.[\]'"()*?\s]+/y;
const CALL = /\.(length|size|keys)\(\s*\)$/;
const QUOTED = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*/y;
const INDEXES = /^\s*-?\d{1,9}\s*(?:,\s*-?\d{1,9}\s*)*$/;
const SLICE = /^\s*(-?\d{1,9})?\s*:\s*(-?\d{1,9})?\s*(?::\s*(\d{1,9})?\s*)?$/;

/** The parsed query, or undefined when the text is none. */
export function parseJsonQuery(text: string): JsonQuery | undefined {
  const source = text.trim();
  if (source.length > QUERY_CHARACTERS_MAX) return undefined;
  if (!QUERY_SIGN.test(source)) {
    const path = parseJsonPath(source);
    return path && { path, steps: [], isDefinite: true, call: undefined };
  }
  const call = CALL.exec(source);
  const steps = parseSteps(call ? source.slice(0, call.index) : source);
  if (!steps) return undefined;
  const isDefinite = steps.every(({ isDeep, selector }) => !isDeep && isSingle(selector));
  return { path: undefined, steps, isDefinite, call: call?.[1] as JsonQuery['call'] };
}

function isSingle({ kind }: Selector): boolean {
  return kind === 'name' || kind === 'index' || kind === 'names';
}

function parseSteps(source: string): Step[] | undefined {
  const steps: Step[] = [];
  let at = source.startsWith('$') ? 1 : 0;
  while (at < source.length) {
    const isDeep = source.startsWith('..', at);
    if (isDeep) at += 2;
    else if (source[at] === '.') at += 1;
    else if (source[at] !== '[' && at > 0) return undefined;
    const found = source[at] === '[' ? parseBracket(source, at) : parseName(source, at);
    if (!found) return undefined;
    at = found.end;
    // Several names at the end of a path make one object; anywhere else they are several places.
    const isInside = found.selector.kind === 'names' && at < source.length;
    steps.push({ isDeep, selector: isInside ? { ...found.selector, kind: 'each-name' } : found.selector });
  }
  return steps;
}

interface Found {
  readonly selector: Selector;
  readonly end: number;
}

function parseName(source: string, at: number): Found | undefined {
  if (source[at] === '*') return { selector: { kind: 'all' }, end: at + 1 };
  BARE_NAME.lastIndex = at;
  const name = BARE_NAME.exec(source)?.[0];
  return name === undefined ? undefined : { selector: { kind: 'name', name }, end: at + name.length };
}

function parseBracket(source: string, open: number): Found | undefined {
  const filter = /^\[\s*\?/.exec(source.slice(open, open + 16));
  if (filter) return parseFilterBracket(source, open + filter[0].length);
  const names = parseNames(source, open + 1);
  if (names) return names;
  const close = source.indexOf(']', open);
  if (close === -1) return undefined;
  const selector = selectorOf(source.slice(open + 1, close));
  return selector && { selector, end: close + 1 };
}

function selectorOf(inside: string): Selector | undefined {
  if (inside.trim() === '*') return { kind: 'all' };
  if (INDEXES.test(inside)) {
    const indexes = inside.split(',').map(Number);
    const [index = 0] = indexes;
    return indexes.length === 1 ? { kind: 'index', index } : { kind: 'indexes', indexes };
  }
  const [all, from, to, by] = SLICE.exec(inside) ?? [];
  const whole = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits));
  return all === undefined
    ? undefined
    : { kind: 'slice', from: whole(from), to: whole(to), by: Math.max(1, Number(by ?? 1)) };
}

/** `['a']`, or `['a','b']`. */
function parseNames(source: string, start: number): Found | undefined {
  const names: string[] = [];
  for (let at = start; ; at += 1) {
    QUOTED.lastIndex = at;
    const match = QUOTED.exec(source);
    if (!match) return undefined;
    names.push((match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1'));
    at = QUOTED.lastIndex;
    if (source[at] === ']') {
      const [name = ''] = names;
      return { selector: names.length === 1 ? { kind: 'name', name } : { kind: 'names', names }, end: at + 1 };
    }
    if (source[at] !== ',') return undefined;
  }
}

function parseFilterBracket(source: string, start: number): Found | undefined {
  const parsed = parseFilter(source, start);
  if (!parsed) return undefined;
  const close = /^\s*\]/.exec(source.slice(parsed.end));
  return close ? { selector: { kind: 'filter', filter: parsed.filter }, end: parsed.end + close[0].length } : undefined;
}

/** What the query finds: one value, or undefined, when it is definite; else the list of all, in the document's order. */
export function evaluateJsonQuery(document: unknown, query: JsonQuery, work: FilterWork): unknown {
  if (query.path) return evaluateJsonPath(document, query.path);
  if (document === undefined) return undefined;
  let nodes: unknown[] = [document];
  for (const { isDeep, selector } of query.steps) {
    const found: unknown[] = [];
    for (const node of isDeep ? descendants(nodes, work) : nodes) select(node, selector, document, work, found);
    nodes = found;
  }
  const answer = query.isDefinite ? nodes[0] : nodes;
  return query.call === undefined ? answer : called(query.call, answer);
}

function called(call: 'length' | 'size' | 'keys', value: unknown): unknown {
  if (typeof value === 'string') return call === 'keys' ? undefined : value.length;
  if (!isContainer(value)) return undefined;
  if (call === 'keys') return Array.isArray(value) ? undefined : Object.keys(value);
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a node holds others; a number that was kept as it was written is an object, and holds none. */
function isContainer(node: unknown): node is object {
  return typeof node === 'object' && node !== null && exactNumber(node) === undefined;
}

/** The nodes and all that is in them, each before what it holds. A stack of our own: a document may be as deep as it is long. */
function descendants(nodes: readonly unknown[], work: FilterWork): unknown[] {
  const found: unknown[] = [];
  const waiting = nodes.toReversed();
  while (waiting.length > 0) {
    const node = waiting.pop();
    work.spend(1);
    found.push(node);
    if (isContainer(node)) {
      const children: unknown[] = Array.isArray(node) ? node : Object.values(node);
      for (let at = children.length - 1; at >= 0; at -= 1) waiting.push(children[at]);
    }
  }
  return found;
}

function select(node: unknown, selector: Selector, root: unknown, work: FilterWork, found: unknown[]): void {
  work.spend(1);
  if (!isContainer(node)) return;
  if (Array.isArray(node)) selectItems(node, selector, root, work, found);
  else selectMembers(node as Record<string, unknown>, selector, root, work, found);
}

function selectItems(node: unknown[], selector: Selector, root: unknown, work: FilterWork, found: unknown[]): void {
  const take = (index: number): void => {
    const at = index < 0 ? node.length + index : index;
    if (at >= 0 && at < node.length) found.push(node[at]);
  };
  if (selector.kind === 'index') take(selector.index);
  if (selector.kind === 'indexes') {
    work.spend(selector.indexes.length);
    selector.indexes.forEach(take);
  }
  if (selector.kind === 'slice') {
    const inside = (at: number): number => Math.min(node.length, Math.max(0, at < 0 ? node.length + at : at));
    const to = inside(selector.to ?? node.length);
    work.spend(node.length >> 2);
    for (let at = inside(selector.from ?? 0); at < to; at += selector.by) found.push(node[at]);
  }
  if (selector.kind === 'all') {
    work.spend(node.length >> 2);
    for (const item of node) found.push(item);
  }
  if (selector.kind === 'filter') {
    for (const item of node) if (isFilterTrue(selector.filter, item, root, work)) found.push(item);
  }
}

function selectMembers(
  node: Record<string, unknown>,
  selector: Selector,
  root: unknown,
  work: FilterWork,
  found: unknown[],
): void {
  if (selector.kind === 'name' && Object.hasOwn(node, selector.name)) found.push(node[selector.name]);
  if (selector.kind === 'names' || selector.kind === 'each-name') {
    work.spend(selector.names.length);
    const known = selector.names.filter((name) => Object.hasOwn(node, name));
    if (selector.kind === 'names') found.push(Object.fromEntries(known.map((name) => [name, node[name]])));
    else for (const name of known) found.push(node[name]);
  }
  if (selector.kind === 'all') {
    const members = Object.values(node);
    work.spend(members.length >> 2);
    for (const member of members) found.push(member);
  }
  // Jayway holds a filter against an object itself.
  if (selector.kind === 'filter' && isFilterTrue(selector.filter, node, root, work)) found.push(node);
}
