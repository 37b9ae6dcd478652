// DNS questions of the operator's pages about zones: which zone a name is in, who serves it, and how long its denials are kept. By
// real queries, each bounded in time; none rejects.

import { promises as dns } from 'node:dns';

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

/** What came back, or the resolver's code in place of it. */
export type Found = { readonly values: readonly string[] } | { readonly code: string };

/** The zone that holds a name, as the world sees it. */
export interface WorldZone {
  /** Without a dot at the end. */
  readonly zone: string;
  readonly nameServers: readonly string[];
}

/** `servers` empty: the system's resolver. */
export function resolverOf(servers: readonly string[]): dns.Resolver {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}

export async function answerOf(asking: Promise<readonly string[]>): Promise<Found> {
  try {
    return { values: (await asking).map(bare) };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

export function valuesOf(found: Found): readonly string[] {
  return 'values' in found ? found.values : [];
}

/** Without the dot at the end, in lower case. */
export function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export function nameServersOf(name: string, servers: readonly string[]): Promise<Found> {
  return answerOf(resolverOf(servers).resolveNs(bare(name)));
}

/** The deepest name at or above `host` with name servers of its own; undefined where nothing of that kind is known. */
export async function worldZoneOf(host: string, servers: readonly string[]): Promise<WorldZone | undefined> {
  const resolver = resolverOf(servers);
  const labels = bare(host).replace(/^\*\./, '').split('.');
  const candidates = labels.slice(0, -1).map((_, position) => labels.slice(position).join('.'));
  const looks = await Promise.all(
    candidates.map(async (zone) => {
      // Behind a CNAME one is told the name servers of its target.
      const [found, cname] = await Promise.all([
        answerOf(resolver.resolveNs(zone)),
        answerOf(resolver.resolveCname(zone)),
      ]);
      const nameServers = [...valuesOf(found)].sort();
      return valuesOf(cname).length > 0 || nameServers.length === 0 ? undefined : { zone, nameServers };
    }),
  );
  return looks.find((look) => look !== undefined);
}

/** For how many seconds at most a resolver keeps that a name of the zone does not exist (RFC 2308 5); undefined when it is not told. */
export async function denialSecondsOf(zone: string, servers: readonly string[]): Promise<number | undefined> {
  const soa = await resolverOf(servers)
    .resolveSoa(bare(zone))
    .catch(() => undefined);
  return soa?.minttl;
}

/** Where the zone's own name servers can be asked; those whose addresses are not known are left out. */
export async function serversOfZone(
  { nameServers }: WorldZone,
  servers: readonly string[],
): Promise<readonly string[]> {
  const resolver = resolverOf(servers);
  const found = await Promise.all(nameServers.map((name) => answerOf(resolver.resolve4(name))));
  return found.flatMap(valuesOf);
}
