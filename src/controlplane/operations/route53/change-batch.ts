// A batch of changes applied in order to a zone as it stands, all or nothing; every fault of the batch is collected, in the
// service's own sentences (custom-domains 6.2, 6.4).

import { isWithinZone, recordSetId, type HostedZone, type RecordSet } from '../../../model/hosted-zone.ts';
import type { Change } from '../../../protocol/wire/shapes-route53.ts';
import { present } from '../members.ts';
import { bareZoneId, normalizeName } from './zone-names.ts';

/** What a batch needs to know beyond the zone. */
export interface Surroundings {
  /** The record sets at a name, before the batch. */
  recordSetsAt(name: string): Promise<RecordSet[]>;
  /** The hosted zone id of a Regional name that exists, else undefined. */
  regionalZoneOf(name: string): Promise<string | undefined>;
}

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
  return batch;
}

class Batch implements AppliedBatch {
  readonly faults: string[] = [];
  readonly writes = new Map<string, RecordSet | null>();
  growth = 0;
  readonly #zone: HostedZone;
  readonly #around: Surroundings;

  constructor(zone: HostedZone, around: Surroundings) {
    this.#zone = zone;
    this.#around = around;
  }

  async apply({ Action: action, ResourceRecordSet: sent }: Change): Promise<void> {
    const wanted = toRecordSet(this.#zone, sent);
    const { name, type } = wanted;
    if (!isWithinZone(name, this.#zone.name)) {
      this.faults.push(`RRSet with DNS name ${name} is not permitted in zone ${this.#zone.name}`);
      return;
    }
    const existing = await this.#at(name);
    const same = existing.find((other) => other.type === type);
    const label = `resource record set [name='${name}', type='${type}']`;
    if (action === 'DELETE') this.#remove(wanted, same, label);
    else if (action === 'CREATE' && same) this.faults.push(`Tried to create ${label} but it already exists`);
    else if (this.#isCompatible(wanted, existing) && (await this.#isAliasGood(wanted))) {
      if (!same) this.growth += 1;
      this.writes.set(wanted.id, wanted);
    }
  }

  /** The record sets at a name as the batch has left them so far. */
  async #at(name: string): Promise<RecordSet[]> {
    const before = await this.#around.recordSetsAt(name);
    const kept = before.filter((records) => !this.writes.has(records.id));
    const written = [...this.writes.values()].filter((records) => records !== null && records.name === name);
    return [...kept, ...(written as RecordSet[])];
  }

  #remove(wanted: RecordSet, same: RecordSet | undefined, label: string): void {
    if (!same) this.faults.push(`Tried to delete ${label} but it was not found`);
    else if (!isEqual(wanted, same)) {
      this.faults.push(`Tried to delete ${label} but the values provided do not match the current values`);
    } else if (wanted.name === this.#zone.name && (wanted.type === 'NS' || wanted.type === 'SOA')) {
      this.faults.push(
        wanted.type === 'SOA'
          ? 'A HostedZone must contain exactly one SOA record.'
          : 'A HostedZone must contain at least one NS record for the zone itself.',
      );
    } else {
      this.growth -= 1;
      this.writes.set(wanted.id, null);
    }
  }

  #isCompatible({ name, type }: RecordSet, existing: readonly RecordSet[]): boolean {
    const zoneName = this.#zone.name;
    const others = existing.filter((other) => other.type !== type);
    if (type === 'CNAME' && name === zoneName) {
      this.faults.push(`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zoneName}`);
    } else if (type === 'SOA' && name !== zoneName) {
      this.faults.push(
        `RRSet of type SOA with DNS name ${name} is not permitted in zone ${zoneName}: only the apex has one`,
      );
    } else if (type === 'CNAME' && others.length > 0) {
      this.faults.push(
        `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zoneName}`,
      );
    } else if (others.some((other) => other.type === 'CNAME')) {
      this.faults.push(
        `RRSet of type ${type} with DNS name ${name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zoneName}`,
      );
    } else return true;
    return false;
  }

  async #isAliasGood(wanted: RecordSet): Promise<boolean> {
    const target = wanted.aliasTarget;
    if (!target) return true;
    const tried = `Tried to create an alias that targets ${target.dnsName}, type ${wanted.type} in zone ${target.hostedZoneId}`;
    if (target.hostedZoneId === this.#zone.id) {
      if (!isWithinZone(target.dnsName, this.#zone.name)) {
        this.faults.push(`${tried}, but the alias target name does not lie within the target zone`);
        return false;
      }
      const found = (await this.#at(target.dnsName)).some((records) => records.type === wanted.type);
      if (!found) this.faults.push(`${tried}, but that target was not found`);
      return found;
    }
    const regionalZone = await this.#around.regionalZoneOf(target.dnsName);
    if (regionalZone === target.hostedZoneId) return true;
    this.faults.push(
      regionalZone === undefined
        ? `${tried}, but that target was not found`
        : `${tried}, but the alias target name does not lie within the target zone`,
    );
    return false;
  }
}

function toRecordSet(zone: HostedZone, sent: Change['ResourceRecordSet']): RecordSet {
  const name = normalizeName(sent.Name);
  return {
    id: recordSetId(zone.id, name, sent.Type),
    account: zone.account,
    region: zone.region,
    hostedZoneId: zone.id,
    name,
    type: sent.Type,
    ...present({ ttl: sent.TTL, values: sent.ResourceRecords?.map((record) => record.Value) }),
    ...(sent.AliasTarget && {
      aliasTarget: {
        hostedZoneId: bareZoneId(sent.AliasTarget.HostedZoneId),
        dnsName: normalizeName(sent.AliasTarget.DNSName),
        evaluateTargetHealth: sent.AliasTarget.EvaluateTargetHealth,
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
      records.aliasTarget?.hostedZoneId,
      records.aliasTarget?.dnsName,
      records.aliasTarget?.evaluateTargetHealth,
    ]);
  return shape(a) === shape(b);
}
