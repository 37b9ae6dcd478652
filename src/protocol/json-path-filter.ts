// The filters of a JSONPath: `[?(@.price < 10 && @.kind == 'a')]`. An expression over the node at hand (`@`) and the document
// (`$`), never over anything else: no code is made of it.

import { exactNumber } from './exact-json.ts';
import { findText } from './find-text.ts';
import { evaluateJsonPath, parseJsonPath, type JsonPath } from './json-path.ts';

export type Filter =
  | { readonly kind: 'any' | 'every'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

type Operand =
  | { readonly from: '@' | '$'; readonly path: JsonPath; readonly isLength: boolean }
  | { readonly from: 'constant'; readonly value: unknown }
  | { readonly from: 'pattern'; readonly pattern: string };

/** What counts the work of a query, and matches a pattern within the same count. */
export interface FilterWork {
  spend(steps: number): void;
  /** Whether the whole text matches a regular expression. */
  matches(text: string, pattern: string): boolean;
}

interface Cursor {
  readonly text: string;
  at: number;
  nesting: number;
}

const NESTING_MAX = 16;
const OPERATOR = /\s*(==|!=|<=|>=|=~|<|>|(?:in|nin|contains)(?![A-Za-z]))\s*/y;
const PATH =
  /\s*([@$])((?:\.[A-Za-z0-9_$-]+(?![A-Za-z0-9_$-]|\()|\[\s*(?:\d{1,9}|'[^']*'|"[^"]*")\s*\])*)(\.(?:length|size)\(\s*\))?/y;
const CONSTANT = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
const PATTERN = /\s*\/((?:[^/\\]|\\.)+)\/(i?)/y;

/** The filter that begins at `start`, and where it ends; undefined when there is none. */
export function parseFilter(
  text: string,
  start: number,
): { readonly filter: Filter; readonly end: number } | undefined {
  const cursor: Cursor = { text, at: start, nesting: 0 };
  const filter = parseOperand(cursor);
  return filter && { filter, end: cursor.at };
}

function parseAny(cursor: Cursor): Filter | undefined {
  return parseJoined(cursor, '||', 'any', (inner) => parseJoined(inner, '&&', 'every', parseOperand));
}

function parseJoined(
  cursor: Cursor,
  sign: string,
  kind: 'any' | 'every',
  parse: (cursor: Cursor) => Filter | undefined,
): Filter | undefined {
  const of: Filter[] = [];
  do {
    const filter = parse(cursor);
    if (!filter) return undefined;
    of.push(filter);
  } while (take(cursor, sign));
  return of.length === 1 ? of[0] : { kind, of };
}

function parseOperand(cursor: Cursor): Filter | undefined {
  if (cursor.nesting >= NESTING_MAX) return undefined;
  cursor.nesting += 1;
  const filter = parseNested(cursor);
  cursor.nesting -= 1;
  return filter;
}

function parseNested(cursor: Cursor): Filter | undefined {
  if (take(cursor, '!')) {
    const of = parseOperand(cursor);
    return of && { kind: 'not', of };
  }
  if (take(cursor, '(')) {
    const inner = parseAny(cursor);
    return inner && take(cursor, ')') ? inner : undefined;
  }
  const left = parseValue(cursor);
  if (!left) return undefined;
  const operator = match(cursor, OPERATOR)?.[1];
  if (operator === undefined) return { kind: 'exists', operand: left };
  const right =
    operator === '=~' ? parsePattern(cursor) : operator.endsWith('in') ? parseSet(cursor) : parseValue(cursor);
  return right && { kind: 'compare', operator, left, right };
}

function parseValue(cursor: Cursor): Operand | undefined {
  const path = match(cursor, PATH);
  if (path) {
    const steps = parseJsonPath(path[2] ?? '');
    return steps && { from: path[1] as '@' | '$', path: steps, isLength: path[3] !== undefined };
  }
  const constant = match(cursor, CONSTANT);
  if (!constant) return undefined;
  const quoted = constant[1] ?? constant[2];
  const value: unknown =
    quoted === undefined ? JSON.parse(asJson(constant[3] ?? 'null')) : quoted.replace(/\\(.)/g, '$1');
  return { from: 'constant', value };
}

/** JSON knows no number with zeros before it. */
function asJson(digits: string): string {
  return digits.replace(/^(-?)0+(?=\d)/, '$1');
}

function parsePattern(cursor: Cursor): Operand | undefined {
  const found = match(cursor, PATTERN);
  return found ? { from: 'pattern', pattern: (found[2] === 'i' ? '(?i)' : '') + found[1] } : undefined;
}

/** `['a', 'b']`, or a path that leads to a list. */
function parseSet(cursor: Cursor): Operand | undefined {
  if (!take(cursor, '[')) return parseValue(cursor);
  const value: unknown[] = [];
  do {
    const item = parseValue(cursor);
    if (item?.from !== 'constant') return undefined;
    value.push(item.value);
  } while (take(cursor, ','));
  return take(cursor, ']') ? { from: 'constant', value } : undefined;
}

function take(cursor: Cursor, sign: string): boolean {
  while (cursor.text[cursor.at] === ' ') cursor.at += 1;
  if (!cursor.text.startsWith(sign, cursor.at)) return false;
  cursor.at += sign.length;
  return true;
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (!found) return undefined;
  cursor.at = pattern.lastIndex;
  return found;
}

/** Whether a filter holds for a node. Each part that is looked at is counted. */
export function isFilterTrue(filter: Filter, node: unknown, root: unknown, work: FilterWork): boolean {
  work.spend(1);
  switch (filter.kind) {
    case 'any':
      return filter.of.some((one) => isFilterTrue(one, node, root, work));
    case 'every':
      return filter.of.every((one) => isFilterTrue(one, node, root, work));
    case 'not':
      return !isFilterTrue(filter.of, node, root, work);
    case 'exists':
      return valueOf(filter.operand, node, root) !== undefined;
    case 'compare':
      return compares(filter, node, root, work);
  }
}

function valueOf(operand: Operand, node: unknown, root: unknown): unknown {
  if (operand.from === 'constant') return operand.value;
  if (operand.from === 'pattern') return undefined;
  const value = evaluateJsonPath(operand.from === '@' ? node : root, operand.path);
  if (!operand.isLength) return plainNumber(value);
  return typeof value === 'string' || Array.isArray(value) ? value.length : undefined;
}

/** Numbers are compared as JavaScript's. */
function plainNumber(value: unknown): unknown {
  const written = typeof value === 'object' && value !== null ? exactNumber(value) : undefined;
  return written === undefined ? value : Number(written);
}

function compares(
  { operator, left, right }: Filter & { readonly kind: 'compare' },
  node: unknown,
  root: unknown,
  work: FilterWork,
): boolean {
  const ours = valueOf(left, node, root);
  if (right.from === 'pattern') return typeof ours === 'string' && work.matches(ours, right.pattern);
  const theirs = valueOf(right, node, root);
  const isIn = (item: unknown, list: unknown): boolean => {
    if (!Array.isArray(list)) return false;
    work.spend(list.length >> 2);
    return list.includes(item);
  };
  switch (operator) {
    case '==':
      return ours === theirs;
    case '!=':
      return ours !== theirs;
    case 'in':
      return isIn(ours, theirs);
    case 'nin':
      return !isIn(ours, theirs);
    case 'contains':
      if (typeof ours !== 'string' || typeof theirs !== 'string') return isIn(theirs, ours);
      work.spend((ours.length + theirs.length) >> 4);
      return findText(ours, theirs) !== -1;
    default:
      return isOrdered(operator, ours, theirs);
  }
}

/** Only numbers with numbers and texts with texts have an order. */
function isOrdered(operator: string, left: unknown, right: unknown): boolean {
  const isComparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!isComparable) return false;
  if (operator === '<') return left < right;
  if (operator === '>') return left > right;
  return operator === '<=' ? left <= right : left >= right;
}
