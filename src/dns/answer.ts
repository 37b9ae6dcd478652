// A question → what the authoritative server says to it, from the snapshot alone (RFC 1034 4.3.2, RFC 4592). No bytes here:
// names are lower case with a trailing dot, and server.ts writes them as they were asked.

import type { RecordSet } from '../model/hosted-zone.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { ownNode, type OwnNames } from './own-names.ts';
import type { ResourceRecord } from './resource-record.ts';

export type ResponseCode = 'NOERROR' | 'SERVFAIL' | 'NXDOMAIN' | 'REFUSED';

export interface DnsAnswer {
  readonly code: ResponseCode;
  readonly isAuthoritative: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** How many CNAMEs, or aliases, are followed inside the served zones. */
const CHASE_MAX = 8;
const REFUSED: DnsAnswer = { code: 'REFUSED', isAuthoritative: false, answers: [], authorities: [], additionals: [] };

export function answerQuestion(snapshot: Snapshot, own: OwnNames, name: string, type: string): DnsAnswer {
  const answers: ResourceRecord[] = [];
  const owners = new Set<string>();
  let owner = name;
  for (let hops = 0; hops <= CHASE_MAX && !owners.has(owner); hops += 1) {
    owners.add(owner);
    const step = answerName(snapshot, own, owner, type);
    answers.push(...step.answers);
    const alias = step.answers.find((record) => record.type === 'CNAME');
    const isChased = alias !== undefined && type !== 'CNAME' && type !== 'ANY';
    if (!isChased) {
      // Behind a CNAME a name that we do not serve is simply not ours to follow.
      if (hops > 0 && step.code === 'REFUSED') break;
      return { ...step, isAuthoritative: step.isAuthoritative || hops > 0, answers };
    }
    owner = `${alias.value.toLowerCase().replace(/\.$/, '')}.`;
  }
  return { code: 'NOERROR', isAuthoritative: true, answers, authorities: [], additionals: [] };
}

function answerName(snapshot: Snapshot, own: OwnNames, name: string, type: string, aliases = 0): DnsAnswer {
  const node = ownNode(snapshot, own, name);
  if (node) {
    const records = node.records.filter((record) => type === record.type || type === 'ANY');
    return authoritative(node.exists ? 'NOERROR' : 'NXDOMAIN', records, records.length > 0 ? [] : [node.soa]);
  }
  const zone = snapshot.zones.zoneFor(name);
  if (!zone) return REFUSED;
  const referral = referralFor(snapshot, zone.id, zone.name, name);
  if (referral) return referral;
  const soa = denialOf(snapshot.zones.recordsAt(zone.id, zone.name)?.get('SOA')?.[0], zone.name);
  const found = nodeFor(snapshot, zone.id, zone.name, name);
  if (found === 'nxdomain') return authoritative('NXDOMAIN', [], soa);
  const wanted = recordSetOfType(found, type);
  if (wanted?.aliasTarget) {
    // Aliases that lead to each other are a mistake of the zone, not a name that does not exist.
    if (aliases === CHASE_MAX) return authoritative('SERVFAIL', [], []);
    const target = answerName(snapshot, own, wanted.aliasTarget.dnsName, wanted.type, aliases + 1);
    if (target.code === 'SERVFAIL') return target;
    const aliased = aliasRecords(target, wanted.type, name);
    return authoritative('NOERROR', aliased, aliased.length > 0 ? [] : soa);
  }
  const records = toRecords(wanted, name);
  return authoritative('NOERROR', records, records.length > 0 ? [] : soa);
}

function authoritative(
  code: ResponseCode,
  answers: readonly ResourceRecord[],
  authorities: readonly ResourceRecord[],
): DnsAnswer {
  return { code, isAuthoritative: true, answers, authorities, additionals: [] };
}

/** The record sets that answer for a name: its own, those of the wildcard at the closest encloser, or none (a name that only has names below). */
function nodeFor(
  snapshot: Snapshot,
  zoneId: string,
  zoneName: string,
  name: string,
): ReadonlyMap<string, readonly RecordSet[]> | 'nxdomain' {
  const { zones } = snapshot;
  const exact = zones.recordsAt(zoneId, name);
  if (exact) return exact;
  if (zones.hasNamesBelow(zoneId, name)) return new Map();
  for (const encloser of ancestors(name)) {
    const exists = zones.recordsAt(zoneId, encloser) !== undefined || zones.hasNamesBelow(zoneId, encloser);
    if (exists || encloser === zoneName) return wildcardNode(snapshot, zoneId, `*.${encloser}`);
  }
  return 'nxdomain';
}

/** A wildcard that only has names below it exists without records, and so does what it covers (RFC 4592 4.4). */
function wildcardNode(
  snapshot: Snapshot,
  zoneId: string,
  wildcard: string,
): ReadonlyMap<string, readonly RecordSet[]> | 'nxdomain' {
  const records = snapshot.zones.recordsAt(zoneId, wildcard);
  return records ?? (snapshot.zones.hasNamesBelow(zoneId, wildcard) ? new Map() : 'nxdomain');
}

/** A name at or below a delegation is answered with the delegation. */
function referralFor(snapshot: Snapshot, zoneId: string, zoneName: string, name: string): DnsAnswer | undefined {
  const cuts = [name, ...ancestors(name)].filter((candidate) => candidate.length > zoneName.length).reverse();
  for (const cut of cuts) {
    const records = toRecords(snapshot.zones.recordsAt(zoneId, cut)?.get('NS')?.[0], cut);
    if (records.length === 0) continue;
    const glue = records.flatMap((record) => {
      const server = `${record.value.toLowerCase().replace(/\.$/, '')}.`;
      const node = snapshot.zones.recordsAt(zoneId, server);
      return ['A', 'AAAA'].flatMap((type) => toRecords(node?.get(type)?.[0], server));
    });
    return { code: 'NOERROR', isAuthoritative: false, answers: [], authorities: records, additionals: glue };
  }
  return undefined;
}

/** RFC 8482: one record set is answer enough to ANY. */
function recordSetOfType(node: ReadonlyMap<string, readonly RecordSet[]>, type: string): RecordSet | undefined {
  return (type === 'ANY' ? node.values().next().value : (node.get(type) ?? node.get('CNAME')))?.[0];
}

/** An alias answers with its target's records under its own name; no CNAME is seen. */
function aliasRecords(target: DnsAnswer, type: string, name: string): ResourceRecord[] {
  return target.answers.filter((record) => record.type === type).map((record) => ({ ...record, name }));
}

/** The SOA of a negative answer, which lives no longer than the zone's minimum says (RFC 2308 3). */
function denialOf(soa: RecordSet | undefined, zoneName: string): ResourceRecord[] {
  return toRecords(soa, zoneName).map((record) => ({
    ...record,
    ttl: Math.min(record.ttl, Number(record.value.split(/\s+/).at(-1))),
  }));
}

function toRecords(records: RecordSet | undefined, name: string): ResourceRecord[] {
  if (!records || records.aliasTarget) return [];
  return (records.values ?? []).map((value) => ({ name, type: records.type, ttl: records.ttl ?? 0, value }));
}
