// Writing and reading the members of values, for what SAM makes of its resources.

import { ProblemAt } from '../problem-list.ts';
import type { MapValue, Value } from '../stack-template.ts';
import { describe, scalar } from '../template-node.ts';

/** Members that are undefined are left out. */
export function mapOf(line: number, members: Readonly<Record<string, Value | undefined>>): MapValue {
  const entries = new Map<string, Value>();
  for (const [key, member] of Object.entries(members)) if (member) entries.set(key, member);
  return { kind: 'map', entries, line };
}

export const textValue = (text: string, line: number): Value => scalar(text, line);
export const refTo = (logicalId: string, line: number): Value => ({ kind: 'ref', logicalId, line });
export const attributeOf = (logicalId: string, name: string, line: number): Value => ({
  kind: 'attribute',
  logicalId,
  name,
  line,
});

/** One text of several; a text again where all are known. */
export function concatenated(parts: readonly Value[], line: number): Value {
  if (parts.every((part) => part.kind === 'scalar')) return scalar(parts.map((part) => part.text).join(''), line);
  return { kind: 'join', delimiter: '', items: { kind: 'list', items: parts, line }, line };
}

/** The member as an object, or undefined where there is none. Throws ProblemAt. */
export function mapMember(of: MapValue, key: string): MapValue | undefined {
  const member = of.entries.get(key);
  // SAM takes nothing for no member.
  if (!member || (member.kind === 'scalar' && member.value === null)) return undefined;
  if (member.kind === 'map') return member;
  throw new ProblemAt(member.line, `${key} must be an object, and is ${describe(member)}`);
}

/** The text of a member, where it is one that the template alone decides. */
export function textMember(of: MapValue, key: string): string | undefined {
  const member = of.entries.get(key);
  return member?.kind === 'scalar' && member.value !== null ? member.text : undefined;
}
