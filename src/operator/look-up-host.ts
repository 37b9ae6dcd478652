// Where a name leads, by real DNS queries, as a client would ask: the CNAMEs on the way and the addresses at the end.

import { promises as dns } from 'node:dns';

export interface HostLookup {
  /** Who was asked. */
  readonly server: string;
  /** Targets of CNAMEs, in order. */
  readonly cnames: readonly string[];
  readonly addresses: readonly string[];
  /** The resolver's code when there is no address: ENOTFOUND, ENODATA, EREFUSED, ETIMEOUT, … */
  readonly code: string | undefined;
}

const QUERY_TIMEOUT_MS = 2_000;
const CNAMES_MAX = 5;

/** `servers` empty: the system's resolver. Never rejects. */
export async function lookUpHost(host: string, servers: readonly string[]): Promise<HostLookup> {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  const server = resolver.getServers().join(', ');
  const cnames: string[] = [];
  for (let name = host; cnames.length < CNAMES_MAX; name = cnames.at(-1)!) {
    const [target] = await resolver.resolveCname(name).catch(() => []);
    if (target === undefined) break;
    cnames.push(target.toLowerCase().replace(/\.$/, ''));
  }
  let code: string | undefined;
  const fail = (error: NodeJS.ErrnoException): string[] => {
    code ??= error.code ?? error.message;
    return [];
  };
  const addresses = [
    ...(await resolver.resolve4(host).catch(fail)),
    ...(await resolver.resolve6(host).catch(() => [])),
  ];
  return { server, cnames, addresses, code: addresses.length > 0 ? undefined : code };
}
