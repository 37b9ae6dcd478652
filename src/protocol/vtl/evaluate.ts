// The value of an expression and of a reference. It reads and changes the variables of one rendering and shows nothing.

import { asKey, compute, isTrue } from './compare.ts';
import { assignAt, atIndex, callMethod, propertyOf } from './methods.ts';
import type { BinaryOperator, Expression, Reference } from './tree.ts';
import {
  decimal,
  isDecimal,
  isNumber,
  List,
  numberIn,
  Range,
  ValueMap,
  whole,
  type Value,
  type Work,
} from './values.ts';

/** What an expression is evaluated in: the variables by name, and the counting. */
export interface Scope extends Work {
  readonly variables: Map<string, Value>;
}

export function evaluate(expression: Expression, scope: Scope): Value {
  scope.spend(1);
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'reference':
      return resolve(expression, scope);
    case 'interpolated':
      return scope.made(scope.draw(expression.block));
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, scope);
    case 'not':
      return !isTrue(evaluate(expression.of, scope));
    case 'decimal':
      return decimal(expression.value);
    case 'list':
      return new List(expression.items.map((item) => evaluate(item, scope)));
    case 'map':
      return mapOf(expression.entries, scope);
    case 'range':
      return rangeOf(evaluate(expression.first, scope), evaluate(expression.last, scope));
    case 'negative':
      return negative(evaluate(expression.of, scope));
  }
}

/** The value a reference leads to; null when it leads nowhere. */
export function resolve({ root, steps }: Reference, scope: Scope): Value {
  let value = scope.variables.get(root) ?? null;
  for (const step of steps) {
    if (value === null) return null;
    scope.spend(1);
    if (step.kind === 'property') value = propertyOf(value, step.name, scope);
    else if (step.kind === 'index') value = atIndex(value, evaluate(step.at, scope), scope);
    else {
      const values = step.values.map((one) => evaluate(one, scope));
      value = callMethod(value, step.name, values, scope);
    }
  }
  return value;
}

/** `#set`. What the reference leads through must be there; a variable itself need not. */
export function assign(target: Reference, value: Value, scope: Scope): void {
  const last = target.steps.at(-1);
  if (last === undefined) {
    scope.variables.set(target.root, value);
    return;
  }
  if (last.kind === 'call') return;
  const holder = resolve({ ...target, steps: target.steps.slice(0, -1) }, scope);
  const at = last.kind === 'property' ? last.name : evaluate(last.at, scope);
  assignAt(holder, at, value, scope);
}

function binary(operator: BinaryOperator, left: Expression, right: Expression, scope: Scope): Value {
  if (operator === '&&') return isTrue(evaluate(left, scope)) && isTrue(evaluate(right, scope));
  if (operator === '||') return isTrue(evaluate(left, scope)) || isTrue(evaluate(right, scope));
  return compute(operator, evaluate(left, scope), evaluate(right, scope), scope);
}

function mapOf(entries: readonly (readonly [Expression, Expression])[], scope: Scope): ValueMap {
  const map = new ValueMap();
  for (const [key, value] of entries) map.set(asKey(evaluate(key, scope), scope), evaluate(value, scope));
  return map;
}

/** Nothing, where an end is no whole number. */
function rangeOf(first: Value, last: Value): Value {
  if (!isNumber(first) || !isNumber(last) || isDecimal(first) || isDecimal(last)) return null;
  return new Range(numberIn(first), numberIn(last));
}

function negative(value: Value): Value {
  if (!isNumber(value)) return null;
  if (typeof value === 'bigint') return whole(-value);
  return isDecimal(value) ? decimal(-numberIn(value)) : 0 - numberIn(value);
}
