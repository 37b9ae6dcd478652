// The last step of a value: expressions become JSON once the resources that they ask for are known. Nothing here reads a file.

import { ProblemAt } from './problem-list.ts';
import { forEachReference } from './references.ts';
import { pick, textOf } from './text-functions.ts';
import type { Json, KnownResources, Value } from './stack-template.ts';

/** Throws ProblemAt, which has the line, where an expression has no value; and whatever `known` throws. */
export function evaluate(value: Value, known: KnownResources): Json {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'list':
      return value.items.map((item) => evaluate(item, known));
    case 'map':
      return Object.fromEntries([...value.entries].map(([key, member]) => [key, evaluate(member, known)]));
    case 'ref':
      return known.ref(value.logicalId);
    case 'attribute':
      return known.attribute(value.logicalId, value.name);
    case 'join':
      return listOf(value.items, known)
        .map((item) => textOf(item, value.line))
        .join(value.delimiter);
    case 'select':
      return pick(listOf(value.items, known), value.index, value.line);
    case 'split':
      return textOf(evaluate(value.text, known), value.line).split(value.delimiter);
    case 'base64':
      return Buffer.from(textOf(evaluate(value.text, known), value.line)).toString('base64');
    case 'length':
      return listOf(value.items, known).length;
    case 'json':
      return JSON.stringify(evaluate(value.of, known));
  }
}

/** Items of a list as JSON; those of a list that is written out keep how they are written where they become text. */
function listOf(items: Value, known: KnownResources): readonly Json[] {
  if (items.kind === 'list')
    return items.items.map((item) =>
      item.kind === 'scalar' && item.value !== null ? item.text : evaluate(item, known),
    );
  const list = evaluate(items, known);
  if (!Array.isArray(list)) throw new ProblemAt(items.line, 'a list is needed here');
  return list as readonly Json[];
}

/** The resources that a value asks for, by Ref or by attribute: what has to exist before it can be evaluated. */
export function resourcesAskedFor(value: Value): ReadonlySet<string> {
  const asked = new Set<string>();
  forEachReference(value, ({ logicalId }) => asked.add(logicalId));
  return asked;
}
