// Is a name proven? Asks DNS for its validation CNAME, over the network, and tells what was asked, where, and what came back.

import { promises as dns } from 'node:dns';
import type { DomainValidation } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';

export interface Lookup {
  readonly isProven: boolean;
  readonly lookedUp: string;
  readonly server: string;
  /** What came back, in words. */
  readonly found: string;
}

/**
 * Who is asked about a name: our own server when it serves the name's zone and own zones count, else the configured resolver.
 * @port validation-servers
 */
export interface ValidationServers {
  /** Addresses as `node:dns` takes them; empty for the system's resolver. */
  serversFor(name: string): readonly string[];
}

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name (NXDOMAIN)',
  ENODATA: 'the name has no CNAME record',
  EREFUSED: 'the server refused to answer: it serves no zone of this name',
  ESERVFAIL: 'the server failed (SERVFAIL)',
  ETIMEOUT: 'no answer in time',
  ECONNREFUSED: 'no server answers there',
};

export async function validateName(validation: DomainValidation, servers: ValidationServers): Promise<Lookup> {
  const resolver = new dns.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
  const chosen = servers.serversFor(validation.recordName);
  if (chosen.length > 0) resolver.setServers(chosen);
  const server = resolver.getServers().join(', ');
  const lookedUp = `${validation.recordName} CNAME`;
  const seen: string[] = [];
  let name = validation.recordName;
  while (seen.length < limit('cnameChainMax')) {
    let target: string | undefined;
    try {
      [target] = await resolver.resolveCname(bare(name));
    } catch (error) {
      const words = WORDS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;
      return {
        isProven: false,
        lookedUp,
        server,
        found: seen.length === 0 ? words : `${seen.join(' → ')}, which is not the expected value`,
      };
    }
    if (target === undefined) break;
    seen.push(target);
    if (isExpected(target, validation.recordValue)) return { isProven: true, lookedUp, server, found: target };
    name = target;
  }
  return { isProven: false, lookedUp, server, found: `${seen.join(' → ')}, which is not the expected value` };
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Providers that refuse it may leave out the leading underscore of the value. */
function isExpected(target: string, expected: string): boolean {
  return bare(target) === bare(expected) || bare(target) === bare(expected).slice(1);
}
