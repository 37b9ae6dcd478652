// Expressions and references of a template: what stands between the brackets of a directive, and what a dollar sign begins.
// The grammar is Velocity 1.7's: a name may hold a hyphen, a quote in quotes is doubled, a backslash is nothing special.

import { parseJsonQuery } from '../json-path-query.ts';
import { patternProblem } from './regex.ts';
import type { BinaryOperator, Expression, Reference, Step } from './tree.ts';
import type { Reading } from './reading.ts';

const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3,
  '!=': 3,
  '<': 4,
  '>': 4,
  '<=': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};
const SYMBOL = /\|\||&&|[=!<>]=|[<>+\-*/%]/y;
const WORD_OPERATOR = /(?:or|and|eq|ne|lt|gt|le|ge)(?![A-Za-z0-9_-])/y;
const IN_WORDS: Readonly<Record<string, BinaryOperator>> = {
  or: '||',
  and: '&&',
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
};
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const CONSTANT = /(?:true|false|null)(?![A-Za-z0-9_-])/y;
const NOT_WORD = /not(?![A-Za-z0-9_-])/y;
const DOUBLE_QUOTED = /"[^"]*(?:""[^"]*)*"/y;
const SINGLE_QUOTED = /'[^']*(?:''[^']*)*'/y;
const BARE_NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
/** What makes a bracket after a reference an index; any other bracket is text, as in `$name[a-z]`. */
const INDEX_START = /\[\s*(?:[$'"]|-?\d)/y;

/** One whole expression. */
export function readExpression(reading: Reading): Expression {
  return reading.nested(() => readOperators(reading, 1, { operators: 0 }));
}

/** Precedence climbing: operators that bind at least as tightly as `floor`, left to right. */
function readOperators(reading: Reading, floor: number, count: { operators: number }): Expression {
  let left = readOperand(reading);
  for (;;) {
    reading.skipSpace();
    const start = reading.offset;
    const symbol = reading.takeMatch(SYMBOL) ?? reading.takeMatch(WORD_OPERATOR);
    const operator = symbol === undefined ? undefined : (IN_WORDS[symbol] ?? (symbol as BinaryOperator));
    if (operator === undefined || PRECEDENCE[operator] < floor) {
      reading.offset = start;
      return left;
    }
    count.operators += 1;
    if (count.operators > reading.budget.operatorsMax) {
      throw reading.problem(`an expression has more than ${reading.budget.operatorsMax} operators`);
    }
    left = { kind: 'binary', operator, left, right: readOperators(reading, PRECEDENCE[operator] + 1, count) };
  }
}

function readOperand(reading: Reading): Expression {
  reading.skipSpace();
  const next = reading.text[reading.offset];
  if (next === '$') return readReference(reading) ?? fail(reading);
  if (next === '"') return readDoubleQuoted(reading);
  if (next === "'") return readSingleQuoted(reading);
  if (next === '[') return reading.nested(() => readList(reading));
  if (next === '{') return reading.nested(() => readMap(reading));
  if (reading.take('(')) {
    const inner = readExpression(reading);
    reading.expect(')', 'after an expression in parentheses');
    return inner;
  }
  if (next !== '!' && reading.takeMatch(NOT_WORD) !== undefined) return negation(reading);
  if (reading.take('!')) return negation(reading);
  if (reading.take('-')) return { kind: 'negative', of: reading.nested(() => readOperand(reading)) };
  const number = reading.takeMatch(NUMBER);
  if (number !== undefined) return numberOf(number);
  const constant = reading.takeMatch(CONSTANT);
  if (constant !== undefined) return { kind: 'constant', value: constant === 'null' ? null : constant === 'true' };
  return fail(reading);
}

function negation(reading: Reading): Expression {
  return { kind: 'not', of: reading.nested(() => readOperand(reading)) };
}

function fail(reading: Reading): never {
  const found = reading.text.slice(reading.offset, reading.offset + 12).split('\n')[0] ?? '';
  throw reading.problem(found === '' ? 'a value is missing' : `a value is missing before '${found}'`);
}

function numberOf(digits: string): Expression {
  const value = Number(digits);
  return /[.eE]/.test(digits) ? { kind: 'decimal', value } : { kind: 'constant', value };
}

function readDoubleQuoted(reading: Reading): Expression {
  const start = reading.offset;
  const quoted = reading.takeMatch(DOUBLE_QUOTED);
  if (quoted === undefined) throw reading.problem('a text in double quotes never ends');
  const text = quoted.slice(1, -1).replaceAll('""', '"');
  if (!/[$#]/.test(text)) return { kind: 'constant', value: text };
  const block = reading.nested(() => reading.interpolate(reading.inner(text, start)));
  const [only = ''] = block;
  return block.length < 2 && typeof only === 'string'
    ? { kind: 'constant', value: only }
    : { kind: 'interpolated', block };
}

function readSingleQuoted(reading: Reading): Expression {
  const quoted = reading.takeMatch(SINGLE_QUOTED);
  if (quoted === undefined) throw reading.problem('a text in single quotes never ends');
  return { kind: 'constant', value: quoted.slice(1, -1).replaceAll("''", "'") };
}

/** `[a, b]`, or the range `[first..last]`. */
function readList(reading: Reading): Expression {
  reading.take('[');
  reading.skipSpace();
  if (reading.take(']')) return { kind: 'list', items: [] };
  const first = readExpression(reading);
  reading.skipSpace();
  if (reading.take('..')) {
    const last = readExpression(reading);
    reading.expect(']', 'at the end of a range');
    return { kind: 'range', first, last };
  }
  const items = [first];
  while (takeComma(reading)) items.push(readExpression(reading));
  reading.expect(']', 'at the end of a list');
  return { kind: 'list', items };
}

/** `{'key': value}`; a key may be a bare name. */
function readMap(reading: Reading): Expression {
  reading.take('{');
  reading.skipSpace();
  const entries: (readonly [Expression, Expression])[] = [];
  if (reading.take('}')) return { kind: 'map', entries };
  do {
    reading.skipSpace();
    const bare = reading.takeMatch(BARE_NAME);
    const key: Expression = bare === undefined ? readExpression(reading) : { kind: 'constant', value: bare };
    reading.expect(':', 'after the key of a map');
    entries.push([key, readExpression(reading)]);
  } while (takeComma(reading));
  reading.expect('}', 'at the end of a map');
  return { kind: 'map', entries };
}

function takeComma(reading: Reading): boolean {
  reading.skipSpace();
  return reading.take(',');
}

/**
 * The reference that begins at a dollar sign: `$a.b`, `$!a`, `${a.b}`, `$a.method(x)`, `$a[0]`. Undefined, with nothing stepped
 * over, when the dollar sign begins none. `.toString` after a closed `${…}` is text, and so is a full stop that no name follows.
 */
export function readReference(reading: Reading): Reference | undefined {
  const start = reading.offset;
  reading.take('$');
  reading.take('!');
  const inBraces = reading.take('{');
  const root = reading.takeName();
  if (root === undefined) {
    reading.offset = start;
    return undefined;
  }
  const steps: Step[] = [];
  for (let step = readStep(reading); step !== undefined; step = readStep(reading)) {
    if (step.kind === 'call') checkCall(reading, steps.length === 0 ? root : undefined, step.name, step.values[0]);
    steps.push(step);
  }
  if (inBraces) reading.expect('}', `after '$\{${root}'`);
  return { kind: 'reference', root, steps };
}

const PATTERN_METHODS = new Set(['replaceAll', 'replaceFirst', 'matches', 'split']);
const PATH_METHODS = new Set(['path', 'json']);

/** A pattern or a JSON path that is written down is looked at now, and not on the first message. */
function checkCall(reading: Reading, root: string | undefined, name: string, first: Expression | undefined): void {
  if (first?.kind !== 'constant' || typeof first.value !== 'string') return;
  if (PATTERN_METHODS.has(name) && reading.patterns.left > 0) {
    reading.patterns.left -= 1;
    const problem = patternProblem(first.value);
    if (problem !== undefined) throw reading.problem(`${problem} ('${first.value.slice(0, 60)}')`);
  }
  if (root === 'input' && PATH_METHODS.has(name) && !parseJsonQuery(first.value)) {
    throw reading.problem(`'${first.value.slice(0, 60)}' is not a JSON path`);
  }
}

function readStep(reading: Reading): Step | undefined {
  if (reading.startsWith('.')) {
    reading.offset += 1;
    const name = reading.takeName();
    if (name === undefined) {
      reading.offset -= 1;
      return undefined;
    }
    return reading.take('(') ? { kind: 'call', name, values: readValues(reading, name) } : { kind: 'property', name };
  }
  INDEX_START.lastIndex = reading.offset;
  if (!INDEX_START.test(reading.text)) return undefined;
  reading.take('[');
  const at = readExpression(reading);
  reading.expect(']', 'after an index');
  return { kind: 'index', at };
}

/** The values of a call, whose opening bracket is stepped over. */
export function readValues(reading: Reading, name: string): Expression[] {
  const values: Expression[] = [];
  reading.skipSpace();
  if (reading.take(')')) return values;
  do values.push(readExpression(reading));
  while (takeComma(reading));
  reading.expect(')', `after the values of '${name}'`);
  return values;
}
