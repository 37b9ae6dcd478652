// A value in which no expression is left, as JSON.

import type { Json, Value } from './stack-template.ts';

/** Undefined where an expression is left in it. */
export function jsonOf(value: Value): Json | undefined {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') {
    const items = value.items.map((item) => jsonOf(item));
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (value.kind !== 'map') return undefined;
  const entries = [...value.entries].map(([key, member]) => [key, jsonOf(member)] as const);
  if (entries.some(([, member]) => member === undefined)) return undefined;
  return Object.fromEntries(entries) as Json;
}
