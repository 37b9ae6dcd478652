// What is wrong with one change by itself, before its zone is looked at: members that are missing or exclude each other, and what is
// not available here. The first fault is told; what a batch does to a zone is in change-batch.ts.

import { Fault } from '../../../model/faults.ts';
import type { Change, ResourceRecordSet } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import { refuseUnavailable } from '../not-available.ts';
import { checkValueCount, isKnownType } from './record-values.ts';
import { noSuchHealthCheck } from './zone-tags.ts';

/** Throws InvalidChangeBatch for a batch that is empty, or holds more than a batch may. */
export function checkSize(changes: readonly Change[]): void {
  if (changes.length === 0) throw new Fault('InvalidChangeBatch', '[The change batch is empty.]');
  let records = 0;
  let characters = 0;
  for (const { Action: action, ResourceRecordSet: set } of changes) {
    // UPSERT counts double, as in the service.
    const weight = action === 'UPSERT' ? 2 : 1;
    records += (set.ResourceRecords?.length ?? 1) * weight;
    for (const { Value: value } of set.ResourceRecords ?? []) characters += value.length * weight;
  }
  const faults: string[] = [];
  const [recordsMax, charactersMax] = [limit('recordsPerChangeMax'), limit('recordCharactersPerChangeMax')];
  if (records > recordsMax) faults.push(`Number of records limit of ${recordsMax} exceeded.`);
  if (characters > charactersMax) faults.push(`Number of characters limit of ${charactersMax} exceeded.`);
  if (faults.length > 0) throw new Fault('InvalidChangeBatch', `[${faults.join(', ')}]`);
}

/** Throws InvalidInput for a change that is not one, NotImplemented and NoSuchHealthCheck for what there is not. */
export function checkChange(change: Change): void {
  const { ResourceRecordSet: set } = change;
  refuseUnavailable('a ResourceRecordSet', {
    Region: set.Region,
    GeoLocation: set.GeoLocation,
    Failover: set.Failover,
    CidrRoutingConfig: set.CidrRoutingConfig,
    GeoProximityLocation: set.GeoProximityLocation,
    TrafficPolicyInstanceId: set.TrafficPolicyInstanceId,
    [`Type ${set.Type}`]: !isKnownType(set.Type),
  });
  checkPolicy(change);
  if (set.HealthCheckId !== undefined) throw noSuchHealthCheck(set.HealthCheckId);
  const hasRecords = set.TTL !== undefined && (set.ResourceRecords?.length ?? 0) > 0;
  const hasSome = set.TTL !== undefined || set.ResourceRecords !== undefined;
  const expected = '[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (set.AliasTarget === undefined ? !hasRecords : hasSome)
    throw notExactlyOne(expected, set.AliasTarget === undefined ? 'none' : 'more than one', change);
  checkValueCount(set);
}

/** A set has an identifier and one policy, or neither. */
function checkPolicy(change: Change): void {
  const { ResourceRecordSet: set } = change;
  const count = Number(set.Weight !== undefined) + Number(isMultivalue(set));
  const expected =
    '[Weight, Region, Failover, GeoLocation, MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig]';
  if (count > 1) throw notExactlyOne(expected, 'more than one', change);
  if (set.SetIdentifier !== undefined && count === 0) throw notExactlyOne(expected, 'none', change);
  // MultiValueAnswer is asked about as soon as it is there (observed, parity/route53.parity.json).
  if (set.SetIdentifier === undefined && (count === 1 || set.MultiValueAnswer !== undefined))
    throw new Fault('InvalidInput', `Invalid request: Missing field 'SetIdentifier' in ${shown(change)}`);
}

/** `false` is no policy. */
export function isMultivalue(set: ResourceRecordSet): boolean {
  return set.MultiValueAnswer === true;
}

function notExactlyOne(expected: string, found: 'none' | 'more than one', change: Change): Fault {
  const message = `Invalid request: Expected exactly one of ${expected}, but found ${found} in ${shown(change)}`;
  return new Fault('InvalidInput', message);
}

function shown({ Action: action, ResourceRecordSet: { Name, Type, SetIdentifier = 'null' } }: Change): string {
  return `Change with [Action=${action}, Name=${Name}, Type=${Type}, SetIdentifier=${SetIdentifier}]`;
}
