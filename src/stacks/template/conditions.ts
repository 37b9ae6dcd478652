// The Conditions section. Each is true or false once the parameters are known; each is worked out once.

import { fold } from './fold.ts';
import type { FoldScope } from './fold-scope.ts';
import { nearestName } from './nearest-name.ts';
import { ProblemAt } from './problem-list.ts';
import { jsonOf } from './plain-json.ts';
import type { Json, Value } from './stack-template.ts';
import { asList, describe, type MapNode, type Node } from './template-node.ts';

const FUNCTIONS = ['Condition', 'Fn::And', 'Fn::Equals', 'Fn::Not', 'Fn::Or'];

export class Conditions {
  readonly #nodes: MapNode['entries'];
  readonly #values = new Map<string, boolean>();
  /** Those that are being worked out, each because the one before it asks. */
  readonly #asking: string[] = [];

  constructor(section: MapNode | undefined) {
    this.#nodes = section?.entries ?? new Map<string, Node>();
  }

  /** Works out all of them, so that a problem is told whether or not somebody asks. */
  readAll(scope: FoldScope): void {
    for (const [name, { line }] of this.#nodes) this.value(name, line, scope);
  }

  /** Throws ProblemAt for one that is not there, or that waits for itself. */
  value(name: string, line: number, scope: FoldScope): boolean {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const node = this.#nodes.get(name);
    if (!node) throw new ProblemAt(line, `there is no condition '${name}'${nearestName(name, this.#nodes.keys())}`);
    const first = this.#asking.indexOf(name);
    if (first >= 0) throw new ProblemAt(node.line, `conditions wait for each other: ${this.#round(first, name)}`);
    this.#asking.push(name);
    try {
      const value = scope.problems.collect(() => this.#holds(node, scope), false);
      this.#values.set(name, value);
      return value;
    } finally {
      this.#asking.pop();
    }
  }

  #round(first: number, name: string): string {
    return [...this.#asking.slice(first), name].map((one) => `${one} (line ${this.#nodes.get(one)!.line})`).join(' → ');
  }

  #holds(node: Node, scope: FoldScope): boolean {
    scope.produced.add(1, node.line);
    const [call] = node.kind === 'map' && node.entries.size === 1 ? node.entries : [];
    if (!call) throw new ProblemAt(node.line, `a condition is one of ${FUNCTIONS.join(', ')}, not ${describe(node)}`);
    const [name, argument] = call;
    const items = () => asList(argument, `what ${name} takes`).items;
    switch (name) {
      case 'Condition':
        if (argument.kind !== 'scalar') throw new ProblemAt(argument.line, 'Condition takes the name of a condition');
        return this.value(argument.text, argument.line, scope);
      case 'Fn::And':
        return items()
          .map((item) => this.#holds(item, scope))
          .every(Boolean);
      case 'Fn::Or':
        return items()
          .map((item) => this.#holds(item, scope))
          .some(Boolean);
      case 'Fn::Not': {
        const [only, ...rest] = items();
        if (!only || rest.length > 0) throw new ProblemAt(argument.line, 'Fn::Not takes a list of one condition');
        return !this.#holds(only, scope);
      }
      case 'Fn::Equals': {
        const [one, other, ...rest] = items();
        if (!one || !other || rest.length > 0)
          throw new ProblemAt(argument.line, 'Fn::Equals takes a list of two values');
        return comparable(fold(one, scope), one) === comparable(fold(other, scope), other);
      }
      default:
        throw new ProblemAt(node.line, `${name} makes no condition${nearestName(name, FUNCTIONS)}`);
    }
  }
}

/** Two values are equal when their texts are: `true` and 'true', 1 and '1'. */
function comparable(value: Value | undefined, node: Node): string {
  if (value?.kind === 'scalar') return typeof value.value === 'boolean' ? String(value.value) : value.text;
  const json: Json | undefined = value && jsonOf(value);
  if (json !== undefined) return JSON.stringify(json);
  throw new ProblemAt(node.line, 'Fn::Equals compares what is known before any resource; it cannot ask for one');
}
