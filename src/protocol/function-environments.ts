// The variables of a stack's functions at rest: sealed, each for its function, so that a store without its master key tells nothing.

import { deriveKey, open, seal, type SealingKey } from './sealed-envelope.ts';

export type Environment = Readonly<Record<string, string>>;

export interface FunctionEnvironments {
  /** In base64. `identity`: the function's, which no other has. */
  seal(environment: Environment, identity: string): string;
  /** Throws for what was not sealed here, or for another function. */
  unseal(sealed: string, identity: string): Environment;
}

export function createFunctionEnvironments(secret: Uint8Array): FunctionEnvironments {
  const key: SealingKey = { id: 1, bytes: deriveKey(secret, 'variables of functions') };
  const rowOf = (identity: string) => `function ${identity}`;
  return {
    seal: (environment, identity) =>
      seal(key, Buffer.from(JSON.stringify(environment)), rowOf(identity)).toString('base64'),
    unseal: (sealed, identity) =>
      JSON.parse(open(key, Buffer.from(sealed, 'base64'), rowOf(identity)).toString()) as Environment,
  };
}
