// The values of a template: what Java has under a template of API Gateway, as data of our own. No JavaScript object of anybody
// else is ever a value, so no property name reaches a prototype: maps are Map, lists are List, all else is a scalar or a Host.

import { exactNumber } from '../exact-json.ts';
import { TemplateProblem, type TemplateBudget } from './budget.ts';
import type { Block } from './tree.ts';

/**
 * Whole numbers and fractions are JavaScript numbers. A double without a fraction, which Java prints as `2.0`, is a Double, and a
 * whole number that JavaScript cannot hold exactly is a bigint.
 */
export type NumberValue = number | bigint | Double;
export type Scalar = string | boolean | NumberValue;
export type Value = Scalar | List | ValueMap | Range | Host | Drawable | null;
export type Key = string | number | bigint | boolean;

/** A LinkedHashMap: it keeps the order in which keys came. */
export class ValueMap extends Map<Key, Value> {}

export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class List {
  readonly items: Value[];
  /** Lists of a JSON document print as JSON, lists of the template as Java's. */
  readonly isJson: boolean;
  constructor(items: Value[], isJson: boolean = false) {
    this.items = items;
    this.isJson = isJson;
  }
}

/** `[first..last]`, which holds no element until one is asked for. */
export class Range {
  readonly first: number;
  readonly last: number;
  constructor(first: number, last: number) {
    this.first = first;
    this.last = last;
  }
  get size(): number {
    return Math.abs(this.last - this.first) + 1;
  }
  at(index: number): number {
    return this.last < this.first ? this.first - index : this.first + index;
  }
}

/** What `#define` gives a name to: drawn anew wherever it is shown. */
export class Drawable {
  readonly block: Block;
  constructor(block: Block) {
    this.block = block;
  }
}

/** An object with members of its own: `$input`, `$util`, `$context`, `$foreach`, an entry of a map. Undefined is "no such member". */
export abstract class Host {
  /** The value of `$host.name`. */
  property(_name: string, _work: Work): Value | undefined {
    return undefined;
  }
  /** The value of `$host.name(values)`. */
  call(_name: string, _values: readonly Value[], _work: Work): Value | undefined {
    return undefined;
  }
  /** `#set($host.name = value)`; false when it has no such member. */
  assign(_name: string, _value: Value): boolean {
    return false;
  }
  /** What the object shows as, and what its other members are those of. */
  abstract content(work: Work): Value;
}

/** The counting of one rendering. Everything that can grow or go on tells it here first; it throws a TemplateProblem. */
export interface Work {
  readonly budget: TemplateBudget;
  /** Counts units of work. */
  spend(steps: number): void;
  /** Counts the characters of a text that was made, and returns it. */
  made(text: string): string;
  /** Joins texts, and counts the characters before there are any. */
  join(parts: readonly string[], separator: string): string;
  /** Looks at the clock now, for work that was counted too low. */
  watchClock(): void;
  /** The text of a block. */
  draw(block: Block): string;
}

export function isDecimal(value: NumberValue): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : typeof value === 'object';
}

export function isNumber(value: Value): value is NumberValue {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Double;
}

/** The number for JavaScript, exact but for a bigint. */
export function numberIn(value: NumberValue): number {
  return typeof value === 'object' ? value.value : Number(value);
}

/** A whole number of any size. */
export function whole(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A Java double: it keeps a fraction even when that is zero. */
export function decimal(value: number): number | Double {
  return Number.isInteger(value) || !Number.isFinite(value) ? new Double(value) : value;
}

/**
 * A parsed JSON document as values. It is copied: a template may change what it was given, and nobody else may see that.
 * Documents deeper than the budget are a problem.
 */
export function valueOf(document: unknown, work: Work, levels: number = work.budget.valueLevelsMax): Value {
  if (typeof document === 'string' || typeof document === 'number' || typeof document === 'boolean') return document;
  if (typeof document !== 'object' || document === null) return null;
  const written = exactNumber(document);
  if (written !== undefined) return /^-?\d{1,100}$/.test(written) ? whole(BigInt(written)) : decimal(Number(written));
  if (levels === 0) throw tooDeep(work);
  if (Array.isArray(document)) {
    work.spend(1 + (document.length >> 2));
    return new List(
      document.map((item) => valueOf(item, work, levels - 1)),
      true,
    );
  }
  const map = new ValueMap();
  const names = Object.keys(document);
  work.spend(1 + (names.length >> 2));
  for (const name of names) map.set(name, valueOf((document as Record<string, unknown>)[name], work, levels - 1));
  return map;
}

export function tooDeep(work: Work): TemplateProblem {
  return new TemplateProblem(`lists and maps nest deeper than ${work.budget.valueLevelsMax} levels`);
}

/** What a value is a key as: Java tells 1 and '1' apart, and so do we. */
export function keyOf(value: Value, text: (value: Value) => string): Key {
  return value === null || typeof value === 'object' ? text(value) : value;
}

/** The elements of anything that has some; undefined for what has none. A range is made into a list, and counted. */
export function itemsOf(value: Value, work: Work): Value[] | undefined {
  if (value instanceof List) return value.items;
  if (value instanceof Range) {
    work.spend(value.size);
    return Array.from({ length: value.size }, (_, index) => value.at(index));
  }
  return undefined;
}
