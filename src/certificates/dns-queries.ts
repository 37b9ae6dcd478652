// DNS questions over the network, to the servers that are chosen for a name, each bounded in time; and the words for an answer that
// is none. What an answer means is for the callers to say.

import { promises as dns, type CaaRecord } from 'node:dns';
import { realClock, type Clock } from '../ambient/clock.ts';

export interface OwnZone {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  readonly nameServers: readonly string[];
  readonly isServed: boolean;
  /** Why it is served, or not, in words. */
  readonly reason: string;
  /** Where the zone's own CNAME at the asked name leads, when it has one. */
  readonly cname: string | undefined;
}

/**
 * Who is asked about a name, and what our own zones say of it. Names are in lower case with a trailing dot.
 * @port validation-servers
 */
export interface ValidationServers {
  /** Our own server when it serves the name's zone and own zones count, else the configured resolver; empty for the system's. */
  serversFor(name: string): readonly string[];
  /** The hosted zones at or above a name, the deepest first, whoever's they are and whether they are served or not. */
  zonesAbove(name: string): readonly OwnZone[];
}

/** An answer of one record type, or the resolver's code in place of it. */
export type Answer<T> = { readonly values: readonly T[] } | { readonly code: string };

export interface DnsQueries {
  /** Whom it asks, as text. */
  readonly server: string;
  cname(name: string): Promise<Answer<string>>;
  txt(name: string): Promise<Answer<string>>;
  ns(name: string): Promise<Answer<string>>;
  caa(name: string): Promise<Answer<CaaRecord>>;
  /** IPv4 and IPv6 together; a code only when there is neither. */
  addresses(name: string): Promise<Answer<string>>;
}

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name (NXDOMAIN)',
  EREFUSED: 'the server refused to answer: it serves no zone of this name',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  ETIMEOUT: 'no answer in time',
  ECONNREFUSED: 'no server answers there',
};

/** What a code means of a record type. */
export function wordsOf(code: string, type: string): string {
  return code === 'ENODATA' ? `the name has no ${type} record` : (WORDS[code] ?? code);
}

/** True when the answer says for certain that there is no such record. */
export function isAbsent<T>(answer: Answer<T>): boolean {
  return 'values' in answer ? answer.values.length === 0 : answer.code === 'ENOTFOUND' || answer.code === 'ENODATA';
}

/** Without the dot at the end, in lower case. */
export function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** How long one resolver is asked by all: a change of the system's servers is seen after that. */
const RESOLVER_KEPT_MS = 30_000;
const RESOLVERS_MAX = 16;

/**
 * Gives what asks the servers, the same one to whoever wants it at about the same time: a resolver holds sockets and native memory,
 * and there may be thousands of names to look at.
 */
export function createDnsAsker(clock: Clock = realClock): (servers: readonly string[]) => DnsQueries {
  const kept = new Map<string, { readonly queries: DnsQueries; readonly untilMs: number }>();
  return (servers) => {
    const key = servers.join(' ');
    const found = kept.get(key);
    if (found && clock.now() < found.untilMs) return found.queries;
    if (kept.size >= RESOLVERS_MAX) kept.clear();
    const queries = createDnsQueries(servers);
    kept.set(key, { queries, untilMs: clock.now() + RESOLVER_KEPT_MS });
    return queries;
  };
}

export function createDnsQueries(servers: readonly string[]): DnsQueries {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  if (servers.length > 0) resolver.setServers(servers);
  const answer = async <T>(asking: Promise<readonly T[]>): Promise<Answer<T>> => {
    try {
      return { values: await asking };
    } catch (error) {
      return { code: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
    }
  };
  return {
    server: resolver.getServers().join(', '),
    cname: (name) => answer(resolver.resolveCname(bare(name))),
    txt: async (name) => {
      const found = await answer(resolver.resolveTxt(bare(name)));
      return 'code' in found ? found : { values: found.values.map((parts) => parts.join('')) };
    },
    ns: (name) => answer(resolver.resolveNs(bare(name))),
    caa: (name) => answer(resolver.resolveCaa(bare(name))),
    async addresses(name) {
      const [fours, sixes] = await Promise.all([
        answer(resolver.resolve4(bare(name))),
        answer(resolver.resolve6(bare(name))),
      ]);
      const values = [fours, sixes].flatMap((found) => ('values' in found ? found.values : []));
      return values.length === 0 && 'code' in fours ? fours : { values };
    },
  };
}
