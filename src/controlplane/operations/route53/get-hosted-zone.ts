// GetHostedZone.

import type { Operation } from '../operation.ts';
import { delegationSetOutput, findZone, zoneOutput } from './zone-names.ts';

export const getHostedZone: Operation<'route53', 'GetHostedZone'> = async (input, request, { store }) => {
  const zone = await findZone(store.view, request, input.Id);
  return { HostedZone: zoneOutput(zone), DelegationSet: delegationSetOutput(zone) };
};
