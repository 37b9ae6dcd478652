// What the engine asks of a type of resource: to be made, changed and taken away through public operations. One provider a type, in the
// table of types/resource-types.ts.

import type { StackResource } from '../model/stack.ts';
import type { GatewayClient } from './gateway-client.ts';
import type { Properties, StructureSpec } from './property-spec.ts';

export interface MakingContext {
  readonly client: GatewayClient;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly logicalId: string;
  /** The gateway's, on this machine; undefined where it is not known. */
  readonly dataDir: string | undefined;
  /** Tells whoever waits what is waited for. */
  readonly progress: (text: string) => void;
  /** Ends what waits; it throws then. */
  readonly signal: AbortSignal;
  /** Somebody began to make this, and was ended: it may be there. */
  readonly isRetried: boolean;
}

/** A function as the gateway takes it with the record of its stack. */
export interface FunctionDefinition {
  readonly name: string;
  readonly handler: string;
  readonly runtime?: 'nodejs' | 'python' | 'command';
  readonly taskRoot: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Made {
  readonly physicalId: string;
  readonly attributes: StackResource['attributes'];
  /** Of a function: it is there once the record that holds it is kept. */
  readonly function?: FunctionDefinition;
}

export type Attributes = StackResource['attributes'];

export interface ResourceType {
  readonly spec: StructureSpec;
  /** What `Fn::GetAtt` may ask for. */
  readonly attributeNames: readonly string[];
  /** Properties that are secrets: a digest of them is kept. */
  readonly secrets?: readonly string[];
  /** Whether a resource can be changed from these properties to those: else a new one takes its place. */
  isUpdatable(before: Properties, after: Properties): boolean;
  make(properties: Properties, context: MakingContext): Promise<Made>;
  /** One that is like that, and is nobody's that `isKnown`; where it can be looked for. */
  find?(
    properties: Properties,
    context: MakingContext,
    isKnown: (physicalId: string) => boolean,
  ): Promise<Made | undefined>;
  change(old: StackResource, after: Properties, context: MakingContext): Promise<Made>;
  /** One that is gone already is no problem. */
  remove(old: StackResource, context: MakingContext): Promise<void>;
  /** Of what lies in a service that may forget it: whether it is there no more. Throws where that cannot be known. */
  isGone?(old: StackResource, client: GatewayClient): Promise<boolean>;
}

/** Names of properties that differ. */
export function changedNames(before: Properties, after: Properties): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => canonical(before[name]) !== canonical(after[name]));
}

/** The same text for the same value, in whatever order its members are. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, one: unknown) =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    ) ?? ''
  );
}
