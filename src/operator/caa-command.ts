// The command that lets an issuer through CAA records which forbid it, where they are in a zone of the account's own that is served here.
// Adds one record; takes none away.

import type { NameProgress } from '../model/certificate.ts';
import type { RecordSet } from '../model/hosted-zone.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { changeCommand, type RecordChange } from './aws-command.ts';

/** With ` && ` between zones; undefined when no look at a name met such records, or they allow the issuer meanwhile. */
export function caaCommand(looks: readonly NameProgress[], account: string, snapshot: Snapshot): string | undefined {
  const byZone = new Map<string, Map<string, RecordChange>>();
  for (const { domainName, caaName } of looks) {
    const records = caaName === undefined ? undefined : recordsFor(domainName, account, snapshot);
    const change = records && changeFor(records, domainName.startsWith('*.'), caaName!);
    if (!records || !change) continue;
    const changes = byZone.get(records.hostedZoneId) ?? new Map<string, RecordChange>();
    byZone.set(records.hostedZoneId, changes.set(`${records.name} ${change.tag}`, change.change));
  }
  if (byZone.size === 0) return undefined;
  return [...byZone].map(([zoneId, changes]) => changeCommand(zoneId, [...changes.values()])).join(' && ');
}

/** At the name, or at the nearest name above it that has any (RFC 8659 3), for as long as the zones are the account's. */
function recordsFor(domainName: string, account: string, { zones }: Snapshot): RecordSet | undefined {
  const labels = domainName.replace(/^\*\./, '').split('.');
  for (const position of labels.keys()) {
    const name = `${labels.slice(position).join('.')}.`;
    const zone = zones.zoneFor(name);
    if (zone?.account !== account) return undefined;
    const types = zones.recordsAt(zone.id, name);
    // Behind a CNAME the records of another name count.
    if (types?.has('CNAME')) return undefined;
    const [records] = types?.get('CAA') ?? [];
    if (records) return records;
  }
  return undefined;
}

function changeFor(
  { name, ttl, values, setIdentifier }: RecordSet,
  isWildcard: boolean,
  caaName: string,
): { readonly tag: string; readonly change: RecordChange } | undefined {
  if (ttl === undefined || values === undefined || setIdentifier !== undefined) return undefined;
  const valuesOf = (tag: string) =>
    values.flatMap((value) => new RegExp(`^\\d+\\s+${tag}\\s+"?([^";]*)`, 'i').exec(value)?.[1] ?? []);
  // For a wildcard `issue` counts only where there is no `issuewild` (RFC 8659 4.3).
  const tag = isWildcard && valuesOf('issuewild').length > 0 ? 'issuewild' : 'issue';
  if (valuesOf(tag).some((value) => value.trim().toLowerCase() === caaName)) return undefined;
  const ResourceRecords = [...values, `0 ${tag} "${caaName}"`].map((Value) => ({ Value }));
  return {
    tag,
    change: { Action: 'UPSERT', ResourceRecordSet: { Name: name, Type: 'CAA', TTL: ttl, ResourceRecords } },
  };
}
