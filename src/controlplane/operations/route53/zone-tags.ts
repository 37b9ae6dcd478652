// Tags of hosted zones. There are no health checks, so none has tags.

import { Fault } from '../../../model/faults.ts';
import type { HostedZone } from '../../../model/hosted-zone.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { findZone } from './zone-names.ts';

/** The zone that has the tags. Throws NoSuchHealthCheck for every health check. */
export async function findTaggedZone(
  view: View,
  request: OperationRequest,
  type: 'healthcheck' | 'hostedzone',
  id: string,
): Promise<HostedZone> {
  if (type === 'healthcheck') throw noSuchHealthCheck(id);
  return findZone(view, request, id);
}

export function noSuchHealthCheck(id: string): Fault {
  return new Fault('NoSuchHealthCheck', `A health check with id ${id.slice(0, 64)} does not exist.`);
}

export function tagSetOutput(zone: HostedZone) {
  const Tags = Object.entries(zone.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  return { ResourceType: 'hostedzone' as const, ResourceId: zone.id, Tags };
}
