// The last step of a value: expressions become JSON once the resources that they ask for are known. Nothing here reads a file.

import { EvaluationProblem, jsonText, pick, textOf } from './text-functions.ts';
import type { Json, KnownResources, Value } from './stack-template.ts';

/** Throws EvaluationProblem, which has the line, where an expression has no value; and whatever `known` throws. */
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
      return jsonText(evaluate(value.of, known));
  }
}

/** Items of a list as JSON; those of a list that is written out keep how they are written where they become text. */
function listOf(items: Value, known: KnownResources): readonly Json[] {
  if (items.kind === 'list')
    return items.items.map((item) =>
      item.kind === 'scalar' && item.value !== null ? item.text : evaluate(item, known),
    );
  const list = evaluate(items, known);
  if (!Array.isArray(list)) throw new EvaluationProblem(items.line, 'a list is needed here');
  return list as readonly Json[];
}

/** The resources that a value asks for, by Ref or by attribute: what has to exist before it can be evaluated. */
export function resourcesAskedFor(value: Value, into = new Set<string>()): ReadonlySet<string> {
  switch (value.kind) {
    case 'scalar':
      break;
    case 'list':
      for (const item of value.items) resourcesAskedFor(item, into);
      break;
    case 'map':
      for (const member of value.entries.values()) resourcesAskedFor(member, into);
      break;
    case 'ref':
    case 'attribute':
      into.add(value.logicalId);
      break;
    case 'join':
    case 'select':
    case 'length':
      resourcesAskedFor(value.items, into);
      break;
    case 'split':
    case 'base64':
      resourcesAskedFor(value.text, into);
      break;
    case 'json':
      resourcesAskedFor(value.of, into);
      break;
  }
  return into;
}
