// Regular expressions of Java's String methods, run by an engine whose time is linear in the text (RE2), since pattern and text
// both come from strangers. Patterns with look-around or back-references do not exist there and are a problem by name.

import { RE2JS } from 're2js';
import { findText } from '../find-text.ts';
import { TemplateProblem } from './budget.ts';
import type { Work } from './values.ts';

const CACHED_MAX = 200;
const PATTERN_CHARACTERS_MAX = 1_000;
/** One instruction of a pattern on one character costs some 50 nanoseconds; so many make one unit of work. */
const INSTRUCTIONS_PER_STEP = 4;
const STEPS_PER_MATCH = 4;
/** Making a pattern ready is worth so many for each of its instructions. */
const COMPILE_STEPS = 20;
/** A pattern of plain characters, some of them escaped, needs no engine. */
const PLAIN = /^(?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])*$/;

type Pattern = { readonly plain: string } | { readonly compiled: RE2JS; readonly instructions: number };
const patterns = new Map<string, Pattern>();

function patternOf(text: string, work?: Work): Pattern {
  const known = patterns.get(text);
  if (known) return known;
  if (text.length > PATTERN_CHARACTERS_MAX) {
    throw new TemplateProblem(`a pattern has ${text.length} characters, and may have ${PATTERN_CHARACTERS_MAX}`);
  }
  const pattern = PLAIN.test(text) && text !== '' ? { plain: text.replace(/\\(.)/gsu, '$1') } : compile(text);
  if ('compiled' in pattern) work?.spend(COMPILE_STEPS * pattern.instructions);
  // Patterns may be made by a template, so the oldest goes when there are many.
  if (patterns.size >= CACHED_MAX) patterns.delete(patterns.keys().next().value ?? '');
  patterns.set(text, pattern);
  return pattern;
}

function compile(text: string): Pattern {
  try {
    const compiled = RE2JS.compile(text);
    return { compiled, instructions: compiled.programSize() };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace('error parsing regexp: ', '') : String(error);
    // The engine's words quote the pattern, which a template may have made of a payload.
    throw new TemplateProblem(`a pattern cannot be used: ${why.replace(/: `[\s\S]*$/, '')}`);
  }
}

/** Why a pattern cannot be used, or undefined: for patterns that a template writes down, which can be looked at beforehand. */
export function patternProblem(text: string): string | undefined {
  try {
    patternOf(text);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateProblem) return error.message;
    throw error;
  }
}

interface Match {
  readonly start: number;
  readonly end: number;
  group(which: string | number): string | null;
}

/** Hands each match to `take`, until it answers false. */
function eachMatch(text: string, regex: string, work: Work, take: (match: Match) => boolean | void): void {
  const pattern = patternOf(regex, work);
  work.spend(1 + (text.length >> 4));
  if ('plain' in pattern) return eachPlain(text, pattern.plain, work, take);
  work.spend(Math.ceil((text.length * pattern.instructions) / INSTRUCTIONS_PER_STEP));
  const matcher = pattern.compiled.matcher(text);
  while (matcher.find()) {
    work.spend(STEPS_PER_MATCH);
    // A search that fails late looks at the same characters for every match, which the count above does not see.
    work.watchClock();
    const group = (which: string | number): string | null => groupOf(matcher, which);
    if (take({ start: matcher.start(), end: matcher.end(), group }) === false) return;
  }
}

function eachPlain(text: string, plain: string, work: Work, take: (match: Match) => boolean | void): void {
  for (let start = findText(text, plain); start !== -1;) {
    work.spend(1);
    const end = start + plain.length;
    if (take({ start, end, group: (which) => (which === 0 ? plain : noGroup()) }) === false) return;
    start = findText(text, plain, end);
  }
}

function groupOf(matcher: ReturnType<RE2JS['matcher']>, which: string | number): string | null {
  if (typeof which === 'number' && which > matcher.groupCount()) return noGroup();
  try {
    return matcher.group(which);
  } catch {
    // The engine throws for a name that the pattern lacks, with words of its own.
    return noGroup();
  }
}

function noGroup(): never {
  throw new TemplateProblem('a replacement names a group that its pattern lacks');
}

export function matchesWhole(text: string, regex: string, work: Work): boolean {
  const pattern = patternOf(regex, work);
  if ('plain' in pattern) return text === pattern.plain;
  work.spend(1 + Math.ceil((text.length * pattern.instructions) / INSTRUCTIONS_PER_STEP));
  return pattern.compiled.matches(text);
}

/** Java's replaceAll and, for `isFirstOnly`, replaceFirst: `$1` and `${name}` are groups, a backslash takes the next as it is. */
export function replace(
  text: string,
  regex: string,
  replacement: string,
  work: Work,
  isFirstOnly: boolean = false,
): string {
  const parts: string[] = [];
  const isPlain = !/[\\$]/.test(replacement);
  let kept = 0;
  eachMatch(text, regex, work, (match) => {
    parts.push(text.slice(kept, match.start), isPlain ? replacement : work.made(expand(replacement, match)));
    kept = match.end;
    return !isFirstOnly;
  });
  parts.push(text.slice(kept));
  return work.join(parts, '');
}

const REPLACEMENT = /\\([\s\S]?)|\$(?:\{([A-Za-z][A-Za-z0-9]*)\}|(\d))?/g;

function expand(replacement: string, match: Match): string {
  return replacement.replace(REPLACEMENT, (_, escaped?: string, name?: string, digit?: string) => {
    if (escaped !== undefined && escaped !== '') return escaped;
    if (name !== undefined) return match.group(name) ?? '';
    if (digit !== undefined) return match.group(Number(digit)) ?? '';
    throw new TemplateProblem('a replacement ends in the middle of an escape or a group');
  });
}

/** Java's split: no empty text at the end unless `limit` is negative, none before a match of nothing at the start. */
export function split(text: string, regex: string, limit: number, work: Work): string[] {
  const parts: string[] = [];
  let kept = 0;
  eachMatch(text, regex, work, ({ start, end }) => {
    if (limit > 0 && parts.length === limit - 1) return false;
    if (end === 0 || (start === end && start === text.length)) return true;
    parts.push(text.slice(kept, start));
    kept = end;
    return true;
  });
  if (parts.length === 0) return [text];
  parts.push(text.slice(kept));
  if (limit === 0) while (parts.length > 0 && parts.at(-1) === '') parts.pop();
  return parts;
}
