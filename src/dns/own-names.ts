// The server's own names under the endpoint suffix, which are in no zone: Regional names, default endpoints, name servers and the host
// of approval links, which resolve to the public addresses; and the delegated names of dns-01, which say what an authority is to be
// answered (RFC 8555 8.4).

import { APPROVALS_LABEL, CHALLENGE_LABEL } from '../model/certificate.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ResourceRecord } from './resource-record.ts';

export interface OwnNames {
  /** What names end in, without dots at the ends. */
  readonly suffix: string;
  /** The server's own. */
  readonly region: string;
  readonly publicAddresses: readonly string[];
  /** Stands in the authority section of negative answers about own names. */
  readonly soa: ResourceRecord;
}

const NEGATIVE_TTL = 60;
/** Own names are answered with this TTL, and so are aliases to them. */
const OWN_TTL = 60;
/** A challenge is looked up once and differs every time, so neither it nor its absence is worth keeping. */
const CHALLENGE_TTL = 1;

export function createOwnNames(suffix: string, region: string, publicAddresses: readonly string[]): OwnNames {
  const value = `ns-1.dns.${suffix}. hostmaster.${suffix}. 1 7200 900 1209600 ${NEGATIVE_TTL}`;
  return { suffix, region, publicAddresses, soa: { name: `${suffix}.`, type: 'SOA', ttl: NEGATIVE_TTL, value } };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
/** Names that only have others below them. */
const NOTHING_BUT_BELOW: readonly string[] = [];

/** What an own name has, whatever type was asked for; and the SOA to deny the rest with. */
export interface OwnNode {
  readonly records: readonly ResourceRecord[];
  readonly exists: boolean;
  readonly soa: ResourceRecord;
}

/**
 * The node of a name in our part of the tree, without records when it only has names below it; undefined for any other name. The
 * tree: `ns-{1..4}.dns`, `{name}.execute-api.{region}`, `{label}.acme-challenges`.
 */
export function ownNode(snapshot: Snapshot, own: OwnNames, name: string): OwnNode | undefined {
  const challenge = `.${CHALLENGE_LABEL}.${own.suffix}.`;
  if (name === challenge.slice(1) || name.endsWith(challenge)) return challengeNode(snapshot, own, name, challenge);
  const addresses = ownAddresses(snapshot, own, name);
  if (addresses === undefined) return undefined;
  if (addresses === 'nxdomain') return { records: [], exists: false, soa: own.soa };
  const records = addresses.map((value) => ({
    name,
    type: value.includes(':') ? 'AAAA' : 'A',
    ttl: OWN_TTL,
    value,
  }));
  return { records, exists: true, soa: own.soa };
}

/** Every value at once: an apex and its wildcard are proven under one name (RFC 8555 8.4). */
function challengeNode(snapshot: Snapshot, own: OwnNames, name: string, challenge: string): OwnNode {
  const label = name.slice(0, -challenge.length);
  const records = snapshot
    .challenges('dns-01', label)
    .map(({ value }) => ({ name, type: 'TXT', ttl: CHALLENGE_TTL, value: `"${value}"` }));
  return { records, exists: label === '' || records.length > 0, soa: { ...own.soa, ttl: CHALLENGE_TTL } };
}

function ownAddresses(snapshot: Snapshot, own: OwnNames, name: string): readonly string[] | 'nxdomain' | undefined {
  const host = name.slice(0, -1);
  if (!host.endsWith(`.${own.suffix}`)) return undefined;
  const [top, ...below] = host
    .slice(0, -own.suffix.length - 1)
    .split('.')
    .reverse() as [string, ...string[]];
  if (top === 'dns') {
    if (below.length === 0) return NOTHING_BUT_BELOW;
    return below.length === 1 && /^ns-[1-4]$/.test(below[0]!) ? own.publicAddresses : 'nxdomain';
  }
  if (!REGION.test(top)) return undefined;
  if (below.length === 0) return NOTHING_BUT_BELOW;
  if (below[0] !== 'execute-api') return undefined;
  if (below.length === 1) return NOTHING_BUT_BELOW;
  return below.length === 2 ? endpointAddresses(snapshot, own, host, below[1]!, top) : 'nxdomain';
}

/** A Regional name, the default endpoint of an API of that region, or the host of approval links. */
function endpointAddresses(
  snapshot: Snapshot,
  own: OwnNames,
  host: string,
  label: string,
  region: string,
): readonly string[] | 'nxdomain' {
  if (label === APPROVALS_LABEL && region === own.region) return own.publicAddresses;
  const api = snapshot.api(label);
  const isDualstack =
    snapshot.domainOfRegionalName(host)?.isDualstack ?? (api?.region === region ? api.isDualstack : undefined);
  if (isDualstack === undefined) return 'nxdomain';
  return isDualstack ? own.publicAddresses : own.publicAddresses.filter((address) => !address.includes(':'));
}
