// Where a name leads, by real DNS queries, as a client would ask: the CNAMEs on the way and the addresses at the end.

import type { promises as dns } from 'node:dns';
import { bare, resolverOf } from './ask-dns.ts';

export interface HostLookup {
  /** Who was asked. */
  readonly server: string;
  /** Targets of CNAMEs, in order. */
  readonly cnames: readonly string[];
  /** IPv4, then IPv6. */
  readonly addresses: readonly string[];
  /** True when the name has an SOA record of its own. Asked only where there is a CNAME, which may not be beside one, or no address. */
  readonly isApex: boolean;
  /** The resolver's code when there is no address: ENOTFOUND, ENODATA, EREFUSED, ETIMEOUT, … */
  readonly code: string | undefined;
}

const CNAMES_MAX = 5;

/** `servers` empty: the system's resolver. Never rejects. */
export async function lookUpHost(host: string, servers: readonly string[]): Promise<HostLookup> {
  const resolver = resolverOf(servers);
  const server = resolver.getServers().join(', ');
  const cnames: string[] = [];
  for (let name = host; cnames.length < CNAMES_MAX; name = cnames.at(-1)!) {
    const [target] = await resolver.resolveCname(name).catch(() => []);
    if (target === undefined) break;
    cnames.push(bare(target));
  }
  let code: string | undefined;
  const fail = (error: NodeJS.ErrnoException): string[] => {
    code ??= error.code ?? error.message;
    return [];
  };
  const [fours, sixes] = await Promise.all([
    resolver.resolve4(host).catch(fail),
    resolver.resolve6(host).catch(() => []),
  ]);
  const addresses = [...fours, ...sixes];
  const isApexAsked = cnames.length > 0 || code === 'ENODATA';
  const isApex = isApexAsked && (await hasOwnSoa(resolver, host, cnames));
  return { server, cnames, addresses, isApex, code: addresses.length > 0 ? undefined : code };
}

/** A resolver that follows CNAMEs may bring the SOA of a target; that one is not the name's own. */
async function hasOwnSoa(resolver: dns.Resolver, host: string, targets: readonly string[]): Promise<boolean> {
  const soaOf = async (name: string) => {
    const soa = await resolver.resolveSoa(name).catch(() => undefined);
    return soa && `${soa.nsname} ${soa.hostmaster} ${soa.serial}`;
  };
  const [own, ...followed] = await Promise.all([host, ...targets].map(soaOf));
  return own !== undefined && !followed.includes(own);
}
