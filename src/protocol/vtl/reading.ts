// The place in a template's text where its parser stands. It knows characters, not grammar.

import { TemplateProblem, type TemplateBudget } from './budget.ts';
import type { Block } from './tree.ts';

/** A hyphen may stand in a name; one at its end is text, or a minus sign. */
const NAME = /[A-Za-z_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?/y;
const SPACE = /\s*/y;

export class Reading {
  readonly text: string;
  readonly budget: TemplateBudget;
  /** The names that `#macro` gives a meaning to, anywhere in the template. */
  readonly macros: ReadonlySet<string>;
  /** Parses the text between double quotes, which is a template itself. A parameter, so that the parsers make no circle. */
  readonly interpolate: (inner: Reading) => Block;
  /** How many more patterns of this template are looked at beforehand: each takes milliseconds. */
  readonly patterns: { left: number };
  offset = 0;
  #nesting: number;
  readonly #linesBefore: () => number;

  constructor(
    text: string,
    from: Pick<Reading, 'budget' | 'macros' | 'interpolate' | 'patterns'>,
    nesting: number = 0,
    linesBefore: () => number = () => 0,
  ) {
    this.text = text;
    this.budget = from.budget;
    this.macros = from.macros;
    this.interpolate = from.interpolate;
    this.patterns = from.patterns;
    this.#nesting = nesting;
    this.#linesBefore = linesBefore;
  }

  /** A reading of text that lies inside this one from an offset on, as deep as this one stands. */
  inner(text: string, offset: number): Reading {
    return new Reading(text, this, this.#nesting + 1, () => this.#linesTo(offset));
  }

  problem(what: string): TemplateProblem {
    return new TemplateProblem(`line ${this.#linesTo(this.offset) + 1}: ${what}`);
  }

  /** Counted only for a problem: a text with many strings would cost its length for each of them. */
  #linesTo(offset: number): number {
    return this.#linesBefore() + this.text.slice(0, offset).split('\n').length - 1;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.offset);
  }

  /** Steps over the text when it comes next. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.offset += text.length;
    return true;
  }

  skipSpace(): void {
    SPACE.lastIndex = this.offset;
    SPACE.exec(this.text);
    this.offset = SPACE.lastIndex;
  }

  /** Steps over space and then the text, which must come. */
  expect(text: string, where: string): void {
    this.skipSpace();
    if (!this.take(text)) throw this.problem(`'${text}' is missing ${where}`);
  }

  /** The name that comes next, or undefined. */
  takeName(): string | undefined {
    return this.takeMatch(NAME);
  }

  /** What a sticky pattern matches here, or undefined; matches of nothing count as none. */
  takeMatch(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.offset += found.length;
    return found;
  }

  /** Runs `read` one level deeper; too deep is a problem, so that no text can exhaust the stack. */
  nested<Read>(read: () => Read): Read {
    if (this.#nesting >= this.budget.nestingMax) {
      throw this.problem(`brackets and blocks nest deeper than ${this.budget.nestingMax} levels`);
    }
    this.#nesting += 1;
    const result = read();
    this.#nesting -= 1;
    return result;
  }
}
