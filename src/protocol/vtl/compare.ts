// Velocity's idea of what is true, equal and smaller, and its arithmetic: whole numbers stay whole as in Java, a text takes
// part in a sum by being joined, and what cannot be computed is null.

import { show } from './show.ts';
import {
  decimal,
  isDecimal,
  isNumber,
  keyOf,
  List,
  numberIn,
  Range,
  itemsOf,
  tooDeep,
  whole,
  ValueMap,
  type Key,
  type NumberValue,
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
  if (isNumber(left) && isNumber(right)) return isSameNumber(left, right);
  if (typeof left === 'string' && typeof right === 'string') return false;
  if (isList(left) && isList(right)) return sameItems(left, right, work, levels);
  if (left instanceof ValueMap && right instanceof ValueMap) return sameMembers(left, right, work, levels);
  return show(left, work) === show(right, work);
}

function isSameNumber(left: NumberValue, right: NumberValue): boolean {
  const a = primitive(left);
  const b = primitive(right);
  // A bigint and a number of one value are equal, and neither is above the other: JavaScript compares them exactly.
  return a <= b && a >= b;
}

function primitive(value: NumberValue): number | bigint {
  return typeof value === 'object' ? value.value : value;
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
  if (isNumber(left) && isNumber(right)) return calculate(operator, left, right, work);
  if (operator === '+' && left !== null && right !== null && (typeof left === 'string' || typeof right === 'string')) {
    return work.made(show(left, work) + show(right, work));
  }
  return operator === '+' || operator === '-' || operator === '*' || operator === '/' || operator === '%'
    ? null
    : false;
}

/** Digits of a whole number: past them it is a double, so that none grows without end. */
const WHOLE_MAX = 10n ** 100n;

function calculate(operator: BinaryOperator, left: NumberValue, right: NumberValue, work: Work): Value {
  const a = numberIn(left);
  const b = numberIn(right);
  switch (operator) {
    case '<':
      return primitive(left) < primitive(right);
    case '>':
      return primitive(left) > primitive(right);
    case '<=':
      return primitive(left) <= primitive(right);
    case '>=':
      return primitive(left) >= primitive(right);
    default:
      if ((operator === '/' || operator === '%') && b === 0) return null;
      if (isDecimal(left) || isDecimal(right)) return decimal(decimalResult(operator, a, b));
      return wholeResult(operator, left, right, work);
  }
}

function decimalResult(operator: BinaryOperator, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

/** Whole numbers stay exact, as Java's do that become BigIntegers. */
function wholeResult(operator: BinaryOperator, left: NumberValue, right: NumberValue, work: Work): Value {
  if (typeof left === 'number' && typeof right === 'number') {
    // Whole results keep no sign of zero.
    const result = Math.trunc(decimalResult(operator, left, right)) + 0;
    if (Number.isSafeInteger(result)) return result;
  }
  work.spend(1);
  const a = BigInt(left as number | bigint);
  const b = BigInt(right as number | bigint);
  const result =
    operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : operator === '/' ? a / b : a % b;
  return result > WHOLE_MAX || result < -WHOLE_MAX ? decimal(Number(result)) : whole(result);
}

/** Where a value lies in a list, by `equals`; -1 when it does not. */
export function indexIn(items: readonly Value[], value: Value, work: Work): number {
  work.spend(items.length >> 1);
  return items.findIndex((item) => isJavaEqual(item, value, work));
}

export function asKey(value: Value, work: Work): Key {
  return keyOf(value, (other) => show(other, work));
}
