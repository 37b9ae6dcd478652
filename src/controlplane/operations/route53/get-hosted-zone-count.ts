// GetHostedZoneCount: how many hosted zones the account has.

import type { Operation } from '../operation.ts';
import { zonesOf } from './account-zones.ts';

export const getHostedZoneCount: Operation<'route53', 'GetHostedZoneCount'> = async (_, { caller }, { store }) => {
  let count = 0;
  for await (const page of zonesOf(store.view, caller.account)) count += page.length;
  return { HostedZoneCount: count };
};
