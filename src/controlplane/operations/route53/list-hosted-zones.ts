// ListHostedZones: in order of id, from the marker on.

import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { Operation, OperationRequest } from '../operation.ts';
import { bareZoneId, zoneOutput } from './zone-names.ts';

export const listHostedZones: Operation<'route53', 'ListHostedZones'> = async (input, request, { store }) => {
  if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(input.DelegationSetId);
  const max = limit('hostedZonesPageSizeMax');
  const size = Math.min(input.MaxItems ?? max, max);
  // No zone is private.
  const zones =
    input.HostedZoneType === undefined ? await zonesFrom(store.view, request, input.Marker ?? '', size + 1) : [];
  const next = zones[size];
  return {
    HostedZones: zones.slice(0, size).map(zoneOutput),
    Marker: input.Marker ?? '',
    IsTruncated: next !== undefined,
    NextMarker: next?.id,
    MaxItems: input.MaxItems ?? max,
  };
};

/** Zones have name servers of their own; there are no reusable sets of them. */
export function noSuchDelegationSet(id: string): Fault {
  return new Fault('NoSuchDelegationSet', `There is no reusable delegation set with the id ${id.slice(0, 64)}.`);
}

/** The marker itself is the first, where it is a zone. */
async function zonesFrom(view: View, { caller, region }: OperationRequest, marker: string, count: number) {
  const id = bareZoneId(marker);
  const first = id === '' ? undefined : await view.get('hosted-zone', id);
  const own = first?.account === caller.account ? [first] : [];
  return [...own, ...(await view.owned('hosted-zone', caller.account, region, { after: id, limit: count }))];
}
