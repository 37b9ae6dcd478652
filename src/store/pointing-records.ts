// What the watch over records reads, page by page, and the notes that it keeps beside what it looked at: no revision, no event, gone
// with the objects they belong to.

import type { RecordSet } from '../model/hosted-zone.ts';
import type { Store } from './contract.ts';

export function createPointingRecords({ view, note, noted }: Store) {
  return {
    domainNamesAfter: async (after: string, limit: number): Promise<readonly string[]> =>
      (await view.all('domain-name', { after, limit })).map(({ domainName }) => domainName),

    recordSetsAfter: (after: string, limit: number): Promise<readonly RecordSet[]> =>
      view.all('record-set', { after, limit }),

    noted: (kind: 'domain-name' | 'record-set', id: string) => noted(kind, id),
    note: (kind: 'domain-name' | 'record-set', id: string, value: unknown) => note(kind, id, value),
  };
}
