// ChangeResourceRecordSets: the batch is served by DNS when this returns, or nothing of it is (custom-domains 6.4).

import { Fault } from '../../../model/faults.ts';
import { reversedName, type RecordSet } from '../../../model/hosted-zone.ts';
import { reference } from '../../../model/kinds.ts';
import type { Transaction } from '../../../store/contract.ts';
import type { Operation } from '../operation.ts';
import { applyBatch } from './change-batch.ts';
import { changeInfo } from './change-id.ts';
import { checkChange, checkSize } from './check-change.ts';
import { findZone, withoutDot } from './zone-names.ts';
import { transactInZone } from './zone-transaction.ts';

/** Most names have no more; where there are, the rest is read too. */
const READ_AT_ONCE = 8;

export const changeResourceRecordSets: Operation<'route53', 'ChangeResourceRecordSets'> = async (
  input,
  request,
  world,
) => {
  const changes = input.ChangeBatch.Changes;
  checkSize(changes);
  for (const change of changes) checkChange(change);
  await transactInZone(world.store, async (transaction) => {
    const zone = await findZone(transaction, request, input.HostedZoneId);
    const { faults, writes, growth } = await applyBatch(zone, changes, {
      recordSetsAt: (name) => recordSetsAt(transaction, zone.id, name),
      regionalZoneOf: (name) => regionalZoneOf(transaction, name),
    });
    if (faults.length > 0) throw new Fault('InvalidChangeBatch', `[${faults.join(', ')}]`);
    for (const [id, records] of writes) {
      if (records) transaction.put('record-set', records);
      else transaction.remove('record-set', id);
    }
    if (growth !== 0) transaction.put('hosted-zone', { ...zone, recordSetCount: zone.recordSetCount + growth });
  });
  return { ChangeInfo: changeInfo(request, world, input.ChangeBatch.Comment) };
};

async function recordSetsAt(transaction: Transaction, zoneId: string, name: string): Promise<RecordSet[]> {
  const prefix = `${zoneId}/${reversedName(name)}/`;
  const found: RecordSet[] = [];
  for (let after = prefix; ; after = found.at(-1)!.id) {
    const page = await transaction.children('record-set', zoneId, { after, limit: READ_AT_ONCE });
    const here = page.filter((records) => records.id.startsWith(prefix));
    found.push(...here);
    if (here.length < READ_AT_ONCE) return found;
  }
}

async function regionalZoneOf(transaction: Transaction, name: string): Promise<string | undefined> {
  const [domain] = await transaction.referring('domain-name', reference.regionalName(withoutDot(name)), { limit: 1 });
  return domain?.hostedZoneId;
}
