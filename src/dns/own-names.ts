// The server's own names under the endpoint suffix, which are in no hosted zone: Regional names, default endpoints, name servers and the
// host of approval links, which resolve to the public addresses; the delegated names of dns-01, which say what an authority is to be
// answered (RFC 8555 8.4); and the zones that all these lie in, so that a parent can delegate them here and a resolver that walks
// down label by label (RFC 9156) arrives.

import { APPROVALS_LABEL, CHALLENGE_LABEL } from '../model/certificate.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ZoneTable } from '../snapshot/zone-table.ts';
import type { ResourceRecord } from './resource-record.ts';

export interface OwnNames {
  /** What names end in, without dots at the ends. */
  readonly suffix: string;
  /** The server's own. */
  readonly region: string;
  readonly publicAddresses: readonly string[];
}

const NEGATIVE_TTL = 60;
/** Own names are answered with this TTL, and so are aliases to them. */
const OWN_TTL = 60;
/** Name servers stay; their addresses may move. */
const SERVERS_TTL = 3_600;
const SERVER_NUMBERS = [1, 2, 3, 4] as const;
/** A challenge is looked up once and differs every time, so neither it nor its absence is worth keeping. */
const CHALLENGE_TTL = 1;

export function createOwnNames(suffix: string, region: string, publicAddresses: readonly string[]): OwnNames {
  return { suffix, region, publicAddresses };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
/** Names that only have others below them. */
const NOTHING_BUT_BELOW: readonly string[] = [];

/** What an own name has, whatever type was asked for; and the SOA to deny the rest with. */
export interface OwnNode {
  /** The own zone that the name lies in. */
  readonly zone: string;
  readonly records: readonly ResourceRecord[];
  readonly exists: boolean;
  readonly soa: ResourceRecord;
}

/**
 * The node of a name in our part of the tree, without records when it only has names below it; undefined for any other name, and for
 * those that a hosted zone serves. The tree: `ns-{1..4}.dns`, `{name}.execute-api.{region}`, `{label}.acme-challenges`; each
 * of its first labels, and the suffix, is a zone.
 */
export function ownNode(snapshot: Snapshot, own: OwnNames, name: string): OwnNode | undefined {
  const host = name.slice(0, -1);
  if (host === own.suffix) return apexNode(snapshot, own, name);
  if (!host.endsWith(`.${own.suffix}`)) return undefined;
  const labels = host
    .slice(0, -own.suffix.length - 1)
    .split('.')
    .reverse();
  const [top, ...below] = labels as [string, ...string[]];
  const zone = `${top}.${own.suffix}.`;
  if (top === CHALLENGE_LABEL) {
    return below.length === 0
      ? apexNode(snapshot, own, name)
      : challengeNode(snapshot, own, name, below.reverse().join('.'), zone);
  }
  if (top !== 'dns' && !REGION.test(top)) return otherNode(snapshot, own, name, `${own.suffix}.`);
  if (below.length === 0) return apexNode(snapshot, own, name);
  const addresses = top === 'dns' ? serverAddresses(own, below) : endpointAddresses(snapshot, own, host, below, top);
  if (addresses === 'other') return otherNode(snapshot, own, name, zone);
  const soa = soaOf(own, zone);
  if (addresses === 'nxdomain') return { zone, records: [], exists: false, soa };
  const records = addresses.map((value) => ({
    name,
    type: value.includes(':') ? 'AAAA' : 'A',
    ttl: OWN_TTL,
    value,
  }));
  return { zone, records, exists: true, soa };
}

/** The top of an own zone has what a delegation to it needs. */
function apexNode({ zones }: Snapshot, own: OwnNames, name: string): OwnNode | undefined {
  if (isTopHosted(zones, name)) return undefined;
  const soa = soaOf(own, name);
  const servers = SERVER_NUMBERS.map((number) => ({
    name,
    type: 'NS',
    ttl: SERVERS_TTL,
    value: `ns-${number}.dns.${own.suffix}.`,
  }));
  return { zone: name, records: [soa, ...servers], exists: true, soa };
}

/** True when a hosted zone begins at the top of an own zone, or one above it has records there and gives nothing away. */
function isTopHosted(zones: ZoneTable, top: string): boolean {
  const hosted = zones.zoneFor(top);
  if (!hosted) return false;
  const records = zones.recordsAt(hosted.id, top);
  return hosted.name === top || (records !== undefined && !records.has('NS'));
}

/** A name below the suffix that is none of the tree: a hosted zone's where one has it, or else nobody's. */
function otherNode({ zones }: Snapshot, own: OwnNames, name: string, zone: string): OwnNode | undefined {
  const top = `${own.suffix}.`;
  const hosted = zones.zoneFor(name);
  if (hosted && (hosted.name.length >= top.length || isTopHosted(zones, top) || reaches(zones, hosted.id, top, name))) {
    return undefined;
  }
  return { zone, records: [], exists: false, soa: soaOf(own, zone) };
}

/** True when a zone above the suffix has the name, or a name or a wildcard below the suffix that decides about it. */
function reaches(zones: ZoneTable, zoneId: string, top: string, name: string): boolean {
  if (zones.recordsAt(zoneId, top)?.has('NS')) return false;
  const between = [name, ...ancestors(name)].filter((candidate) => candidate.length > top.length);
  return [...between, `*.${top}`].some(
    (candidate) => zones.recordsAt(zoneId, candidate) !== undefined || zones.hasNamesBelow(zoneId, candidate),
  );
}

function soaOf({ suffix }: OwnNames, name: string, ttl = NEGATIVE_TTL): ResourceRecord {
  const value = `ns-1.dns.${suffix}. hostmaster.${suffix}. 1 7200 900 1209600 ${NEGATIVE_TTL}`;
  return { name, type: 'SOA', ttl, value };
}

/** Every value at once: an apex and its wildcard are proven under one name (RFC 8555 8.4). */
function challengeNode(snapshot: Snapshot, own: OwnNames, name: string, label: string, zone: string): OwnNode {
  const records = snapshot
    .challenges('dns-01', label)
    .map(({ value }) => ({ name, type: 'TXT', ttl: CHALLENGE_TTL, value: `"${value}"` }));
  return { zone, records, exists: records.length > 0, soa: soaOf(own, zone, CHALLENGE_TTL) };
}

type Addresses = readonly string[] | 'nxdomain' | 'other';

/** `below` is what stands below `dns`, the nearest label first. */
function serverAddresses({ publicAddresses }: OwnNames, below: readonly string[]): Addresses {
  return below.length === 1 && /^ns-[1-4]$/.test(below[0]!) ? publicAddresses : 'nxdomain';
}

function endpointAddresses(
  snapshot: Snapshot,
  own: OwnNames,
  host: string,
  below: readonly string[],
  region: string,
): Addresses {
  const [service, label] = below;
  if (service !== 'execute-api') return 'other';
  if (label === undefined) return NOTHING_BUT_BELOW;
  return below.length === 2 ? addressesOfLabel(snapshot, own, host, label, region) : 'nxdomain';
}

/** A Regional name, the default endpoint of an API of that region, or the host of approval links. */
function addressesOfLabel(snapshot: Snapshot, own: OwnNames, host: string, label: string, region: string): Addresses {
  if (label === APPROVALS_LABEL && region === own.region) return own.publicAddresses;
  const api = snapshot.api(label);
  const isDualstack =
    snapshot.domainOfRegionalName(host)?.isDualstack ?? (api?.region === region ? api.isDualstack : undefined);
  if (isDualstack === undefined) return 'nxdomain';
  return isDualstack ? own.publicAddresses : own.publicAddresses.filter((address) => !address.includes(':'));
}
