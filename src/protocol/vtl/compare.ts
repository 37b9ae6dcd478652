// Velocity's idea of what is true, equal and smaller, and its arithmetic: whole numbers stay whole as in Java, a text takes
// part in a sum by being joined, and what cannot be computed is null.

import { show } from './show.ts';
import {
  decimal,
  Double,
  isDecimal,
  isNumber,
  keyOf,
  List,
  numberIn,
  Range,
  itemsOf,
  tooDeep,
  ValueMap,
  type Value,
  type Work,
} from './values.ts';
import type { BinaryOperator } from './tree.ts';

/** Only null and false are not true: an empty text, zero and an empty list are (Velocity 1.7). */
export function isTrue(value: Value): boolean {
  return value !== null && value !== false;
}

/** `==`: numbers by their value, lists and maps by what they hold, values of different kinds by their text. */
export function isEqual(left: Value, right: Value, work: Work, levels: number = work.budget.valueLevelsMax): boolean {
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (isNumber(left) && isNumber(right)) return numberIn(left) === numberIn(right);
  if (typeof left === 'string' && typeof right === 'string') return false;
  if (isList(left) && isList(right)) return sameItems(left, right, work, levels);
  if (left instanceof ValueMap && right instanceof ValueMap) return sameMembers(left, right, work, levels);
  return show(left, work) === show(right, work);
}

/** `equals()`: as `==`, but values of different kinds are never equal. */
export function isJavaEqual(left: Value, right: Value, work: Work): boolean {
  if (kindOf(left) !== kindOf(right)) return false;
  return isEqual(left, right, work);
}

function kindOf(value: Value): string {
  if (isNumber(value)) return isDecimal(value) ? 'decimal' : 'whole';
  if (isList(value)) return 'list';
  return value instanceof ValueMap ? 'map' : value === null ? 'null' : typeof value;
}

function isList(value: Value): value is List | Range {
  return value instanceof List || value instanceof Range;
}

function sameItems(left: List | Range, right: List | Range, work: Work, levels: number): boolean {
  if (levels === 0) throw tooDeep(work);
  const ours = itemsOf(left, work) ?? [];
  const theirs = itemsOf(right, work) ?? [];
  if (ours.length !== theirs.length) return false;
  work.spend(ours.length);
  return ours.every((item, index) => isEqual(item, theirs[index] ?? null, work, levels - 1));
}

function sameMembers(left: ValueMap, right: ValueMap, work: Work, levels: number): boolean {
  if (levels === 0) throw tooDeep(work);
  if (left.size !== right.size) return false;
  work.spend(left.size);
  for (const [key, member] of left) {
    const other = right.get(key);
    if (other === undefined || !isEqual(member, other, work, levels - 1)) return false;
  }
  return true;
}

/** The operators that need both sides. `&&` and `||` look at one side first and are evaluated where they stand. */
export function compute(operator: Exclude<BinaryOperator, '&&' | '||'>, left: Value, right: Value, work: Work): Value {
  if (operator === '==') return isEqual(left, right, work);
  if (operator === '!=') return !isEqual(left, right, work);
  if (isNumber(left) && isNumber(right)) return calculate(operator, left, right);
  if (operator === '+' && left !== null && right !== null && (typeof left === 'string' || typeof right === 'string')) {
    return work.made(show(left, work) + show(right, work));
  }
  return operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '%'
    ? null
    : false;
}

function calculate(operator: BinaryOperator, left: number | Double, right: number | Double): Value {
  const a = numberIn(left);
  const b = numberIn(right);
  const result = (value: number): number | Double =>
    isDecimal(left) || isDecimal(right) ? decimal(value) : wholeNumber(value);
  switch (operator) {
    case '+':
      return result(a + b);
    case '-':
      return result(a - b);
    case '*':
      return result(a * b);
    case '/':
      return b === 0 ? null : result(isDecimal(left) || isDecimal(right) ? a / b : Math.trunc(a / b));
    case '%':
      return b === 0 ? null : result(a % b);
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    default:
      return a >= b;
  }
}

/** Whole results keep no sign of zero. Past what a double can hold there is no whole number left. */
function wholeNumber(value: number): number | Double {
  return Number.isFinite(value) ? value + 0 : new Double(value);
}

/** Where a value lies in a list, by `equals`; -1 when it does not. */
export function indexIn(items: readonly Value[], value: Value, work: Work): number {
  work.spend(items.length >> 1);
  return items.findIndex((item) => isJavaEqual(item, value, work));
}

export function asKey(value: Value, work: Work): string | number | boolean {
  return keyOf(value, (other) => show(other, work));
}
