// The way from the apex of a served zone down to a name (RFC 1034 4.3.2, RFC 4592): it ends at the name itself, at a delegation above
// it, or at the last name that exists, below which only a wildcard can answer.

import type { HostedZone, RecordSet } from '../model/hosted-zone.ts';
import type { ZoneTable } from '../snapshot/zone-table.ts';

export type RecordSetsByType = ReadonlyMap<string, readonly RecordSet[]>;

export type WalkEnd =
  /** `records` are those of the name, or of the wildcard that covers it; none at all when it only has names below it. */
  | { readonly kind: 'node'; readonly records: RecordSetsByType }
  | { readonly kind: 'cut'; readonly cut: string; readonly servers: readonly RecordSet[] }
  | { readonly kind: 'missing' };

const NOTHING: RecordSetsByType = new Map();
const MISSING: WalkEnd = { kind: 'missing' };

/** Every name lower case with a trailing dot; the zone's own or one below it. What a delegation itself says (DS) is its parent's. */
export function walk(zones: ZoneTable, zone: HostedZone, name: string, type: string): WalkEnd {
  let start = name.length - zone.name.length;
  if (start === 0) return { kind: 'node', records: zones.recordsAt(zone.id, name) ?? NOTHING };
  for (;;) {
    const encloser = start;
    start = start < 2 ? 0 : name.lastIndexOf('.', start - 2) + 1;
    const candidate = name.slice(start);
    const records = zones.recordsAt(zone.id, candidate);
    const servers = records?.get('NS');
    if (servers && !(start === 0 && type === 'DS')) return { kind: 'cut', cut: candidate, servers };
    if (!records && !zones.hasNamesBelow(zone.id, candidate)) return covered(zones, zone, name.slice(encloser));
    if (start === 0) return { kind: 'node', records: records ?? NOTHING };
  }
}

/** A wildcard that only has names below it exists without records, and so does what it covers (RFC 4592 4.4). */
function covered(zones: ZoneTable, zone: HostedZone, encloser: string): WalkEnd {
  const wildcard = `*.${encloser}`;
  const records = zones.recordsAt(zone.id, wildcard);
  if (!records && !zones.hasNamesBelow(zone.id, wildcard)) return MISSING;
  return { kind: 'node', records: records ?? NOTHING };
}
