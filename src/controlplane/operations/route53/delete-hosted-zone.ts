// DeleteHostedZone: only when nothing but its NS and SOA records is left.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { changeInfo } from './change-id.ts';
import { findZone } from './zone-names.ts';
import { transactInZone } from './zone-transaction.ts';

export const deleteHostedZone: Operation<'route53', 'DeleteHostedZone'> = async (input, request, world) => {
  await transactInZone(world.store, async (transaction) => {
    const zone = await findZone(transaction, request, input.Id);
    const records = await transaction.children('record-set', zone.id, { limit: 3 });
    if (records.length > 2) {
      throw new Fault(
        'HostedZoneNotEmpty',
        'The hosted zone contains resource records that are not SOA or NS records.',
      );
    }
    for (const one of records) transaction.remove('record-set', one.id);
    transaction.remove('hosted-zone', zone.id);
  });
  return { ChangeInfo: changeInfo(request, world) };
};
