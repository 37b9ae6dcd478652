// ListResourceRecordSets: by reversed name, then type, from the given start on (custom-domains 6.5).

import { Fault } from '../../../model/faults.ts';
import { recordSetId, reversedName } from '../../../model/hosted-zone.ts';
import type { ListResourceRecordSetsRequest } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { findZone, justBefore, normalizeName, recordSetOutput } from './zone-names.ts';

export const listResourceRecordSets: Operation<'route53', 'ListResourceRecordSets'> = async (
  input,
  request,
  { store },
) => {
  const zone = await findZone(store.view, request, input.HostedZoneId);
  refuseUnavailable('ListResourceRecordSets', { StartRecordIdentifier: input.StartRecordIdentifier });
  const max = limit('recordSetsPageSizeMax');
  const size = Math.min(Math.max(input.MaxItems ?? max, 1), max);
  const rows = await store.view.children('record-set', zone.id, { after: startOf(zone.id, input), limit: size + 1 });
  const next = rows[size];
  return {
    ResourceRecordSets: rows.slice(0, size).map(recordSetOutput),
    IsTruncated: next !== undefined,
    ...(next && { NextRecordName: recordSetOutput(next).Name, NextRecordType: next.type as never }),
    MaxItems: size,
  };
};

function startOf(zoneId: string, input: ListResourceRecordSetsRequest): string {
  const { StartRecordName: name, StartRecordType: type } = input;
  if (name === undefined) {
    if (type !== undefined)
      throw new Fault('InvalidInput', 'The input is not valid: a record type needs a record name to start at.');
    return '';
  }
  const full = normalizeName(name);
  return type === undefined ? `${zoneId}/${reversedName(full)}/` : justBefore(recordSetId(zoneId, full, type));
}
