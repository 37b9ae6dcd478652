// What the expansions of SAM have in common: making a resource that comes from another, and saying what is left out.

import type { Draft, NamedResource } from '../draft.ts';
import { nearestName } from '../nearest-name.ts';
import type { ProblemList } from '../problem-list.ts';
import type { MapValue, NotCarried } from '../stack-template.ts';

export function made(
  from: Draft,
  logicalId: string,
  type: string,
  properties: MapValue,
  dependsOn: readonly NamedResource[] = [],
): Draft {
  const { deletionPolicy } = from;
  return {
    logicalId,
    type,
    properties,
    dependsOn,
    deletionPolicy,
    metadata: undefined,
    line: properties.line,
    isMuted: false,
  };
}

export function partOf(
  { logicalId, type }: Draft,
  part: string,
  line: number,
  reason: string,
  problems: ProblemList,
): NotCarried {
  return { logicalId, type: `${type} ${part}`, reason, place: { file: problems.file, line } };
}

export function refuseOthers({ properties, type }: Draft, known: readonly string[], problems: ProblemList): void {
  for (const [name, { line }] of properties.entries)
    if (!known.includes(name)) problems.add(line, `${type} has no property ${name}${nearestName(name, known)}`);
}
