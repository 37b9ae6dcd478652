// ChangeResourceRecordSets: the batch is served by DNS when this returns, or nothing of it is (custom-domains 6.4).

import { Fault } from '../../../model/faults.ts';
import { reversedName } from '../../../model/hosted-zone.ts';
import { reference } from '../../../model/kinds.ts';
import type { Change } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import type { Transaction } from '../../../store/contract.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { applyBatch } from './change-batch.ts';
import { changeInfo } from './change-id.ts';
import { SERVED_TYPES, valueProblem } from './record-values.ts';
import { findZone, normalizeName } from './zone-names.ts';

/** A name has at most one record set of each type. */
const TYPES_AT_A_NAME_MAX = 32;

export const changeResourceRecordSets: Operation<'route53', 'ChangeResourceRecordSets'> = async (
  input,
  request,
  world,
) => {
  const changes = input.ChangeBatch.Changes;
  checkSize(changes);
  for (const change of changes) checkChange(change);
  await world.store.transact(async (transaction) => {
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

function checkSize(changes: readonly Change[]): void {
  if (changes.length === 0) throw new Fault('InvalidChangeBatch', '[The change batch is empty.]');
  const max = limit('recordsPerChangeMax');
  let count = 0;
  let characters = 0;
  for (const { Action: action, ResourceRecordSet: set } of changes) {
    count += (set.ResourceRecords?.length ?? 1) * weightOf(action);
    for (const { Value: value } of set.ResourceRecords ?? []) characters += value.length * weightOf(action);
  }
  const charactersMax = limit('recordCharactersPerChangeMax');
  if (characters > charactersMax) {
    throw new Fault('InvalidChangeBatch', `[Number of characters limit of ${charactersMax} exceeded.]`);
  }
  if (count > max) throw new Fault('InvalidChangeBatch', `[Number of records limit of ${max} exceeded.]`);
}

/** UPSERT counts double, as in the service. */
function weightOf(action: string): number {
  return action === 'UPSERT' ? 2 : 1;
}

/** What is wrong with one change by itself. */
function checkChange({ Action: action, ResourceRecordSet: set }: Change): void {
  refuseUnavailable('a ResourceRecordSet', {
    SetIdentifier: set.SetIdentifier,
    Weight: set.Weight,
    Region: set.Region,
    GeoLocation: set.GeoLocation,
    Failover: set.Failover,
    MultiValueAnswer: set.MultiValueAnswer,
    HealthCheckId: set.HealthCheckId,
    TrafficPolicyInstanceId: set.TrafficPolicyInstanceId,
    CidrRoutingConfig: set.CidrRoutingConfig,
    GeoProximityLocation: set.GeoProximityLocation,
    [`Type ${set.Type} (served are ${SERVED_TYPES.join(', ')})`]: !SERVED_TYPES.includes(set.Type),
  });
  const where = `in Change with [Action=${action}, Name=${set.Name}, Type=${set.Type}, SetIdentifier=null]`;
  const expected =
    'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  const hasRecords = set.TTL !== undefined && (set.ResourceRecords?.length ?? 0) > 0;
  if (set.AliasTarget === undefined && !hasRecords) {
    throw new Fault('InvalidInput', `Invalid request: ${expected}, but found none ${where}`);
  }
  if (set.AliasTarget !== undefined && (set.TTL !== undefined || set.ResourceRecords !== undefined)) {
    throw new Fault('InvalidInput', `Invalid request: ${expected}, but found more than one ${where}`);
  }
  checkName(set.Name);
  checkValues(set);
}

function checkName(sent: string): void {
  if (sent === '' || sent === '.') {
    throw new Fault(
      'InvalidChangeBatch',
      `[FATAL problem: DomainNameEmpty (Domain name is empty) encountered with '${sent}']`,
    );
  }
  const name = normalizeName(sent);
  const labels = name.slice(0, -1).split('.');
  const problem = labels.some((label) => label === '')
    ? 'DomainLabelEmpty (Domain label is empty)'
    : labels.some((label) => label.length > 63)
      ? 'DomainLabelTooLong (Domain label is too long)'
      : name.length > 255
        ? 'DomainNameTooLong (Domain name is too long)'
        : /^[a-z0-9._*-]+$/.test(name)
          ? undefined
          : 'UnsupportedCharacter (Value contains unsupported characters)';
  if (problem !== undefined)
    throw new Fault('InvalidChangeBatch', `[FATAL problem: ${problem} encountered with '${sent.slice(0, 256)}']`);
}

function checkValues(set: Change['ResourceRecordSet']): void {
  const values = set.ResourceRecords ?? [];
  const max = set.Type === 'CNAME' || set.Type === 'SOA' ? 1 : limit('recordsPerSetMax');
  if (values.length > max) {
    throw new Fault(
      'InvalidInput',
      `A record set of type ${set.Type} may have at most ${max} values, and ${set.Name} has ${values.length}.`,
    );
  }
  const problems = values
    .map(({ Value: value }) => valueProblem(set.Type, value))
    .filter((problem) => problem !== undefined);
  const seen = new Set<string>();
  for (const { Value: value } of values) {
    if (seen.has(value)) problems.push(`Duplicate Resource Record: '${value.slice(0, 128)}'`);
    seen.add(value);
  }
  if (problems.length > 0) throw new Fault('InvalidChangeBatch', `[${problems.join(', ')}]`);
  if (set.AliasTarget !== undefined && set.Type === 'SOA')
    throw new Fault('InvalidInput', 'A record set of type SOA cannot be an alias.');
}

async function recordSetsAt(transaction: Transaction, zoneId: string, name: string) {
  const prefix = `${zoneId}/${reversedName(name)}/`;
  const rows = await transaction.children('record-set', zoneId, { after: prefix, limit: TYPES_AT_A_NAME_MAX });
  return rows.filter((records) => records.id.startsWith(prefix));
}

async function regionalZoneOf(transaction: Transaction, name: string): Promise<string | undefined> {
  const [domain] = await transaction.referring('domain-name', reference.regionalName(name.replace(/\.$/, '')), {
    limit: 1,
  });
  return domain?.hostedZoneId;
}
