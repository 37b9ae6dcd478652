// A batch of changes applied in order to a zone as it stands, all or nothing; every fault of the batch is collected, in the
// service's own sentences (custom-domains 6.2, 6.4).

import { escapeName, isWithinZone, recordSetId, type HostedZone, type RecordSet } from '../../../model/hosted-zone.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import type { Change } from '../../../protocol/wire/shapes-route53.ts';
import { present } from '../members.ts';
import { aliasFault, type AliasWorld } from './alias-rules.ts';
import { isMultivalue } from './check-change.ts';
import { valueFaults } from './record-values.ts';
import { placementFault, policyFault, ttlFault } from './set-rules.ts';
import { bareZoneId, fatalProblem, readName } from './zone-names.ts';

/** What a batch needs to know beyond the zone, as it is before the batch. */
export type Surroundings = AliasWorld;

export interface AppliedBatch {
  readonly faults: readonly string[];
  /** Record sets by id; null for one that goes. */
  readonly writes: ReadonlyMap<string, RecordSet | null>;
  /** How many record sets the zone has gained. */
  readonly growth: number;
}

export async function applyBatch(
  zone: HostedZone,
  changes: readonly Change[],
  around: Surroundings,
): Promise<AppliedBatch> {
  const batch = new Batch(zone, around);
  for (const change of changes) await batch.apply(change);
  await batch.settle();
  return batch;
}

class Batch implements AppliedBatch {
  readonly faults: string[] = [];
  readonly writes = new Map<string, RecordSet | null>();
  growth = 0;
  readonly #zone: HostedZone;
  readonly #around: Surroundings;
  /** By name: what was there before, read once, and the ids of what the batch wrote. */
  readonly #before = new Map<string, Promise<readonly RecordSet[]>>();
  readonly #written = new Map<string, Set<string>>();

  constructor(zone: HostedZone, around: Surroundings) {
    this.#zone = zone;
    this.#around = around;
  }

  async apply({ Action: action, ResourceRecordSet: sent }: Change): Promise<void> {
    const wanted = this.#read(sent, action);
    if (!wanted) return;
    const { name, type } = wanted;
    const existing = await this.#at(name);
    const same = existing.find((other) => other.id === wanted.id);
    const label = labelOf(wanted);
    if (action === 'DELETE') this.#remove(wanted, same, label);
    else if (action === 'CREATE' && same) this.faults.push(`Tried to create ${label} but it already exists`);
    else {
      const others = existing.filter((other) => other.type === type && other.id !== wanted.id);
      const world = { ...this.#around, recordSetsAt: (at: string) => this.#at(at) };
      const fault =
        placementFault(this.#zone, wanted, existing) ??
        policyFault(wanted, others) ??
        (await aliasFault(this.#zone, wanted, world));
      if (fault !== undefined) this.faults.push(fault);
      else this.#write(wanted.id, name, wanted, same ? 0 : 1);
    }
  }

  /** What can be judged only when all changes are made. */
  async settle(): Promise<void> {
    for (const written of this.writes.values()) {
      if (!written) continue;
      const others = (await this.#at(written.name)).filter((other) => other.type === written.type);
      const fault = ttlFault(written, others);
      if (fault !== undefined) this.faults.push(fault);
    }
  }

  /** The record set that is sent; undefined when it can be none of this zone, and why is among the faults. */
  #read(sent: Change['ResourceRecordSet'], action: Change['Action']): RecordSet | undefined {
    const zone = this.#zone;
    const name = readName(sent.Name);
    const target = sent.AliasTarget && readName(sent.AliasTarget.DNSName);
    // What is there may go, also when no such value could be made today.
    const faults = action === 'DELETE' ? [] : valueFaults(sent);
    if (isProblem(name)) faults.push(fatalProblem(name, sent.Name));
    else if (!isWithinZone(name, zone.name)) {
      faults.push(`RRSet with DNS name ${escapeName(name)} is not permitted in zone ${escapeName(zone.name)}`);
    }
    if (target !== undefined && isProblem(target)) faults.push(fatalProblem(target, sent.AliasTarget!.DNSName));
    this.faults.push(...faults);
    return faults.length > 0 ? undefined : toRecordSet(zone, name as string, target as string | undefined, sent);
  }

  /** The record sets at a name as the batch has left them so far. */
  async #at(name: string): Promise<readonly RecordSet[]> {
    let before = this.#before.get(name);
    if (!before) this.#before.set(name, (before = this.#around.recordSetsAt(name)));
    const written = this.#written.get(name);
    if (!written) return before;
    const kept = (await before).filter((records) => !written.has(records.id));
    return [...kept, ...[...written].flatMap((id) => this.writes.get(id) ?? [])];
  }

  #write(id: string, name: string, records: RecordSet | null, growth: number): void {
    this.writes.set(id, records);
    this.growth += growth;
    const written = this.#written.get(name);
    if (written) written.add(id);
    else this.#written.set(name, new Set([id]));
  }

  #remove(wanted: RecordSet, same: RecordSet | undefined, label: string): void {
    if (!same) this.faults.push(`Tried to delete ${label} but it was not found`);
    else if (!isEqual(wanted, same)) {
      this.faults.push(`Tried to delete ${label} but the values provided do not match the current values`);
    } else if (wanted.name === this.#zone.name && wanted.type === 'SOA') {
      this.faults.push('A HostedZone must contain exactly one SOA record.');
    } else if (wanted.name === this.#zone.name && wanted.type === 'NS') {
      this.faults.push('A HostedZone must contain at least one NS record for the zone itself.');
    } else this.#write(wanted.id, wanted.name, null, -1);
  }
}

function labelOf({ name, type, setIdentifier }: RecordSet): string {
  const identified = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  return `resource record set [name='${escapeName(name)}', type='${type}'${identified}]`;
}

function toRecordSet(
  zone: HostedZone,
  name: string,
  targetName: string | undefined,
  sent: Change['ResourceRecordSet'],
): RecordSet {
  return {
    id: recordSetId(zone.id, name, sent.Type, sent.SetIdentifier),
    account: zone.account,
    region: zone.region,
    hostedZoneId: zone.id,
    name,
    type: sent.Type,
    ...present({
      ttl: sent.TTL,
      values: sent.ResourceRecords?.map((record) => record.Value),
      setIdentifier: sent.SetIdentifier,
      weight: sent.Weight,
      isMultivalue: isMultivalue(sent) || undefined,
    }),
    ...(targetName !== undefined && {
      aliasTarget: {
        hostedZoneId: bareZoneId(sent.AliasTarget!.HostedZoneId),
        dnsName: targetName,
        evaluateTargetHealth: sent.AliasTarget!.EvaluateTargetHealth,
      },
    }),
  };
}

/** A DELETE must repeat everything; the order of values does not matter. */
function isEqual(a: RecordSet, b: RecordSet): boolean {
  const shape = (records: RecordSet) =>
    JSON.stringify([
      records.ttl,
      [...(records.values ?? [])].sort(),
      records.weight,
      records.isMultivalue,
      records.aliasTarget?.hostedZoneId,
      records.aliasTarget?.dnsName,
      records.aliasTarget?.evaluateTargetHealth,
    ]);
  return shape(a) === shape(b);
}
