// Edits of one Api take turns, in the order in which they came, as AWS has it: however many come at once, none collides with the
// others until it must give up. What edits the same Api elsewhere still meets them in the store, which checks every commit.

import type { OperationRequest } from '../operation.ts';

/** Runs work when everything of the same key that came before it has ended, well or not. */
export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Turns that hold nothing when nobody waits. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = before === undefined ? work() : before.then(work, work);
    last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (last.get(key) === mine) last.delete(key);
    }
  };
}

/** What an operation takes turns for; undefined for one that edits no Api. Nobody waits for another account's edits. */
export function turnOf(operation: string, input: object, request: OperationRequest): string | undefined {
  if (operation.startsWith('Get')) return undefined;
  const { ApiId: apiId } = input as { ApiId?: unknown };
  return typeof apiId === 'string' ? `${request.caller.account}/${apiId}` : undefined;
}
