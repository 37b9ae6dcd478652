// The record that leads a domain name to its Regional name: as the command that creates it in a zone of the account's, or in the form of
// whoever keeps the zone.

import type { DomainEntry } from '../snapshot/snapshot.ts';
import { changeCommand, type RecordChange } from './aws-command.ts';
import type { ExplainWorld } from './explain-world.ts';
import { formOf, formWords, type RecordForm } from './record-place.ts';

export interface RecordFix {
  readonly fix: string;
  readonly record?: RecordForm;
}

/** `name` is the domain name, or one host that its wildcard record does not answer for; `isApex` as DNS showed it. */
export async function recordFix(
  domain: DomainEntry,
  name: string,
  isApex: boolean,
  world: ExplainWorld,
): Promise<RecordFix> {
  const { snapshot, publicAddresses } = world;
  const zone = snapshot.zones.zoneFor(`${name}.`);
  if (zone?.account === domain.account) return { fix: aliasCommand(zone.id, domain, name, world) };
  const addresses = domain.isDualstack ? publicAddresses : publicAddresses.filter((address) => !address.includes(':'));
  const wanted = { name, type: 'CNAME', value: domain.regionalDomainName, addresses } as const;
  const record = await formOf(wanted, world, isApex);
  return { fix: formWords(record), record };
}

function aliasCommand(zoneId: string, domain: DomainEntry, name: string, { snapshot }: ExplainWorld): string {
  const { regionalDomainName: DNSName, hostedZoneId: HostedZoneId, isDualstack } = domain;
  const AliasTarget = { HostedZoneId, DNSName, EvaluateTargetHealth: false };
  const there = snapshot.zones.recordsAt(zoneId, `${name}.`);
  // No other record may be beside a CNAME, so that one goes in the same batch.
  const { ttl = 0, values = [] } = there?.get('CNAME')?.[0] ?? {};
  const inTheWay = { Name: name, Type: 'CNAME', TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) };
  const types = isDualstack || there?.has('AAAA') ? ['A', 'AAAA'] : ['A'];
  return changeCommand(zoneId, [
    ...(values.length > 0 ? [{ Action: 'DELETE' as const, ResourceRecordSet: inTheWay }] : []),
    ...types.map((Type): RecordChange => ({ Action: 'UPSERT', ResourceRecordSet: { Name: name, Type, AliasTarget } })),
  ]);
}
