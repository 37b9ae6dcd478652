// A question → what the authoritative server says to it, from the snapshot alone (RFC 1034 4.3.2, RFC 4592). No bytes here:
// names are lower case with a trailing dot, and packet.ts writes them as they were asked.

import type { HostedZone, RecordSet } from '../model/hosted-zone.ts';
import { isWithinZone } from '../model/hosted-zone.ts';
import { zoneName } from '../protocol/dns/wire-name.ts';
import { fieldsOf } from '../protocol/record-text.ts';
import { limit } from '../settings/limits.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { ownNode, type OwnNames, type OwnNode } from './own-names.ts';
import { choose, isVarying, toRecords, type Random } from './record-choice.ts';
import { bareAnswer, type DnsAnswer, type ResourceRecord } from './resource-record.ts';
import { walk, type RecordSetsByType, type WalkEnd } from './zone-walk.ts';

/** How many CNAMEs, or aliases, are followed inside the served zones. */
const CHASE_MAX = limit('aliasChainMax');
/** The types whose data lead to a name that is asked next, and where in the data it stands. */
const TARGET_FIELDS: ReadonlyMap<string, number> = new Map(Object.entries({ NS: 0, MX: 1, SRV: 3, SVCB: 1, HTTPS: 1 }));
const ADDRESS_TYPES = ['A', 'AAAA'] as const;
const SERVICE_TYPES: readonly string[] = ['SVCB', 'HTTPS'];
const REFUSED = bareAnswer('REFUSED');

/** What all steps of one answer have at hand. */
interface Asking {
  readonly snapshot: Snapshot;
  readonly own: OwnNames;
  readonly random: Random;
  /** True while the addresses of a target are looked for. */
  readonly isForAddresses: boolean;
  readonly varying: { isSeen: boolean };
}

/** The answer to one name, and the zone that it comes from: of targets elsewhere no addresses are told. */
interface Step extends DnsAnswer {
  readonly zoneName: string;
}

export function answerQuestion(
  snapshot: Snapshot,
  own: OwnNames,
  name: string,
  type: string,
  random: Random = Math.random,
): DnsAnswer {
  const asking: Asking = { snapshot, own, random, isForAddresses: false, varying: { isSeen: false } };
  const first = answerName(asking, name, type);
  const alias = cnameOf(first, type);
  return alias ? chase(asking, name, type, { step: first, alias }) : finish(asking, first, first.answers, false);
}

/** The CNAME of a step that another step must follow. */
function cnameOf({ answers }: Step, type: string): ResourceRecord | undefined {
  return type === 'CNAME' || type === 'ANY' ? undefined : answers.find((record) => record.type === 'CNAME');
}

/** Follows CNAMEs as far as the served zones go; the answer holds each step. */
function chase(
  asking: Asking,
  name: string,
  type: string,
  { step: first, alias: firstAlias }: { readonly step: Step; readonly alias: ResourceRecord },
): DnsAnswer {
  const answers = [...first.answers];
  const owners = new Set([name]);
  let owner = zoneName(firstAlias.value);
  for (let hops = 1; hops <= CHASE_MAX && !owners.has(owner); hops += 1) {
    owners.add(owner);
    const step = answerName(asking, owner, type);
    // Behind a CNAME a name that we do not serve is simply not ours to follow.
    if (step.code === 'REFUSED') break;
    answers.push(...step.answers);
    const alias = cnameOf(step, type);
    if (!alias) return finish(asking, step, answers, true);
    owner = zoneName(alias.value);
  }
  return { ...bareAnswer('NOERROR', true), answers, isVarying: asking.varying.isSeen };
}

function finish(asking: Asking, step: Step, answers: readonly ResourceRecord[], isChased: boolean): DnsAnswer {
  const { code, authorities, glue, zoneName: from } = step;
  const targets = targetRecords(asking, from, step.answers);
  const additionals = targets.length === 0 ? step.additionals : [...step.additionals, ...targets];
  const isAuthoritative = step.isAuthoritative || isChased;
  return { code, isAuthoritative, answers, authorities, glue, additionals, isVarying: asking.varying.isSeen };
}

function answerName(asking: Asking, name: string, type: string, aliases = 0): Step {
  const node = ownNode(asking.snapshot, asking.own, name);
  if (node) return answerOwn(node, type);
  const zone = zoneOf(asking.snapshot, name, type);
  if (!zone) return { ...REFUSED, zoneName: name };
  const end = walk(asking.snapshot.zones, zone, name, type);
  if (end.kind === 'cut') return refer(asking, zone, end);
  if (end.kind === 'missing') return negative(asking, zone, 'NXDOMAIN');
  const sets = setsOfType(end.records, type);
  if (sets && isVarying(sets)) asking.varying.isSeen = true;
  const chosen = sets ? choose(sets, asking.random) : [];
  const records = chosen[0]?.aliasTarget
    ? aliased(asking, chosen[0], name, aliases)
    : toRecords(chosen, name, asking.random);
  // Aliases that lead to each other are a mistake of the zone, not a name that does not exist.
  if (records === 'endless') return { ...bareAnswer('SERVFAIL', true), zoneName: zone.name };
  if (records.length === 0) return negative(asking, zone, 'NOERROR');
  return { ...bareAnswer('NOERROR', true), answers: records, zoneName: zone.name };
}

