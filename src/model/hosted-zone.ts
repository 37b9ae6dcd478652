// Hosted zones and record sets (custom-domains 6). Names are stored lower case with a trailing dot, `*` as it is and every other
// octet that is no letter, digit, `-` or `_` as an octal escape (`nameOfLabels` in protocol/record-text.ts).

import type { Entity } from './entity.ts';

export interface HostedZone extends Entity {
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly nameServers: readonly string[];
  /** Kept with every change, so that nobody has to count. */
  readonly recordSetCount: number;
  /** Order of creation: of two zones with a claim to one name, the lower one is served. */
  readonly createdAtMs: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** When the operator decided that this zone is served, whatever others there are; the latest decision about a name holds. */
  readonly chosenAtMs?: number;
}

export interface AliasTarget {
  readonly hostedZoneId: string;
  readonly dnsName: string;
  readonly evaluateTargetHealth: boolean;
}

export interface RecordSet extends Entity {
  readonly hostedZoneId: string;
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  readonly values?: readonly string[];
  readonly aliasTarget?: AliasTarget;
  /** Tells the sets of one name and type apart; absent where there is one alone. */
  readonly setIdentifier?: string;
  /** 0–255: how often this set is the answer, in proportion to the others. */
  readonly weight?: number;
  /** Answered together with the others, up to eight values. */
  readonly isMultivalue?: boolean;
}

/** `www.example.com.` → `com.example.www.`: the order in which Route 53 lists names. `*` sorts as its escape, `\052`. */
export function reversedName(name: string): string {
  return `${escapeName(name).replace(/\.$/, '').split('.').reverse().join('.')}.`;
}

/** A stored name as Route 53 answers it: the star is an octal escape like all the others. */
export function escapeName(name: string): string {
  return name.replaceAll('*', '\\052');
}

/** The id of a record set: sorts within its zone as ListResourceRecordSets lists. */
export function recordSetId(hostedZoneId: string, name: string, type: string, setIdentifier?: string): string {
  const id = `${hostedZoneId}/${reversedName(name)}/${type}`;
  return setIdentifier === undefined ? id : `${id}/${setIdentifier}`;
}

/** True when `name` is the zone's own name or below it. Both with a trailing dot, lower case. */
export function isWithinZone(name: string, zoneName: string): boolean {
  return name === zoneName || name.endsWith(`.${zoneName}`);
}
