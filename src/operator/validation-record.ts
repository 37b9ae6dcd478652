// The record that proves a name, in the forms in which people create it: a line of a zone file, or the command where the zone is
// the account's own.

import type { DomainValidation } from '../model/certificate.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { changeCommand, type RecordChange } from './aws-command.ts';

const RECORD_TTL_SECONDS = 60;

type Proof = Pick<DomainValidation, 'recordName' | 'recordValue'>;

export function recordLine({ recordName, recordValue }: Proof): string {
  return `${recordName} ${RECORD_TTL_SECONDS} IN CNAME ${recordValue}`;
}

/**
 * The commands that put the records into zones of the account, with ` && ` between zones; undefined when none of them is missing in
 * such a zone. A name and its wildcard share a record.
 */
export function recordCommand(proofs: readonly Proof[], account: string, snapshot: Snapshot): string | undefined {
  const byZone = new Map<string, Map<string, RecordChange[]>>();
  for (const proof of proofs) {
    const zone = ownZone(proof, account, snapshot);
    if (!zone || isThere(proof, zone.id, snapshot)) continue;
    const changes = byZone.get(zone.id) ?? new Map<string, RecordChange[]>();
    byZone.set(zone.id, changes.set(proof.recordName, changesFor(proof, zone.id, snapshot)));
  }
  if (byZone.size === 0) return undefined;
  return [...byZone].map(([zoneId, changes]) => changeCommand(zoneId, [...changes.values()].flat())).join(' && ');
}

/** The records that belong into zones of somebody else's, or at another provider. */
export function foreignRecords(proofs: readonly Proof[], account: string, snapshot: Snapshot): readonly string[] {
  const foreign = proofs.filter((proof) => !ownZone(proof, account, snapshot));
  return [...new Set(foreign.map(({ recordName, recordValue }) => `${recordName} CNAME ${recordValue}`))];
}

function ownZone({ recordName }: Proof, account: string, { zones }: Snapshot) {
  const zone = zones.zoneFor(recordName.toLowerCase());
  return zone?.account === account ? zone : undefined;
}

function isThere({ recordName, recordValue }: Proof, zoneId: string, { zones }: Snapshot): boolean {
  const bare = (name: string | undefined) => name?.toLowerCase().replace(/\.$/, '');
  const values = zones.recordsAt(zoneId, recordName.toLowerCase())?.get('CNAME')?.[0]?.values;
  return bare(values?.[0]) === bare(recordValue);
}

/** No other record may be beside a CNAME: what a former client of an authority left there goes in the same batch. */
function changesFor({ recordName, recordValue }: Proof, zoneId: string, { zones }: Snapshot): RecordChange[] {
  const inTheWay = [...(zones.recordsAt(zoneId, recordName.toLowerCase()) ?? [])].flatMap(([type, sets]) =>
    sets.flatMap(({ ttl, values }) =>
      type === 'CNAME' || ttl === undefined || values === undefined ? [] : [{ type, ttl, values }],
    ),
  );
  const ResourceRecords = [{ Value: recordValue }];
  return [
    ...inTheWay.map(({ type, ttl, values }) => ({
      Action: 'DELETE' as const,
      ResourceRecordSet: {
        Name: recordName,
        Type: type,
        TTL: ttl,
        ResourceRecords: values.map((Value) => ({ Value })),
      },
    })),
    {
      Action: 'UPSERT',
      ResourceRecordSet: { Name: recordName, Type: 'CNAME', TTL: RECORD_TTL_SECONDS, ResourceRecords },
    },
  ];
}
