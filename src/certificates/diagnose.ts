// Why a validation record is not found where it should be: the mistakes that people make, looked for one by one by further
// questions, each named with what mends it. Asked only after validate-name.ts found nothing.

import type { DomainValidation } from '../model/certificate.ts';
import { doubledAdvice, doubledNames } from '../protocol/doubled-zone.ts';
import { bare, type DnsQueries, type OwnZone } from './dns-queries.ts';
import type { Lookup } from './validate-name.ts';

/** As many as names of people have; a name of many more may not keep others waiting. */
const LABELS_LOOKED_AT = 5;
/** Servers that are silent are left after this; what was found until then counts. */
const DEADLINE_MS = 6_000;

/**
 * What to do, in words; undefined when nothing more can be said than what came back. `zones` are the hosted zones at or above the
 * name, the deepest first.
 */
export async function diagnose(
  validation: DomainValidation,
  lookup: Lookup,
  account: string,
  zones: readonly OwnZone[],
  queries: DnsQueries,
): Promise<string | undefined> {
  if (lookup.target !== undefined) return wrongTarget(validation, lookup.target);
  const hidden = await recordThatIsNotSeen(validation, zones, queries);
  if (hidden !== undefined) return hidden;
  if (!lookup.isMissing) return undefined;
  const [doubled, textual] = await Promise.all([
    doubledZone(validation, queries),
    textRecord(validation.recordName, queries),
  ]);
  return doubled ?? textual ?? (await whereToCreate(validation, account, zones, queries));
}

function wrongTarget({ recordName, recordValue }: DomainValidation, target: string): string {
  const [value, name] = [bare(recordValue), bare(recordName)];
  const zone = name.split('.').slice(1);
  const isAppended = zone.some((_, position) => bare(target) === `${value}.${zone.slice(position).join('.')}`);
  if (isAppended) {
    return `the provider appended the zone to the value: write it with a dot at its end, ${value}.`;
  }
  // `_{token}.{letters}.acm-validations.aws`, or `{token}.acme-challenges.{suffix}`: the rest is the same for everybody.
  const rest = value.replace(value.startsWith('_') ? /^[^.]+\.[^.]+\./ : /^[^.]+\./, '');
  const isOfSomebodyElse = bare(target).endsWith(`.${rest}`);
  return isOfSomebodyElse
    ? `this is the record of another account or server: set its value to ${value}.`
    : `set the value of the CNAME ${name} to ${value}.`;
}

/** The record is in a zone here, and whoever was asked does not see it. */
async function recordThatIsNotSeen(
  { recordValue }: DomainValidation,
  zones: readonly OwnZone[],
  queries: DnsQueries,
): Promise<string | undefined> {
  const zone = zones.find(({ cname }) => cname !== undefined && bare(cname) === bare(recordValue));
  if (!zone) return undefined;
  if (!zone.isServed) {
    return `the record is in hosted zone ${zone.id} (${zone.name}), which is not served: ${zone.reason}. A zone that is not served proves nothing`;
  }
  const delegated = await queries.ns(zone.name);
  const found = 'values' in delegated ? delegated.values.map(bare) : [];
  const own = zone.nameServers.map(bare);
  if (found.length === 0) {
    return `the record is in hosted zone ${zone.id}, and ${queries.server} knows no name servers of ${zone.name}: have the registrar delegate it to ${own.join(', ')}`;
  }
  if (found.some((server) => own.includes(server))) return undefined;
  return `${zone.name} is delegated to ${found.join(', ')}, and the record is in hosted zone ${zone.id}, whose name servers are ${own.join(', ')}: change the delegation at the registrar, or create the record there`;
}

/** `_x.ws.example.com.example.com`: the provider took the name for a relative one. */
async function doubledZone({ recordName }: DomainValidation, queries: DnsQueries): Promise<string | undefined> {
  const looks = await Promise.all(
    doubledNames(bare(recordName))
      .slice(-LABELS_LOOKED_AT)
      .map(async (place) => {
        const answer = await queries.cname(place.doubled);
        return 'values' in answer && answer.values.length > 0 ? place : undefined;
      }),
  );
  const place = looks.find((one) => one !== undefined);
  return place && doubledAdvice(place);
}

async function textRecord(recordName: string, queries: DnsQueries): Promise<string | undefined> {
  const answer = await queries.txt(recordName);
  if (!('values' in answer) || answer.values.length === 0) return undefined;
  return `a TXT record stands at ${bare(recordName)}: replace it by the CNAME`;
}

async function whereToCreate(
  { recordName, recordValue }: DomainValidation,
  account: string,
  zones: readonly OwnZone[],
  queries: DnsQueries,
): Promise<string> {
  const record = `the CNAME ${bare(recordName)} → ${bare(recordValue)}`;
  const own = zones.find((zone) => zone.account === account && zone.isServed);
  if (own) return `create ${record} in hosted zone ${own.id} (${own.name})`;
  const labels = bare(recordName).split('.').slice(1).slice(-LABELS_LOOKED_AT);
  const endsAtMs = Date.now() + DEADLINE_MS;
  for (const [position] of labels.slice(0, -1).entries()) {
    if (Date.now() > endsAtMs) break;
    const zone = labels.slice(position).join('.');
    const answer = await queries.ns(zone);
    if ('values' in answer && answer.values.length > 0) {
      return `create ${record} where ${zone} is kept: its name servers are ${answer.values.map(bare).sort().join(', ')}`;
    }
  }
  return `create ${record} where the zone is kept`;
}
