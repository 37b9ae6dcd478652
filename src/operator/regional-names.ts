// Regional names in records: which domain name one belongs to, and whether it is gone. A record that leads to a Regional name of
// nobody's serves nobody. Pure, from the snapshot.

import type { RecordSet } from '../model/hosted-zone.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { bare } from './ask-dns.ts';

export interface RegionalWorld {
  readonly snapshot: Snapshot;
  readonly suffix: string;
}

const LABELS = /^d-[a-z0-9]+\.execute-api\.[a-z0-9-]+\.(.+)$/;

/** True for a name of the form of ours that no domain name has, or has any more. */
export function isGoneRegionalName(name: string, { snapshot, suffix }: RegionalWorld): boolean {
  return LABELS.exec(name)?.[1] === suffix && snapshot.domainOfRegionalName(name) === undefined;
}

/** Where a record set leads by name: its alias target or its CNAME. */
export function targetOf({ type, aliasTarget, values }: RecordSet): string | undefined {
  if (aliasTarget) return bare(aliasTarget.dnsName);
  const [value] = type === 'CNAME' ? (values ?? []) : [];
  return value === undefined ? undefined : bare(value);
}

/** The record sets of address types, aliases and CNAMEs, that a zone has for a host: its own, else those of the wildcard above. */
export function leadingRecords(zoneId: string, host: string, { zones }: Snapshot): readonly RecordSet[] {
  const [parent] = ancestors(`${host}.`);
  const node = zones.recordsAt(zoneId, `${host}.`) ?? zones.recordsAt(zoneId, `*.${parent}`);
  return ['A', 'AAAA', 'CNAME'].flatMap((type) => node?.get(type) ?? []);
}
