// Tests run, all of them, and wait for events: none is switched off without a reason, none is singled out, none is left
// for later, and none sleeps.

import { scanImports } from '../imports.ts';
import { findSleeps } from '../sleeps.ts';
import { significant, type Token } from '../tokens.ts';
import { isTest, type Finding, type Tree } from '../tree.ts';

const SUITES = new Set(['describe', 'suite']);
const TESTS = new Set(['test', 'it', 't', ...SUITES]);

/** Looks again after a while, for what happens in another process and tells nobody. */
const WAITS_FOR_OTHERS = 'test/harness/eventually.ts';

type Place = Omit<Finding, 'path'>;

export function testHonesty(tree: Tree): Finding[] {
  return tree.files.filter(isTest).flatMap((path) => {
    const tokens = significant(tree.tokens(path));
    const found = [
      ...switches(tokens),
      ...options(tokens),
      ...(path === WAITS_FOR_OTHERS ? [] : findSleeps(tokens)),
      ...timerImports(tree, path),
    ];
    return found.map((place) => ({ path, ...place }));
  });
}

/** `.skip(`, `.only(` and `.todo(`; a suite may be skipped when its first argument is a string. */
function switches(tokens: readonly Token[]): Place[] {
  return tokens.flatMap(({ kind, text, line }, at) => {
    if (kind !== 'word' || !['.', '?.'].includes(tokens[at - 1]?.text ?? '')) return [];
    const subject = tokens[at - 2]?.text ?? '';
    const called = tokens[at + 1]?.text === '(';
    if (text === 'skip' && SUITES.has(subject) && called) {
      return isReason(tokens[at + 2]) ? [] : [{ line, message: `${subject}.skip gives no reason` }];
    }
    const isSwitch = (text === 'skip' || text === 'only') && (called || TESTS.has(subject));
    const isTodo = text === 'todo' && TESTS.has(subject);
    return isSwitch || isTodo ? [{ line, message: `.${text} leaves tests out` }] : [];
  });
}

/** `skip`, `only` and `todo` among the options of a test; `skip` may carry a reason. */
function options(tokens: readonly Token[]): Place[] {
  const opened: number[] = [];
  return tokens.flatMap(({ kind, text, line }, at) => {
    if (kind === 'punct' && ['(', '[', '{'].includes(text)) opened.push(at);
    if (kind === 'punct' && [')', ']', '}'].includes(text)) opened.pop();
    if (!['skip', 'only', 'todo'].includes(text) || tokens[at + 1]?.text !== ':') return [];
    if (!isTestOption(tokens, opened)) return [];
    const value = valueFrom(tokens, at + 2);
    const isOff = value.length === 1 && value[0]?.text === 'false';
    if (isOff || (text === 'skip' && value.some(isReason))) return [];
    return [{ line, message: text === 'skip' ? 'skip: gives no reason in a string' : `${text}: leaves tests out` }];
  });
}

/** True inside an object literal that is itself an argument of a call of `test`, `it`, `describe` or `suite`. */
function isTestOption(tokens: readonly Token[], opened: readonly number[]): boolean {
  const call = opened.at(-2) ?? -1;
  const object = tokens[opened.at(-1) ?? -1]?.text === '{';
  return object && tokens[call]?.text === '(' && TESTS.has(tokens[call - 1]?.text ?? '');
}

function valueFrom(tokens: readonly Token[], start: number): Token[] {
  let depth = 0;
  const value: Token[] = [];
  for (const token of tokens.slice(start)) {
    if (depth === 0 && token.kind === 'punct' && [',', '}'].includes(token.text)) break;
    if (token.kind === 'punct' && ['(', '[', '{'].includes(token.text)) depth += 1;
    if (token.kind === 'punct' && [')', ']', '}'].includes(token.text)) depth -= 1;
    value.push(token);
  }
  return value;
}

function isReason(token: Token | undefined): boolean {
  return token?.kind === 'template' || (token?.kind === 'string' && token.text.trim() !== '');
}

function timerImports(tree: Tree, path: string): Place[] {
  return scanImports(tree.tokens(path))
    .filter(({ specifier }) => /^(?:node:)?timers\/promises$/.test(specifier))
    .map(({ line }) => ({ line, message: 'timers/promises sleeps; wait for an event' }));
}
