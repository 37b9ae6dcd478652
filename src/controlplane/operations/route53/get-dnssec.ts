// GetDNSSEC: no zone is signed. Terraform asks before it deletes one.

import type { Operation } from '../operation.ts';
import { findZone } from './zone-names.ts';

export const getDnssec: Operation<'route53', 'GetDNSSEC'> = async (input, request, { store }) => {
  await findZone(store.view, request, input.HostedZoneId);
  return { Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] };
};