function answerOwn({ zone, records, exists, soa }: OwnNode, type: string): Step {
  const [first] = records;
  const wanted = type === 'ANY' ? first?.type : type;
  const answers = records.filter((record) => record.type === wanted);
  const authorities = answers.length > 0 ? [] : [soa];
  return { ...bareAnswer(exists ? 'NOERROR' : 'NXDOMAIN', true), answers, authorities, zoneName: zone };
}

/** The deepest served zone above the name; of what only the parent of a zone can say, the parent's (RFC 4035 3.1.4.1). */
function zoneOf({ zones }: Snapshot, name: string, type: string): HostedZone | undefined {
  const zone = zones.zoneFor(name);
  if (type !== 'DS' || zone?.name !== name) return zone;
  return zones.zoneFor(name.slice(name.indexOf('.') + 1)) ?? zone;
}

/** RFC 8482: one record set is answer enough to ANY. */
function setsOfType(node: RecordSetsByType, type: string): readonly RecordSet[] | undefined {
  const alias = node.get('CNAME');
  return alias ?? (type === 'ANY' ? node.values().next().value : node.get(type));
}

/** An alias answers with its target's records under its own name; no CNAME is seen. */
function aliased(asking: Asking, { aliasTarget, type }: RecordSet, name: string, aliases: number) {
  if (aliases === CHASE_MAX) return 'endless' as const;
  const target = answerName(asking, zoneName(aliasTarget!.dnsName), type, aliases + 1);
  if (target.code === 'SERVFAIL') return 'endless' as const;
  return target.answers.filter((record) => record.type === type).map((record) => ({ ...record, name }));
}

/** With the SOA of the zone, which lives no longer than the zone's minimum says (RFC 2308 3). */
function negative({ snapshot, random }: Asking, { id, name }: HostedZone, code: 'NOERROR' | 'NXDOMAIN'): Step {
  const soa = toRecords(snapshot.zones.recordsAt(id, name)?.get('SOA') ?? [], name, random);
  const authorities = soa.map((record) => ({
    ...record,
    ttl: Math.min(record.ttl, Number(fieldsOf(record.value).at(-1))),
  }));
  return { ...bareAnswer(code, true), authorities, zoneName: name };
}

/** A name at or below a delegation is answered with the delegation, and with the addresses of its servers that this zone has. */
function refer(asking: Asking, zone: HostedZone, { cut, servers }: Extract<WalkEnd, { kind: 'cut' }>): Step {
  const authorities = toRecords(servers, cut, asking.random);
  const glue: ResourceRecord[] = [];
  const additionals: ResourceRecord[] = [];
  // Whoever looks for addresses has no use for a referral, and must not be led from one to the next.
  for (const { value } of asking.isForAddresses ? [] : authorities) {
    const server = zoneName(value);
    if (!isWithinZone(server, zone.name)) continue;
    const node = asking.snapshot.zones.recordsAt(zone.id, server);
    const kept = ADDRESS_TYPES.flatMap((type) => toRecords(plainSets(node?.get(type)), server, asking.random));
    const addresses = kept.length > 0 ? kept : recordsOf(asking, server, ADDRESS_TYPES);
    // Without these nobody finds the servers; those of others can be asked for (RFC 9471 2.1).
    (isWithinZone(server, cut) ? glue : additionals).push(...addresses);
  }
  return { ...bareAnswer('NOERROR'), authorities, glue, additionals, zoneName: zone.name };
}

/** Below a delegation an alias is followed to nowhere. */
function plainSets(sets: readonly RecordSet[] = []): readonly RecordSet[] {
  return sets.filter((set) => !set.aliasTarget);
}

/** What a client would ask next of the names that records lead to: addresses, and of a service its own records (RFC 9460 4.1). */
function targetRecords(asking: Asking, from: string, records: readonly ResourceRecord[]): ResourceRecord[] {
  const type = records[0]?.type ?? '';
  const field = TARGET_FIELDS.get(type);
  if (field === undefined) return [];
  const targets = records.map(({ value, name }) => {
    const target = fieldsOf(value)[field] ?? '.';
    // The target of a service may be the name itself (RFC 9460 2.5.2).
    return target === '.' ? name : zoneName(target);
  });
  const asked = new Set(records.map(({ name }) => name));
  const within = [...new Set(targets)].filter((target) => isWithinZone(target, from));
  return within.flatMap((target) => {
    const isService = SERVICE_TYPES.includes(type) && !asked.has(target);
    return recordsOf(asking, target, isService ? [...ADDRESS_TYPES, type] : ADDRESS_TYPES);
  });
}

/** What is said of a name with authority. */
function recordsOf(asking: Asking, name: string, types: readonly string[]): ResourceRecord[] {
  const looking: Asking = { ...asking, isForAddresses: true };
  return types.flatMap((type) => answerName(looking, name, type).answers.filter((record) => record.type === type));
}
