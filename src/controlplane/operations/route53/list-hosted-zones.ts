// ListHostedZones: in order of id, from the marker on.

import { limit } from '../../../settings/limits.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { bareZoneId, justBefore, zoneOutput } from './zone-names.ts';

export const listHostedZones: Operation<'route53', 'ListHostedZones'> = async (
  input,
  { caller, region },
  { store },
) => {
  refuseUnavailable('ListHostedZones', {
    DelegationSetId: input.DelegationSetId,
    HostedZoneType: input.HostedZoneType,
  });
  const size = Math.min(
    Math.max(input.MaxItems ?? limit('hostedZonesPageSizeMax'), 1),
    limit('hostedZonesPageSizeMax'),
  );
  const after = input.Marker ? justBefore(bareZoneId(input.Marker)) : '';
  const zones = await store.view.owned('hosted-zone', caller.account, region, { after, limit: size + 1 });
  const next = zones[size];
  return {
    HostedZones: zones.slice(0, size).map(zoneOutput),
    Marker: input.Marker ?? '',
    IsTruncated: next !== undefined,
    NextMarker: next?.id,
    MaxItems: size,
  };
};
