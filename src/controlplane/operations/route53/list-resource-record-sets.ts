// ListResourceRecordSets: by reversed name, then type, then set identifier, from the given start on (custom-domains 6.5).

import { Fault } from '../../../model/faults.ts';
import { recordSetId, reversedName } from '../../../model/hosted-zone.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import type { ListResourceRecordSetsRequest } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { fatalProblem, findZone, readName, recordSetOutput } from './zone-names.ts';

export const listResourceRecordSets: Operation<'route53', 'ListResourceRecordSets'> = async (
  input,
  request,
  { store },
) => {
  const zone = await findZone(store.view, request, input.HostedZoneId);
  const max = limit('recordSetsPageSizeMax');
  const size = Math.min(input.MaxItems ?? max, max);
  const { id, after } = startOf(zone.id, input);
  // The start itself is the first, where it is there.
  const first = id === undefined ? undefined : await store.view.get('record-set', id);
  const later = await store.view.children('record-set', zone.id, { after, limit: size + 1 });
  const rows = first ? [first, ...later] : later;
  const next = rows[size];
  return {
    ResourceRecordSets: rows.slice(0, size).map(recordSetOutput),
    IsTruncated: next !== undefined,
    ...(next && {
      NextRecordName: recordSetOutput(next).Name,
      NextRecordType: next.type as never,
      NextRecordIdentifier: next.setIdentifier,
    }),
    MaxItems: input.MaxItems ?? max,
  };
};

/** The list begins with the record set of this id, and goes on after it. */
function startOf(
  zoneId: string,
  input: ListResourceRecordSetsRequest,
): { readonly id?: string; readonly after: string } {
  const { StartRecordName: sent, StartRecordType: type, StartRecordIdentifier: identifier } = input;
  if (sent === undefined) {
    if (type !== undefined || identifier !== undefined)
      throw new Fault(
        'InvalidInput',
        'The input is not valid: a record type or identifier needs a record name to start at.',
      );
    return { after: '' };
  }
  const name = readName(sent);
  if (isProblem(name)) throw new Fault('InvalidInput', fatalProblem(name, sent));
  if (type === undefined) {
    if (identifier !== undefined)
      throw new Fault('InvalidInput', 'The input is not valid: a record identifier needs a record type to start at.');
    return { after: `${zoneId}/${reversedName(name)}/` };
  }
  const id = recordSetId(zoneId, name, type, identifier);
  return { id, after: id };
}
