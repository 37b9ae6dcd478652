// UpdateHostedZoneComment: another comment, or none when none is given.

import { without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findZone, zoneOutput } from './zone-names.ts';
import { transactInZone } from './zone-transaction.ts';

export const updateHostedZoneComment: Operation<'route53', 'UpdateHostedZoneComment'> = async (
  { Id, Comment: comment = '' },
  request,
  { store },
) =>
  transactInZone(store, async (transaction) => {
    const zone = await findZone(transaction, request, Id);
    const changed = comment === '' ? without(zone, 'comment') : { ...zone, comment };
    transaction.put('hosted-zone', changed);
    return { HostedZone: zoneOutput(changed) };
  });
