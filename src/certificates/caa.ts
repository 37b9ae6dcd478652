// May the issuer issue for a name? CAA records at the name or the nearest name above it that has any (RFC 8659).

import type { CaaRecord } from 'node:dns';
import { bare, isAbsent, wordsOf, type DnsQueries, type ValidationServers } from './dns-queries.ts';

export interface CaaWorld {
  readonly servers: Pick<ValidationServers, 'serversFor'>;
  readonly queriesOf: (servers: readonly string[]) => DnsQueries;
}

export interface CaaProblem {
  readonly found: string;
  /** True when the records forbid it; false when they could not be looked up. */
  readonly isForbidden: boolean;
}

/** `caaNames` are the domain names that the issuer goes by; without any it is bound by no record. Resolves to undefined when it may. */
export async function lookAtCaa(
  domainName: string,
  caaNames: readonly string[],
  { servers, queriesOf }: CaaWorld,
): Promise<CaaProblem | undefined> {
  if (caaNames.length === 0) return undefined;
  const isWildcard = domainName.startsWith('*.');
  const labels = bare(domainName).replace(/^\*\./, '').split('.');
  const asked = String(servers.serversFor(`${labels.join('.')}.`));
  const endsAtMs = Date.now() + DEADLINE_MS;
  for (const [position] of labels.entries()) {
    if (Date.now() > endsAtMs) {
      const words = `the CAA records above ${labels.slice(position - 1).join('.')} could not be looked up in time`;
      return { found: words, isForbidden: false };
    }
    const name = labels.slice(position).join('.');
    const chosen = servers.serversFor(`${name}.`);
    // Above an own zone nobody who was asked so far has a word.
    if (String(chosen) !== asked) return undefined;
    const answer = await queriesOf(chosen).caa(name);
    // A server that serves the name and nothing above it has no word there.
    const isBeyond = position > 0 && 'code' in answer && answer.code === 'EREFUSED';
    if (isAbsent(answer) || isBeyond) continue;
    if ('code' in answer) {
      const words = `the CAA records of ${name} could not be looked up: ${wordsOf(answer.code, 'CAA')}`;
      return { found: words, isForbidden: false };
    }
    return isAllowed(answer.values, isWildcard, caaNames) ? undefined : forbidden(name, answer.values, caaNames);
  }
  return undefined;
}

/** A name of a hundred labels whose servers are slow may not keep others waiting. */
const DEADLINE_MS = 15_000;
const KNOWN_TAGS = ['issue', 'issuewild', 'iodef', 'contactemail', 'contactphone'] as const;

function valueOf(record: CaaRecord, tag: string): string | undefined {
  return (record as unknown as Record<string, string | undefined>)[tag];
}

function isAllowed(records: readonly CaaRecord[], isWildcard: boolean, caaNames: readonly string[]): boolean {
  const isUnknownCritical = (record: CaaRecord) =>
    record.critical !== 0 && KNOWN_TAGS.every((tag) => valueOf(record, tag) === undefined);
  if (records.some(isUnknownCritical)) return false;
  const allowing = (tag: string) =>
    records.map((record) => valueOf(record, tag)).filter((value): value is string => value !== undefined);
  const wild = allowing('issuewild');
  const relevant = isWildcard && wild.length > 0 ? wild : allowing('issue');
  if (relevant.length === 0) return true;
  const isOurs = (value: string) => caaNames.includes(value.split(';')[0]!.trim().toLowerCase());
  return relevant.some(isOurs);
}

function forbidden(name: string, records: readonly CaaRecord[], caaNames: readonly string[]): CaaProblem {
  const shown = records.flatMap((record) =>
    KNOWN_TAGS.slice(0, 2).flatMap((tag) => {
      const value = valueOf(record, tag);
      return value === undefined ? [] : [`${tag} "${value}"`];
    }),
  );
  return {
    found: `the CAA records of ${name} (${shown.join(', ') || 'a critical one that is not known'}) allow none of ${caaNames.join(', ')}`,
    isForbidden: true,
  };
}
