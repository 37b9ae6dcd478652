// Names and ids as Route 53 clients send them, and zones as they look on the wire (custom-domains 6.1, 6.3).

import type { HostedZone, RecordSet } from '../../../model/hosted-zone.ts';
import { escapeName } from '../../../model/hosted-zone.ts';
import { Fault } from '../../../model/faults.ts';
import { isProblem, nameOfLabels, parseDomainName, type RecordProblem } from '../../../protocol/record-text.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';

/** A name as it is stored, or why the text is none. */
export function readName(sent: string): string | RecordProblem {
  // The root is no zone's and no record's.
  const labels = parseDomainName(sent === '.' ? '' : sent);
  return isProblem(labels) ? labels : nameOfLabels(labels);
}

/** AWS's words for a text that is not what it should be. */
export function fatalProblem({ problem }: RecordProblem, sent: string): string {
  return `FATAL problem: ${problem} encountered with '${sent.slice(0, 256)}'`;
}

/** `/hostedzone/Z1` → `Z1`: some clients leave the prefix on. */
export function bareZoneId(id: string): string {
  return id.replace(/^\/?hostedzone\//, '');
}

export async function findZone(view: View, request: OperationRequest, sentId: string): Promise<HostedZone> {
  const id = bareZoneId(sentId);
  const zone = await view.get('hosted-zone', id);
  if (zone?.account !== request.caller.account)
    throw new Fault('NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
  return zone;
}

export function zoneOutput(zone: HostedZone) {
  return {
    Id: `/hostedzone/${zone.id}`,
    Name: escapeName(zone.name),
    CallerReference: zone.callerReference,
    Config: { PrivateZone: false, ...(zone.comment === undefined ? {} : { Comment: zone.comment }) },
    ResourceRecordSetCount: zone.recordSetCount,
  };
}

export function delegationSetOutput(zone: HostedZone) {
  return { NameServers: zone.nameServers.map(withoutDot) };
}

export function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

export function recordSetOutput(records: RecordSet) {
  const common = {
    Name: escapeName(records.name),
    Type: records.type as never,
    SetIdentifier: records.setIdentifier,
    Weight: records.weight,
    MultiValueAnswer: records.isMultivalue,
  };
  if (records.aliasTarget) {
    const { hostedZoneId, dnsName, evaluateTargetHealth } = records.aliasTarget;
    return {
      ...common,
      AliasTarget: {
        HostedZoneId: hostedZoneId,
        DNSName: escapeName(dnsName),
        EvaluateTargetHealth: evaluateTargetHealth,
      },
    };
  }
  return { ...common, TTL: records.ttl ?? 0, ResourceRecords: (records.values ?? []).map((Value) => ({ Value })) };
}
