// The zones of the snapshot: records by name, and which zone answers for a name. Changed only from Snapshot.apply, in one turn.

import type { HostedZone, RecordSet } from '../model/hosted-zone.ts';
import { NameTree } from './name-tree.ts';
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
  readonly #zoneNames = new NameTree();
  readonly #servingById = new Map<string, Serving>();
  readonly #servedByName = new Map<string, HostedZone>();
  /** Names at and below which it must be decided again who is served. */
  readonly #undecided = new Set<string>();
  readonly #reserved: string | undefined;

  /** `reserved`: the name at and below which zones are not served by themselves. */
  constructor(reserved?: string) {
    this.#reserved = reserved;
  }

  /** The served zone that is authoritative for a name (lower case, trailing dot): the deepest one at or above it. */
  zoneFor(name: string): HostedZone | undefined {
    let start = 0;
    do {
      const zone = this.#servedByName.get(start === 0 ? name : name.slice(start));
      if (zone) return zone;
      start = name.indexOf('.', start) + 1;
    } while (start > 0 && start < name.length);
    return undefined;
  }

  /** Every zone of a name, served or not. */
  zonesNamed(name: string): HostedZone[] {
    return [...(this.#idsByName.get(name) ?? [])].flatMap((id) => this.#zones.get(id)?.zone ?? []);
  }

  /** Every served zone by its name, as it is at this moment. */
  servedZones(): ReadonlyMap<string, HostedZone> {
    return this.#servedByName;
  }

  servingOf(zoneId: string): Serving | undefined {
    return this.#servingById.get(zoneId);
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
    if (entry) {
      // A change of records rewrites the zone's count; that changes nothing about who is served. The operator's decision does.
      if (entry.zone.chosenAtMs !== zone.chosenAtMs) this.#undecided.add(zone.name);
      entry.zone = zone;
      if (this.#servedByName.get(zone.name)?.id === zone.id) this.#servedByName.set(zone.name, zone);
      return;
    }
    this.#zones.set(zone.id, { zone, names: new Map(), below: new Map() });
    this.#idsByName.set(zone.name, new Set([...(this.#idsByName.get(zone.name) ?? []), zone.id]));
    this.#zoneNames.put(zone.name);
    this.#undecided.add(zone.name);
  }

  removeZone(zoneId: string): void {
    const entry = this.#zones.get(zoneId);
    if (!entry) return;
    const { zone } = entry;
    this.#zones.delete(zoneId);
    for (const types of entry.names.values()) {
      for (const sets of types.values()) for (const { id } of sets) this.#recordSets.delete(id);
    }
    const others = this.zonesNamed(zone.name).map(({ id }) => id);
    if (others.length > 0) this.#idsByName.set(zone.name, new Set(others));
    else {
      this.#idsByName.delete(zone.name);
      this.#zoneNames.remove(zone.name);
    }
    this.#servingById.delete(zoneId);
    this.#undecided.add(zone.name);
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
    if (isDelegation(entry.zone, records)) this.#undecided.add(records.name);
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
    if (isDelegation(entry.zone, records)) this.#undecided.add(records.name);
  }

  #count(entry: ZoneEntry, name: string, step: number): void {
    for (const ancestor of ancestors(name)) {
      entry.below.set(ancestor, (entry.below.get(ancestor) ?? 0) + step);
      if (ancestor === entry.zone.name) break;
    }
  }

  /** Decides again who is served, where something changed that bears on it. Called once at the end of each turn. */
  settle(): void {
    const tops = [...this.#undecided].filter((name) => !ancestors(name).some((above) => this.#undecided.has(above)));
    // The last zone of a name may be gone, and then nobody comes past it again.
    for (const name of this.#undecided) this.#servedByName.delete(name);
    this.#undecided.clear();
    for (const top of tops) this.#decideWithin(top);
  }

  #decideWithin(top: string): void {
    const names = [...this.#zoneNames.within(top)];
    const zones = names.flatMap((name) => this.zonesNamed(name));
    for (const name of names) this.#servedByName.delete(name);
    const { byZone, byName } = decideServing(zones, {
      delegates: (zoneId, name) => this.recordsAt(zoneId, name)?.has('NS') ?? false,
      servedAbove: (name) => this.#servedByName.get(name),
      reserved: this.#reserved,
    });
    for (const [id, serving] of byZone) this.#servingById.set(id, serving);
    for (const [name, zone] of byName) this.#servedByName.set(name, zone);
  }
}

/** The NS records of a zone's own name delegate nothing. */
function isDelegation(zone: HostedZone, { type, name }: RecordSet): boolean {
  return type === 'NS' && name !== zone.name;
}
