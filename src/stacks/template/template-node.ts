// What the parsers of YAML and JSON give: the tree of a file in which every node knows its line, and no expression is understood yet.

import { limit } from '../../settings/limits.ts';
import { FatalProblem, ProblemAt } from './problem-list.ts';
import type { ListValue, MapValue, Scalar, Value } from './stack-template.ts';

export type Node = Scalar | ListNode | MapNode;

export interface ListNode extends ListValue {
  readonly items: readonly Node[];
}

export interface MapNode extends MapValue {
  /** A member has the line of its key. */
  readonly entries: ReadonlyMap<string, Node>;
}

export function scalar(value: Scalar['value'], line: number, text = String(value ?? '')): Scalar {
  return { kind: 'scalar', value, text, line };
}

/** Counts what a parser makes, so that neither depth nor aliases cost more than the bounds. */
export class NodeCount {
  #made = 0;

  /** Throws FatalProblem. */
  add(line: number, level: number): void {
    if (level > limit('stackTemplateLevelsMax'))
      throw new FatalProblem(
        line,
        `lists and objects are nested deeper than ${limit('stackTemplateLevelsMax')} levels here`,
      );
    this.#made += 1;
    if (this.#made > limit('stackTemplateNodesMax')) {
      const bound = limit('stackTemplateNodesMax').toLocaleString('en-US');
      throw new FatalProblem(
        line,
        `the template has more than ${bound} values, those that its aliases repeat included`,
      );
    }
  }
}

export function describe(node: Value): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'an object';
  if (node.kind !== 'scalar') return 'something that only a resource can tell';
  return node.value === null ? 'nothing' : `a ${typeof node.value === 'string' ? 'text' : typeof node.value}`;
}

export function asMap(node: Node, what: string): MapNode {
  if (node.kind === 'map') return node;
  throw new ProblemAt(node.line, `${what} must be an object, and is ${describe(node)}`);
}

export function asList(node: Node, what: string): ListNode {
  if (node.kind === 'list') return node;
  throw new ProblemAt(node.line, `${what} must be a list, and is ${describe(node)}`);
}

export function asText(node: Node, what: string): string {
  if (node.kind === 'scalar' && node.value !== null) return node.text;
  throw new ProblemAt(node.line, `${what} must be a text, and is ${describe(node)}`);
}
