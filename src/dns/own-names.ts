// The server's own names: Regional names, default endpoints, name servers and the host of approval links under the endpoint suffix.
// They are in no zone; they resolve to the public addresses.

import { APPROVALS_LABEL } from '../model/certificate.ts';
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

export function createOwnNames(suffix: string, region: string, publicAddresses: readonly string[]): OwnNames {
  const value = `ns-1.dns.${suffix}. hostmaster.${suffix}. 1 7200 900 1209600 ${NEGATIVE_TTL}`;
  return { suffix, region, publicAddresses, soa: { name: `${suffix}.`, type: 'SOA', ttl: NEGATIVE_TTL, value } };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
/** Names that only have others below them. */
const NOTHING_BUT_BELOW: readonly string[] = [];

/**
 * The addresses of an own name, none for one that only has names below it; 'nxdomain' for one in our part of the tree that does
 * not exist; undefined for any other name. The tree: `ns-{1..4}.dns`, `{name}.execute-api.{region}`.
 */
export function ownAddresses(
  snapshot: Snapshot,
  own: OwnNames,
  name: string,
): readonly string[] | 'nxdomain' | undefined {
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
