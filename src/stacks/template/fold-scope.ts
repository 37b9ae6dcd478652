// What expressions are folded against: everything that is known before a resource exists.

import { limit } from '../../settings/limits.ts';
import { FatalProblem, type ProblemList } from './problem-list.ts';
import type { Value } from './stack-template.ts';
import type { Node } from './template-node.ts';

/** A parameter that has no value; whoever asks for it makes that a problem. */
export interface MissingParameter {
  readonly kind: 'missing';
  readonly line: number;
  /** Undefined where it has been said already. */
  readonly message: string | undefined;
}

export interface FoldScope {
  /** Parameters and pseudo parameters by name; `undefined` is the value of AWS::NoValue. */
  readonly named: ReadonlyMap<string, Value | MissingParameter | undefined>;
  readonly mappings: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Node>>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly region: string;
  readonly produced: Produced;
  readonly problems: ProblemList;
  /** Throws ProblemAt for one that is not there. */
  condition(name: string, line: number): boolean;
}

/** Counts what expressions make, so that a small template cannot become a large one without end. */
export class Produced {
  #bytes = 0;

  add(bytes: number, line: number): void {
    this.#bytes += bytes;
    const bound = limit('stackTemplateProducedBytesMax');
    if (this.#bytes > bound)
      throw new FatalProblem(
        line,
        `what the expressions of the template make exceeds ${bound.toLocaleString('en-US')} bytes here`,
      );
  }
}
