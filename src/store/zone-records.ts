// The hosted zones as the operator's surface asks for them, and the one act that it has: deciding that a zone is served, or taking
// the decision back. Which zones are served follows from the rows, in the snapshot.

import type { HostedZone } from '../model/hosted-zone.ts';
import type { Store } from './contract.ts';

export function createZoneRecords({ view, transact }: Store) {
  return {
    zonesOf: (account: string | undefined, after: string, limit: number): Promise<readonly HostedZone[]> =>
      account === undefined
        ? view.all('hosted-zone', { after, limit })
        : view.belonging('hosted-zone', account, { after, limit }),

    zone: (id: string) => view.get('hosted-zone', id),

    choose: (id: string, chosenAtMs: number | undefined): Promise<HostedZone | undefined> =>
      transact(async (transaction) => {
        const current = await transaction.get('hosted-zone', id);
        if (!current) return undefined;
        const { chosenAtMs: _, ...undecided } = current;
        const decided = chosenAtMs === undefined ? undecided : { ...undecided, chosenAtMs };
        transaction.put('hosted-zone', decided);
        return decided;
      }),
  };
}
