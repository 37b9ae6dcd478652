// ListHostedZonesByName: by reversed name, then id. The name that is given is where the list starts, not a filter: a zone that
// comes later may be the first (custom-domains 6.3).

import { escapeName, reversedName, type HostedZone } from '../../../model/hosted-zone.ts';
import { Fault } from '../../../model/faults.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import type { ListHostedZonesByNameRequest } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { zonesOf } from './account-zones.ts';
import { bareZoneId, fatalProblem, readName, zoneOutput } from './zone-names.ts';

export const listHostedZonesByName: Operation<'route53', 'ListHostedZonesByName'> = async (
  input,
  { caller },
  { store },
) => {
  const start = startOf(input);
  const max = limit('hostedZonesPageSizeMax');
  const size = Math.min(input.MaxItems ?? max, max);
  let first: HostedZone[] = [];
  // The zones of an account have no order by name in the store; as many as the page holds are kept while all are looked at.
  for await (const page of zonesOf(store.view, caller.account)) {
    first = [...first, ...page.filter((zone) => placeOf(zone) >= start)].sort(byPlace).slice(0, size + 1);
  }
  const next = first[size];
  return {
    HostedZones: first.slice(0, size).map(zoneOutput),
    DNSName: input.DNSName,
    HostedZoneId: input.HostedZoneId,
    IsTruncated: next !== undefined,
    ...(next && { NextDNSName: escapeName(next.name), NextHostedZoneId: next.id }),
    MaxItems: input.MaxItems ?? max,
  };
};

/** Sorts as the list does: no name holds a blank. */
function placeOf({ name, id }: Pick<HostedZone, 'name' | 'id'>): string {
  return `${reversedName(name)} ${id}`;
}

function byPlace(a: HostedZone, b: HostedZone): number {
  return placeOf(a) < placeOf(b) ? -1 : 1;
}

function startOf({ DNSName, HostedZoneId = '' }: ListHostedZonesByNameRequest): string {
  if (DNSName === undefined) {
    if (HostedZoneId !== '')
      throw new Fault('InvalidInput', 'The input is not valid: a hosted zone id needs a DNS name to start at.');
    return '';
  }
  const name = readName(DNSName);
  if (isProblem(name)) throw new Fault('InvalidDomainName', fatalProblem(name, DNSName));
  return placeOf({ name, id: bareZoneId(HostedZoneId) });
}
