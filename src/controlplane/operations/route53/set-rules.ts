// Which record sets may stand together: at one name, and under one name and type with set identifiers (custom-domains 6.2). Each
// rule answers the service's sentence, or undefined.

import { escapeName, type HostedZone, type RecordSet } from '../../../model/hosted-zone.ts';
import { limit } from '../../../settings/limits.ts';

/** Types that have one set at a name, whichever the policy. */
const SIMPLE_ONLY: Readonly<Record<'weighted' | 'multivalue', readonly string[]>> = {
  weighted: ['NS', 'SOA'],
  multivalue: ['NS', 'SOA', 'CNAME'],
};

type Policy = 'simple' | 'weighted' | 'multivalue';

export function policyOf(records: RecordSet): Policy {
  if (records.isMultivalue) return 'multivalue';
  return records.weight === undefined ? 'simple' : 'weighted';
}

/** `existing` are all record sets at the name. */
export function placementFault(
  zone: HostedZone,
  wanted: RecordSet,
  existing: readonly RecordSet[],
): string | undefined {
  const { type } = wanted;
  const [name, zoneName] = [escapeName(wanted.name), escapeName(zone.name)];
  const subject = `RRSet of type ${type} with DNS name ${name} is not permitted`;
  const others = existing.filter((other) => other.type !== type);
  if (type === 'CNAME' && wanted.name === zone.name) return `${subject} at apex in zone ${zoneName}`;
  if (type === 'SOA' && wanted.name !== zone.name) return `${subject} in zone ${zoneName}: only the apex has one`;
  if (type === 'NS' && wanted.name.startsWith('*.'))
    return `${subject} in zone ${zoneName}: a wildcard cannot be delegated`;
  if (type === 'CNAME' && others.length > 0)
    return `${subject} as it conflicts with other records with the same DNS name in zone ${zoneName}`;
  if (others.some((other) => other.type === 'CNAME'))
    return `${subject} because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zoneName}`;
  return undefined;
}

/** `others` are the other record sets of the name and type. */
export function policyFault(wanted: RecordSet, others: readonly RecordSet[]): string | undefined {
  const policy = policyOf(wanted);
  const subject = subjectOf(wanted);
  if (policy === 'simple') {
    return others.length === 0
      ? undefined
      : `${subject} cannot be created as other RRSets exist with the same name and type.`;
  }
  if (SIMPLE_ONLY[policy].includes(wanted.type))
    return `${subject} cannot be created as a record of type ${wanted.type} is never ${policy}.`;
  if (policy === 'multivalue' && wanted.aliasTarget) return 'Multivalue answer rrset should not be an alias rrset';
  if (others.some((other) => policyOf(other) !== policy)) {
    return policy === 'weighted'
      ? `${subject} cannot be created as a non-weighted set exists with the same name and type.`
      : `${subject} cannot be created because a non multivalue answer rrset exists with the same name and type.`;
  }
  const max = limit('recordSetsPerNameAndTypeMax');
  if (others.length >= max) return `${subject} cannot be created as ${max} sets exist with the same name and type.`;
  return undefined;
}

/** Of the sets of a name and type as a batch leaves them: resolvers keep one TTL for all of them. */
export function ttlFault(written: RecordSet, others: readonly RecordSet[]): string | undefined {
  if (policyOf(written) !== 'weighted' || written.ttl === undefined) return undefined;
  return others.every(({ ttl }) => ttl === undefined || ttl === written.ttl)
    ? undefined
    : `${subjectOf(written)} cannot be created as weighted sets must contain the same TTL.`;
}

function subjectOf({ name, type, setIdentifier }: RecordSet): string {
  const identified = setIdentifier === undefined ? '' : `, SetIdentifier ${setIdentifier}`;
  return `RRSet with DNS name ${escapeName(name)}, type ${type}${identified}`;
}
