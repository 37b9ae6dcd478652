// Stacks as the operator's pages and whoever runs functions ask for them. A change says which revision of the stack it was made from: of
// two that were made from the same, one is refused.

import { Fault } from '../model/faults.ts';
import { stackId, type Stack } from '../model/stack.ts';
import type { Store } from './contract.ts';

const PAGE = 500;

export function createStackRecords({ view, transact, onChange }: Store) {
  return {
    find: (account: string, region: string, name: string) => view.get('stack', stackId(account, region, name)),

    list: (account: string, region: string, limit: number) => view.owned('stack', account, region, { limit }),

    /** Every function name that other stacks of the account have taken. */
    async functionNames(account: string, butOf: string): Promise<ReadonlySet<string>> {
      const stacks = await view.belonging('stack', account, { limit: PAGE });
      return new Set(
        stacks.filter(({ id }) => id !== butOf).flatMap(({ functions }) => functions.map(({ name }) => name)),
      );
    },

    /** Its revision is that of the stack it replaces, and one more is kept. Throws ConflictException for another. */
    put: (stack: Stack): Promise<Stack> =>
      transact(async (transaction) => {
        const old = await transaction.get('stack', stack.id);
        checkRevision(stack.name, old, stack.revision);
        const kept = { ...stack, revision: stack.revision + 1 };
        transaction.put('stack', kept);
        return kept;
      }),

    remove: (stack: Pick<Stack, 'id' | 'name' | 'revision'>): Promise<void> =>
      transact(async (transaction) => {
        const old = await transaction.get('stack', stack.id);
        if (!old) throw new Fault('NotFoundException', `There is no stack ${stack.name}.`, { step: 'operator' });
        checkRevision(stack.name, old, stack.revision);
        transaction.remove('stack', stack.id);
      }),

    /** Calls for each stack that there is, and from then on for each that changes; undefined for one that is gone. */
    async follow(changed: (id: string, stack: Stack | undefined) => void): Promise<void> {
      onChange(({ changes }) => {
        for (const change of changes) if (change.kind === 'stack') changed(change.id, change.after);
      });
      for (let after = ''; ;) {
        const page = await view.all('stack', { after, limit: PAGE });
        for (const stack of page) changed(stack.id, stack);
        if (page.length < PAGE) return;
        after = page.at(-1)!.id;
      }
    },
  };
}

function checkRevision(name: string, old: Stack | undefined, revision: number): void {
  if ((old?.revision ?? 0) === revision) return;
  const text = `The stack ${name} is being changed by somebody else: it was read at revision ${revision}, and is at ${old?.revision ?? 0}. Try again when that has ended.`;
  throw new Fault('ConflictException', text, { step: 'operator' });
}
