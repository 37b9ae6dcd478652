// Names and ids as Route 53 clients send them, and zones as they look on the wire (custom-domains 6.1, 6.3).

import type { HostedZone, RecordSet } from '../../../model/hosted-zone.ts';
import { escapeName } from '../../../model/hosted-zone.ts';
import { Fault } from '../../../model/faults.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';

/** Lower case, octal escapes resolved, trailing dot. */
export function normalizeName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return plain.endsWith('.') ? plain : `${plain}.`;
}

/** `/hostedzone/Z1` → `Z1`: some clients leave the prefix on. */
export function bareZoneId(id: string): string {
  return id.replace(/^\/?hostedzone\//, '');
}

/** The text before which everything up to `id`, but not `id` itself, sorts: turns "after" into "from". */
export function justBefore(id: string): string {
  return `${id.slice(0, -1)}${String.fromCharCode(id.charCodeAt(id.length - 1) - 1)}\u{10FFFF}`;
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
    Name: zone.name,
    CallerReference: zone.callerReference,
    Config: { PrivateZone: false, ...(zone.comment === undefined ? {} : { Comment: zone.comment }) },
    ResourceRecordSetCount: zone.recordSetCount,
  };
}

export function delegationSetOutput(zone: HostedZone) {
  return { NameServers: zone.nameServers.map((name) => name.replace(/\.$/, '')) };
}

export function recordSetOutput(records: RecordSet) {
  const common = { Name: escapeName(records.name), Type: records.type as never };
  if (records.aliasTarget) {
    const { hostedZoneId, dnsName, evaluateTargetHealth } = records.aliasTarget;
    return {
      ...common,
      AliasTarget: { HostedZoneId: hostedZoneId, DNSName: dnsName, EvaluateTargetHealth: evaluateTargetHealth },
    };
  }
  return { ...common, TTL: records.ttl ?? 0, ResourceRecords: (records.values ?? []).map((Value) => ({ Value })) };
}
