// Is a name proven by its record? Asks DNS for its validation CNAME and tells what was asked, where, and what came back
// (custom-domains 5.7).

import type { DomainValidation } from '../model/certificate.ts';
import { limit } from '../settings/limits.ts';
import { bare, isAbsent, wordsOf, type DnsQueries } from './dns-queries.ts';

export interface Lookup {
  readonly isProven: boolean;
  readonly lookedUp: string;
  readonly server: string;
  /** What came back, in words. */
  readonly found: string;
  /** Where the CNAME leads, when there is one that is not the expected one. */
  readonly target: string | undefined;
  /** True when the server said for certain that there is no CNAME at the name. */
  readonly isMissing: boolean;
}

export async function validateName(validation: DomainValidation, queries: DnsQueries): Promise<Lookup> {
  const { server } = queries;
  const lookedUp = `${validation.recordName} CNAME`;
  const seen: string[] = [];
  const unproven = (found: string, isMissing = false): Lookup => {
    return { isProven: false, lookedUp, server, found, target: seen[0], isMissing };
  };
  for (let name = validation.recordName; seen.length < limit('cnameChainMax');) {
    const answer = await queries.cname(name);
    const target = 'values' in answer ? answer.values[0] : undefined;
    if (target === undefined) {
      if (seen.length > 0) break;
      return unproven(wordsOf('code' in answer ? answer.code : 'ENODATA', 'CNAME'), isAbsent(answer));
    }
    seen.push(target);
    if (isExpected(target, validation.recordValue)) {
      return { isProven: true, lookedUp, server, found: target, target: undefined, isMissing: false };
    }
    name = target;
  }
  const isTooLong = seen.length === limit('cnameChainMax');
  const chain = `${seen.join(' → ')}, which is not the expected value`;
  return unproven(isTooLong ? `${chain}; a chain of more than ${seen.length} CNAMEs is not followed` : chain);
}

/** Providers that refuse it may leave out the leading underscore of the value. */
function isExpected(target: string, expected: string): boolean {
  return bare(target) === bare(expected) || bare(target) === bare(expected).slice(1);
}
