// The server's own names: Regional names, default endpoints and name servers under the endpoint suffix. They are in no zone;
// they resolve to the public addresses.

import type { Snapshot } from '../snapshot/snapshot.ts';
import type { ResourceRecord } from './resource-record.ts';

export interface OwnNames {
  /** What names end in, without dots at the ends. */
  readonly suffix: string;
  readonly publicAddresses: readonly string[];
  /** Stands in the authority section of negative answers about own names. */
  readonly soa: ResourceRecord;
}

const NEGATIVE_TTL = 60;

export function createOwnNames(suffix: string, publicAddresses: readonly string[]): OwnNames {
  const value = `ns-1.dns.${suffix}. hostmaster.${suffix}. 1 7200 900 1209600 ${NEGATIVE_TTL}`;
  return { suffix, publicAddresses, soa: { name: `${suffix}.`, type: 'SOA', ttl: NEGATIVE_TTL, value } };
}

/** The addresses of an own name; 'nxdomain' for one in our part of the tree that does not exist; undefined for any other. */
export function ownAddresses(
  snapshot: Snapshot,
  own: OwnNames,
  name: string,
): readonly string[] | 'nxdomain' | undefined {
  const host = name.slice(0, -1);
  if (!host.endsWith(`.${own.suffix}`)) return undefined;
  const labels = host.slice(0, -own.suffix.length - 1).split('.');
  const ipv4 = own.publicAddresses.filter((address) => !address.includes(':'));
  if (labels.at(-1) === 'dns')
    return labels.length === 2 && /^ns-[1-4]$/.test(labels[0]!) ? own.publicAddresses : 'nxdomain';
  const isExecuteApi = labels.at(-2) === 'execute-api' && labels.length === 3;
  if (!isExecuteApi) return undefined;
  const regional = snapshot.regionalName(host);
  if (regional) return regional.isDualstack ? own.publicAddresses : ipv4;
  const api = snapshot.api(labels[0]!);
  return api && api.region === labels[2] ? ipv4 : 'nxdomain';
}
