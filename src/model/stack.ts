// A stack, in CloudFormation's words: what one template made, by logical id, and the functions that came with it. What the gateway keeps
// of it is what the next `up`, and `down`, need to know.

import type { Entity } from './entity.ts';

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` is. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` is, by name. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
  /** The properties that were applied last; of those that are secret a digest. */
  readonly applied: Readonly<Record<string, unknown>>;
  /** Logical ids that it was made after. */
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: 'Delete' | 'Retain';
}

/** A function that runs as a process of the gateway's machine. */
export interface StackFunction {
  /** Of one function of its account. */
  readonly name: string;
  readonly handler: string;
  readonly runtime?: 'nodejs' | 'python' | 'command';
  /** Absolute, on the gateway's machine. */
  readonly taskRoot: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Whose rights it has where accounts are configured. */
  readonly accessKey?: string;
  /** Its variables as JSON, sealed for this function; base64. */
  readonly sealedEnvironment: string;
}

/** Its id is `{account}/{region}/{name}`. */
export interface Stack extends Entity {
  readonly name: string;
  /** Counts the changes of this stack: whoever changes it says which one was read. */
  readonly revision: number;
  /** The template's path, as it was given last. */
  readonly template: string;
  /** What is made just now, and was not told to be there yet: after a kill it may be, or may not. */
  readonly underWay?: string;
  /** Who changes it just now, and until when (real time) nobody else may: put again, it is later. */
  readonly run?: { readonly id: string; readonly untilMs: number };
  /** In the order in which they were made: each after what it depends on. */
  readonly resources: readonly StackResource[];
  /** What a new one has taken the place of, and that is to be taken away yet. */
  readonly outgoing: readonly StackResource[];
  readonly functions: readonly StackFunction[];
  readonly updatedAtMs: number;
}

/** As CloudFormation has them. */
export const STACK_NAME = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

export function stackId(account: string, region: string, name: string): string {
  return `${account}/${region}/${name}`;
}
