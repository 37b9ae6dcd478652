// Which resources a value asks for, and giving them other names.

import type { Expression, Value } from './stack-template.ts';

export type Reference = Extract<Expression, { readonly logicalId: string }>;

/** Visits every Ref and GetAtt in a value. */
export function forEachReference(value: Value, visit: (reference: Reference) => void): void {
  switch (value.kind) {
    case 'scalar':
      break;
    case 'list':
      for (const item of value.items) forEachReference(item, visit);
      break;
    case 'map':
      for (const member of value.entries.values()) forEachReference(member, visit);
      break;
    case 'ref':
    case 'attribute':
      visit(value);
      break;
    case 'join':
    case 'select':
    case 'length':
      forEachReference(value.items, visit);
      break;
    case 'split':
    case 'base64':
      forEachReference(value.text, visit);
      break;
    case 'json':
      forEachReference(value.of, visit);
      break;
  }
}

/** The value with each Ref and GetAtt replaced by what `replace` gives for it. */
export function replaceReferences(value: Value, replace: (reference: Reference) => Value): Value {
  const inner = (one: Value) => replaceReferences(one, replace);
  switch (value.kind) {
    case 'scalar':
      return value;
    case 'list':
      return { ...value, items: value.items.map(inner) };
    case 'map':
      return { ...value, entries: new Map([...value.entries].map(([key, member]) => [key, inner(member)])) };
    case 'ref':
    case 'attribute':
      return replace(value);
    case 'join':
    case 'select':
    case 'length':
      return { ...value, items: inner(value.items) };
    case 'split':
    case 'base64':
      return { ...value, text: inner(value.text) };
    case 'json':
      return { ...value, of: inner(value.of) };
  }
}
