// What intrinsic functions do with plain JSON; the same when a template is read and when its last expressions are evaluated.

import { ProblemAt } from './problem-list.ts';
import type { Json } from './stack-template.ts';

/** What becomes part of a text: texts, numbers and booleans, as CloudFormation takes them. */
export function textOf(value: Json, line: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const found = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : 'an object';
  throw new ProblemAt(line, `a text is needed here, and ${found} is found`);
}

/** Fn::Select. */
export function pick<T>(items: readonly T[], index: number, line: number): T {
  const item = items[index];
  if (item !== undefined) return item;
  throw new ProblemAt(line, `Fn::Select asks for item ${index} of a list of ${items.length}; items count from 0`);
}
