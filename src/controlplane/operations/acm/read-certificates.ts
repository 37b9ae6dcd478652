// Reading one page of certificates: by id, as the store has them, or by when they were created. Certificates that come or go
// between two pages move no other into a second page or out of all.

import type { Certificate } from '../../../model/certificate.ts';
import type { View } from '../../../store/contract.ts';

const ROWS = 1_000;

export interface Wanted {
  readonly view: View;
  readonly account: string;
  readonly region: string;
  readonly isWanted: (certificate: Certificate) => boolean;
  readonly limit: number;
  /** Where the page before ended; '' for the first. */
  readonly after: string;
}

/** Filters thin the rows out, so rows are read until there are enough. */
export async function readById({ view, account, region, isWanted, limit, after }: Wanted): Promise<Certificate[]> {
  const found: Certificate[] = [];
  for (let last = after; ;) {
    const rows = await view.owned('certificate', account, region, { after: last, limit });
    found.push(...rows.filter(isWanted));
    if (rows.length < limit || found.length >= limit) return found.slice(0, limit);
    last = rows.at(-1)!.id;
  }
}

/** The place of a certificate in order of creation; of two of one moment, the id decides. */
export function creationPlace({ createdAtMs, id }: Certificate): string {
  return JSON.stringify([createdAtMs, id]);
}

/**
 * The store keeps no order of creation, so each page reads all rows of the account; no more than the page and the rows just read
 * are held together.
 */
export async function readByCreation(wanted: Wanted, order: 'ASCENDING' | 'DESCENDING'): Promise<Certificate[]> {
  const { view, account, region, isWanted, limit, after } = wanted;
  const sign = order === 'ASCENDING' ? 1 : -1;
  const compare = (a: Place, b: Place) => sign * (a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0));
  const placeOf = ({ createdAtMs, id }: Certificate): Place => [createdAtMs, id];
  const start = after === '' ? undefined : (JSON.parse(after) as Place);
  let first: Certificate[] = [];
  for (let last = ''; ;) {
    const rows = await view.owned('certificate', account, region, { after: last, limit: ROWS });
    const behind = rows.filter((one) => isWanted(one) && (!start || compare(placeOf(one), start) > 0));
    first = [...first, ...behind].sort((a, b) => compare(placeOf(a), placeOf(b))).slice(0, limit);
    if (rows.length < ROWS) return first;
    last = rows.at(-1)!.id;
  }
}

type Place = readonly [createdAtMs: number, id: string];
