// Which of the record sets of one name and type are the answer this time: the only one, one of a weighted group, or up to eight
// values of a multivalue group (custom-domains 6.4).

import type { RecordSet } from '../model/hosted-zone.ts';
import type { ResourceRecord } from './resource-record.ts';

/** From 0 up to but not including 1. */
export type Random = () => number;

/** Of a multivalue group no more values are answered at once. */
const MULTIVALUES_MAX = 8;

/** True when another choice may be made the next time. */
export function isVarying(sets: readonly RecordSet[]): boolean {
  return sets.length > 1 || sets[0]?.isMultivalue === true;
}

/** One of a weighted group by weight; one of weight 0 never, unless all are. All others are answered together. */
export function choose(sets: readonly RecordSet[], random: Random): readonly RecordSet[] {
  if (sets.length === 1) return sets;
  const weighted = sets.filter((set) => set.weight !== undefined);
  if (weighted.length === 0) return sets;
  const total = weighted.reduce((sum, set) => sum + set.weight!, 0);
  if (total === 0) return [weighted[Math.floor(random() * weighted.length)]!];
  let left = random() * total;
  const chosen = weighted.find((set) => (left -= set.weight!) < 0);
  return [chosen ?? weighted.findLast((set) => set.weight! > 0)!];
}

/** The records of chosen sets under a name. Those of one answer live equally long (RFC 2181 5.2). */
export function toRecords(sets: readonly RecordSet[], name: string, random: Random): ResourceRecord[] {
  const [only] = sets;
  if (!only) return [];
  const ttl = sets.length === 1 ? (only.ttl ?? 0) : Math.min(...sets.map((set) => set.ttl ?? 0));
  const values = sets.length === 1 ? (only.values ?? []) : sets.flatMap((set) => set.values ?? []);
  const shown = only.isMultivalue ? shuffled(values, random).slice(0, MULTIVALUES_MAX) : values;
  return shown.map((value) => ({ name, type: only.type, ttl, value }));
}

function shuffled(values: readonly string[], random: Random): string[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const at = Math.floor(random() * (last + 1));
    [mixed[last], mixed[at]] = [mixed[at]!, mixed[last]!];
  }
  return mixed;
}
