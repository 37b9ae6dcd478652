// What the keys of usage plans have used, as notes beside them: no revision, no event, gone with the key that is taken out of its plan.

import type { Store } from './contract.ts';

const PAGE = 500;

export function createUsageRecords({ view, noteAll, noted }: Store) {
  return {
    keep: (usages: ReadonlyMap<string, unknown>): Promise<void> => noteAll('usage-plan-key', usages),

    async *kept(): AsyncGenerator<readonly [id: string, usage: unknown]> {
      for (let after = ''; ;) {
        const page = await view.all('usage-plan-key', { after, limit: PAGE });
        const usages = await Promise.all(page.map(({ id }) => noted('usage-plan-key', id)));
        for (const [place, { id }] of page.entries()) if (usages[place] !== undefined) yield [id, usages[place]];
        if (page.length < PAGE) return;
        after = page.at(-1)!.id;
      }
    },
  };
}
