// What intrinsic functions do with plain JSON; the same when a template is read and when its last expressions are evaluated.

import type { Json } from './stack-template.ts';

/** An expression that has no value. The message is a phrase without a full stop. */
export class EvaluationProblem extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** What becomes part of a text: texts, numbers and booleans, as CloudFormation takes them. */
export function textOf(value: Json, line: number): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new EvaluationProblem(line, `a text is needed here, not ${kindOf(value)}`);
}

export function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`;
}

/** Fn::Select. */
export function pick<T>(items: readonly T[], index: number, line: number): T {
  const item = items[index];
  if (item !== undefined) return item;
  throw new EvaluationProblem(
    line,
    `Fn::Select asks for item ${index} of a list of ${items.length}; items count from 0`,
  );
}

/** Fn::ToJsonString. */
export function jsonText(value: Json): string {
  return JSON.stringify(value);
}
