// What the values of a record set may be. They are kept as they were sent; protocol/record-data/ knows each type's grammar.

import { Fault } from '../../../model/faults.ts';
import { parseRecordData, RECORD_TYPES } from '../../../protocol/record-data/record-data.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import type { ResourceRecordSet } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import { fatalProblem } from './zone-names.ts';

const ONE_VALUE: readonly string[] = ['CNAME', 'SOA'];
const NEVER_ALIAS: readonly string[] = ['NS', 'SOA'];

/** Throws InvalidInput for more values than a record set of the type has, and for an alias where there is none. */
export function checkValueCount(set: ResourceRecordSet): void {
  const count = set.ResourceRecords?.length ?? 0;
  const max = ONE_VALUE.includes(set.Type) ? 1 : limit('recordsPerSetMax');
  if (count > max) {
    throw new Fault(
      'InvalidInput',
      `A record set of type ${set.Type} may have at most ${max} values, and ${set.Name} has ${count}.`,
    );
  }
  if (set.AliasTarget !== undefined && NEVER_ALIAS.includes(set.Type))
    throw new Fault('InvalidInput', `A record set of type ${set.Type} cannot be an alias.`);
}

/** Everything that is wrong with the values, in the service's sentences. */
export function valueFaults(set: ResourceRecordSet): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { Value: value } of set.ResourceRecords ?? []) {
    const data = parseRecordData(set.Type, value);
    if (isProblem(data)) faults.push(`Invalid Resource Record: '${fatalProblem(data, value)}'`);
    else if (seen.has(value)) faults.push(`Duplicate Resource Record: '${value.slice(0, 256)}'`);
    seen.add(value);
  }
  return faults;
}

/** True for the types of the grammar; the wire model may come to know more. */
export function isKnownType(type: string): boolean {
  return (RECORD_TYPES as readonly string[]).includes(type);
}
