// The text of a template with its directives: `#if`, `#foreach` and the others, comments, and text that is not to be parsed.
// What a number sign begins that is no directive and no macro of this template is text.

import { readExpression, readReference } from './read-expression.ts';
import type { Reading } from './reading.ts';
import type { Block, Expression, Macro, Node } from './tree.ts';

const PLAIN = /[^$#\\]+/y;
const DIRECTIVE = /#(?:\{([A-Za-z]+)\}|(@?[A-Za-z_][A-Za-z0-9_]*))/y;
const BACKSLASHES = /\\+/y;
const ESCAPABLE = /\$!?\{?[A-Za-z_]|#(?:\{[A-Za-z]+\}|[A-Za-z@])/y;
const ESCAPED = /\$!?\{?|#\{?/y;
const END_OF_LINE = /[ \t]*(?:\r\n|\n|\r)/y;
const LINE_COMMENT = /##[^\r\n]*(?:\r\n|\n|\r)?/y;
const NO_TEMPLATE = new Set(['parse', 'include', 'evaluate']);
const CLOSERS = new Set(['end', 'else', 'elseif']);

interface Read {
  readonly block: Block;
  /** The directive that ended the block, stepped over; undefined at the end of the text. */
  readonly closer: string | undefined;
}

/** The macros that a template defines, filled while it is read. */
export type Macros = Map<string, Macro>;

/** A whole template, or the text between double quotes. */
export function readTemplate(reading: Reading, macros: Macros): Block {
  const { block, closer } = readBlock(reading, macros);
  if (closer !== undefined) throw reading.problem(`#${closer} has no directive to end`);
  return block;
}

function readBlock(reading: Reading, macros: Macros): Read {
  const parts: (string | Node)[] = [];
  const add = (part: string | Node): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  };
  while (reading.offset < reading.text.length) {
    const text = reading.takeMatch(PLAIN);
    if (text !== undefined) {
      add(text);
      continue;
    }
    const next = reading.text[reading.offset];
    if (next === '\\') add(readBackslashes(reading));
    else if (next === '$') add(readReference(reading) ?? takeCharacter(reading));
    else {
      const found = readNumberSign(reading, macros);
      if (typeof found === 'object' && 'closer' in found) return { block: parts, closer: found.closer };
      if (typeof found === 'object' && found.kind === 'set') trimLine(parts);
      add(found);
    }
  }
  return { block: parts, closer: undefined };
}

function takeCharacter(reading: Reading): string {
  reading.offset += 1;
  return reading.text[reading.offset - 1] ?? '';
}

/** Before a reference or a directive each pair of backslashes shows one, and one that is left over makes text of what follows. */
function readBackslashes(reading: Reading): string {
  const escapes = reading.takeMatch(BACKSLASHES) ?? '';
  ESCAPABLE.lastIndex = reading.offset;
  if (!ESCAPABLE.test(reading.text)) return escapes;
  const shown = '\\'.repeat(escapes.length >> 1);
  return escapes.length % 2 === 0 ? shown : shown + (reading.takeMatch(ESCAPED) ?? '');
}

/** A `#set` that begins its line takes the indentation too. */
function trimLine(parts: (string | Node)[]): void {
  const last = parts.at(-1);
  if (typeof last !== 'string') return;
  const trimmed = last.replace(parts.length === 1 ? /(^|\n)[ \t]+$/ : /(\n)[ \t]+$/, '$1');
  parts.pop();
  if (trimmed !== '') parts.push(trimmed);
}

function readNumberSign(reading: Reading, macros: Macros): string | Node | { closer: string } {
  if (reading.takeMatch(LINE_COMMENT) !== undefined) return '';
  if (reading.startsWith('#*')) return skipTo(reading, '*#', 'a comment') && '';
  if (reading.startsWith('#[[')) return skipTo(reading, ']]#', 'unparsed text').slice(3, -3);
  const start = reading.offset;
  DIRECTIVE.lastIndex = start;
  const match = DIRECTIVE.exec(reading.text);
  const name = match?.[1] ?? match?.[2];
  if (name === undefined) return takeCharacter(reading);
  reading.offset = DIRECTIVE.lastIndex;
  if (CLOSERS.has(name)) {
    if (name !== 'elseif') reading.takeMatch(END_OF_LINE);
    return { closer: name };
  }
  const read = DIRECTIVES[name];
  if (read !== undefined && Object.hasOwn(DIRECTIVES, name)) return reading.nested(() => read(reading, macros));
  if (NO_TEMPLATE.has(name)) throw reading.problem(`#${name} is not available in mapping templates`);
  const called = name.startsWith('@') ? name.slice(1) : name;
  if (!reading.macros.has(called)) return reading.text.slice(start, reading.offset);
  return reading.nested(() => readMacroCall(reading, macros, name));
}

function skipTo(reading: Reading, end: string, what: string): string {
  const at = reading.text.indexOf(end, reading.offset + 2);
  if (at === -1) throw reading.problem(`${what} never ends (with '${end}')`);
  const skipped = reading.text.slice(reading.offset, at + end.length);
  reading.offset = at + end.length;
  return skipped;
}

const DIRECTIVES: Readonly<Record<string, (reading: Reading, macros: Macros) => string | Node>> = {
  set: readSet,
  if: readIf,
  foreach: readForeach,
  define: readDefine,
  macro: readMacro,
  stop: () => ({ kind: 'stop' }),
  break: (reading) => {
    reading.takeMatch(END_OF_LINE);
    return { kind: 'break' };
  },
};

function readSet(reading: Reading): Node {
  reading.expect('(', 'after #set');
  const target = readTarget(reading, '#set');
  if (target.steps.at(-1)?.kind === 'call') throw reading.problem('#set cannot assign to the result of a call');
  reading.expect('=', 'after the reference of #set');
  const value = readExpression(reading);
  closeLine(reading, '#set');
  return { kind: 'set', target, value };
}

function readTarget(reading: Reading, directive: string) {
  reading.skipSpace();
  const target = reading.startsWith('$') ? readReference(reading) : undefined;
  if (!target) throw reading.problem(`${directive} needs a reference, such as $name`);
  return target;
}

/** The closing bracket of a directive, with the rest of its line when that is blank. */
function closeLine(reading: Reading, directive: string): void {
  reading.expect(')', `at the end of ${directive}`);
  reading.takeMatch(END_OF_LINE);
}

function readBody(reading: Reading, macros: Macros, directive: string): Block {
  const { block, closer } = readBlock(reading, macros);
  if (closer === 'end') return block;
  throw reading.problem(closer === undefined ? `${directive} has no #end` : `#${closer} has no #if`);
}

function readIf(reading: Reading, macros: Macros): Node {
  const branches: { condition: Expression; body: Block }[] = [];
  for (let directive = '#if'; ; directive = '#elseif') {
    reading.expect('(', `after ${directive}`);
    const condition = readExpression(reading);
    closeLine(reading, directive);
    const { block, closer } = readBlock(reading, macros);
    branches.push({ condition, body: block });
    if (closer === 'end') return { kind: 'if', branches, otherwise: undefined };
    if (closer === 'else') return { kind: 'if', branches, otherwise: readBody(reading, macros, '#else') };
    if (closer === undefined) throw reading.problem(`${directive} has no #end`);
  }
}

function readForeach(reading: Reading, macros: Macros): Node {
  reading.expect('(', 'after #foreach');
  const { root, steps } = readTarget(reading, '#foreach');
  if (steps.length > 0) throw reading.problem('#foreach needs a plain name, such as $item');
  reading.expect('in', 'in #foreach, between the name and the list');
  const over = readExpression(reading);
  closeLine(reading, '#foreach');
  return { kind: 'foreach', name: root, over, body: readBody(reading, macros, '#foreach') };
}

function readDefine(reading: Reading, macros: Macros): Node {
  reading.expect('(', 'after #define');
  const { root, steps } = readTarget(reading, '#define');
  if (steps.length > 0) throw reading.problem('#define needs a plain name, such as $block');
  closeLine(reading, '#define');
  return { kind: 'define', name: root, body: readBody(reading, macros, '#define') };
}

/** A macro is a fact of the whole template: it leaves nothing where it stands. */
function readMacro(reading: Reading, macros: Macros): string {
  reading.expect('(', 'after #macro');
  reading.skipSpace();
  const name = reading.takeName();
  if (name === undefined) throw reading.problem('#macro needs a name');
  const parameters: string[] = [];
  for (;;) {
    reading.skipSpace();
    reading.take(',');
    reading.skipSpace();
    if (!reading.startsWith('$')) break;
    parameters.push(readTarget(reading, '#macro').root);
  }
  closeLine(reading, '#macro');
  const body = readBody(reading, macros, '#macro');
  if (!macros.has(name)) macros.set(name, { parameters, body });
  return '';
}

/** `#name(a b)`, or `#@name(a b) body #end`; without brackets the name is text. */
function readMacroCall(reading: Reading, macros: Macros, name: string): Node | string {
  const hasBody = name.startsWith('@');
  if (!reading.take('(')) return `#${name}`;
  const values: Expression[] = [];
  for (;;) {
    reading.skipSpace();
    reading.take(',');
    reading.skipSpace();
    if (reading.take(')')) break;
    values.push(readExpression(reading));
  }
  reading.takeMatch(END_OF_LINE);
  const called = hasBody ? name.slice(1) : name;
  return {
    kind: 'macro-call',
    name: called,
    values,
    body: hasBody ? readBody(reading, macros, `#${name}`) : undefined,
  };
}
