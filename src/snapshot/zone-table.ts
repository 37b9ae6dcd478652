// The zones of the snapshot: records by name, and which zone answers for a name. Changed only from Snapshot.apply, in one turn.

import type { HostedZone, RecordSet } from '../model/hosted-zone.ts';
import { ancestors, decideServing, type Serving } from './served-zones.ts';

interface ZoneEntry {
  zone: HostedZone;
  readonly names: Map<string, Map<string, readonly RecordSet[]>>;
  /** How many names with records lie below a name: an empty non-terminal has some and no records of its own. */
  readonly below: Map<string, number>;
}

export class ZoneTable {
  readonly #zones = new Map<string, ZoneEntry>();
  readonly #recordSets = new Map<string, RecordSet>();
  readonly #idsByName = new Map<string, ReadonlySet<string>>();
  #serving: { byZone: ReadonlyMap<string, Serving>; byName: ReadonlyMap<string, HostedZone> } = {
    byZone: new Map(),
    byName: new Map(),
  };
  #isServingStale = false;
  readonly #reserved: string | undefined;

  /** `reserved`: the name at and below which zones are not served by themselves. */
  constructor(reserved?: string) {
    this.#reserved = reserved;
  }

  /** The served zone that is authoritative for a name (lower case, trailing dot): the deepest one at or above it. */
  zoneFor(name: string): HostedZone | undefined {
    for (const candidate of [name, ...ancestors(name)]) {
      const zone = this.#serving.byName.get(candidate);
      if (zone) return zone;
    }
    return undefined;
  }

  /** Every zone of a name, served or not. */
  zonesNamed(name: string): HostedZone[] {
    return [...(this.#idsByName.get(name) ?? [])].flatMap((id) => this.#zones.get(id)?.zone ?? []);
  }

  /** Every served zone by its name, as it is at this moment. */
  servedZones(): ReadonlyMap<string, HostedZone> {
    return this.#serving.byName;
  }

  servingOf(zoneId: string): Serving | undefined {
    return this.#serving.byZone.get(zoneId);
  }

  /** The record sets at a name by type, of each type those with set identifiers in their order; undefined when the name has none. */
  recordsAt(zoneId: string, name: string): ReadonlyMap<string, readonly RecordSet[]> | undefined {
    return this.#zones.get(zoneId)?.names.get(name);
  }

  /** True when something lies below the name, so that it exists even without records. */
  hasNamesBelow(zoneId: string, name: string): boolean {
    return (this.#zones.get(zoneId)?.below.get(name) ?? 0) > 0;
  }

  putZone(zone: HostedZone): void {
    const entry = this.#zones.get(zone.id);
    // A change of records rewrites the zone's count; that changes nothing about who is served. The operator's decision does.
    if (entry) {
      if (entry.zone.chosenAtMs !== zone.chosenAtMs) this.#isServingStale = true;
      entry.zone = zone;
    } else {
      this.#zones.set(zone.id, { zone, names: new Map(), below: new Map() });
      this.#idsByName.set(zone.name, new Set([...(this.#idsByName.get(zone.name) ?? []), zone.id]));
      this.#isServingStale = true;
    }
  }

  removeZone(zoneId: string): void {
    const zone = this.#zones.get(zoneId)?.zone;
    if (!zone) return;
    this.#zones.delete(zoneId);
    const others = this.zonesNamed(zone.name).map(({ id }) => id);
    if (others.length > 0) this.#idsByName.set(zone.name, new Set(others));
    else this.#idsByName.delete(zone.name);
    this.#isServingStale = true;
  }

  putRecordSet(records: RecordSet): void {
    this.removeRecordSet(records.id);
    const entry = this.#zones.get(records.hostedZoneId);
    if (!entry) return;
    this.#recordSets.set(records.id, records);
    let types = entry.names.get(records.name);
    if (!types) {
      entry.names.set(records.name, (types = new Map()));
      this.#count(entry, records.name, 1);
    }
    const others = types.get(records.type) ?? [];
    types.set(
      records.type,
      [...others, records].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    if (records.type === 'NS') this.#isServingStale = true;
  }

  removeRecordSet(id: string): void {
    const records = this.#recordSets.get(id);
    if (!records) return;
    this.#recordSets.delete(id);
    const entry = this.#zones.get(records.hostedZoneId);
    const types = entry?.names.get(records.name);
    if (!entry || !types) return;
    const others = types.get(records.type)?.filter((one) => one.id !== id) ?? [];
    if (others.length > 0) types.set(records.type, others);
    else types.delete(records.type);
    if (types.size === 0) {
      entry.names.delete(records.name);
      this.#count(entry, records.name, -1);
    }
    if (records.type === 'NS') this.#isServingStale = true;
  }

  #count(entry: ZoneEntry, name: string, step: number): void {
    for (const ancestor of ancestors(name)) {
      entry.below.set(ancestor, (entry.below.get(ancestor) ?? 0) + step);
      if (ancestor === entry.zone.name) break;
    }
  }

  /** Decides again who is served, when something changed that bears on it. Called once at the end of each turn. */
  settle(): void {
    if (!this.#isServingStale) return;
    this.#isServingStale = false;
    const zones = [...this.#zones.values()].map((entry) => entry.zone);
    this.#serving = decideServing(
      zones,
      (zoneId, name) => this.recordsAt(zoneId, name)?.has('NS') ?? false,
      this.#reserved,
    );
  }
}
