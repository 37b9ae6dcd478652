// The same name through other eyes: our own zones, the name servers of its zone, the configured resolver. Tells why an answer is not what
// the records say, by further queries. Asked after explain-dns.ts has its first answer.

import { realClock } from '../ambient/clock.ts';
import { doubledAdvice, doubledNames } from '../protocol/doubled-zone.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import {
  answerOf,
  bare,
  denialSecondsOf,
  nameServersOf,
  resolverOf,
  serversOfZone,
  valuesOf,
  worldZoneOf,
} from './ask-dns.ts';
import { elsewhereCause, mistakeIn } from './dns-mistakes.ts';
import type { Asked, ExplainWorld, Note } from './explain-world.ts';
import { lookUpHost, type HostLookup } from './look-up-host.ts';
import { leadingRecords } from './regional-names.ts';

/** Why a name that does not lead here does not, when the records are right or nearly so: `fix` undefined where the record itself is wrong. */
export interface Reason {
  readonly cause: string;
  readonly fix?: string;
  /** What the record is for, where it is not the whole domain name. */
  readonly name?: string;
}

type Servers = readonly string[];

/** The first that applies: a zone that is not seen, an answer that is kept too long, a name of two zones, a wildcard. */
export async function reasonFor(
  asked: Asked,
  lookup: HostLookup,
  servers: Servers,
  world: ExplainWorld,
): Promise<Reason | undefined> {
  const unseen = await unseenZone(asked, lookup, servers, world);
  if (unseen) return unseen;
  const kept = isOutside(servers, world) && (await keptAnswer(asked, servers, lookup, world));
  if (kept) return kept;
  if (lookup.cnames.length > 0 || !isAbsent(lookup)) return undefined;
  return asked.domain?.domainName.startsWith('*.')
    ? underWildcard(asked, asked.domain.domainName, servers, world)
    : doubledRecord(asked.host, servers);
}

/** Is it the configured resolver that is asked, and not our own server? */
function isOutside(servers: Servers, { resolvers }: ExplainWorld): boolean {
  return String(servers) === String(resolvers);
}

function isAbsent({ code }: HostLookup): boolean {
  return code === 'ENOTFOUND' || code === 'ENODATA';
}

/** A hosted zone of the account's has the record, and whoever was asked does not see it. */
async function unseenZone(
  asked: Asked,
  lookup: HostLookup,
  servers: Servers,
  world: ExplainWorld,
): Promise<Reason | undefined> {
  const { host, account } = asked;
  const { snapshot, suffix, steps } = world;
  const zones = [`${host}.`, ...ancestors(`${host}.`)].flatMap((name) => snapshot.zones.zonesNamed(name));
  const zone = zones.find((one) => one.account === account && leadingRecords(one.id, host, snapshot).length > 0);
  if (!zone) return undefined;
  const [where, name] = [`the record is in hosted zone ${zone.id} (${bare(zone.name)})`, bare(zone.name)];
  const serving = snapshot.zones.servingOf(zone.id);
  if (!serving?.isServed) {
    return { cause: `${where}, which is not served: ${serving?.reason}`, fix: `sallyport zones ${zone.id}` };
  }
  // Our own server answered from that very zone.
  if (!isOutside(servers, world)) return undefined;
  const found = await nameServersOf(name, servers);
  const ours = zone.nameServers.map(bare);
  const delegated = [...valuesOf(found)].sort();
  if (delegated.length === 0) {
    return {
      cause: `${where}, and ${lookup.server} knows no name servers of ${name}`,
      fix: `have the registrar of ${name} delegate it to ${ours.join(', ')}`,
    };
  }
  if (!delegated.some((server) => ours.includes(server))) {
    return {
      cause: `${where}, and ${name} is delegated to ${delegated.join(', ')}`,
      fix: `have the registrar of ${name} delegate it to ${ours.join(', ')}, or create the record where ${name} is kept`,
    };
  }
  const current = await lookUpHost(host, steps.serversFor(`${host}.${suffix}.`));
  return isRight(asked, current, world) ? keptWords(lookup, name, servers) : undefined;
}

/** The zone's own name servers lead here already: what was asked still has an older answer. */
async function keptAnswer(
  asked: Asked,
  servers: Servers,
  lookup: HostLookup,
  world: ExplainWorld,
): Promise<Reason | undefined> {
  const direct = await askNameServers(asked.host, servers);
  return direct && isRight(asked, direct.lookup, world) ? keptWords(lookup, direct.zone, servers) : undefined;
}

async function keptWords({ code, server }: HostLookup, zone: string, servers: Servers): Promise<Reason> {
  if (code !== 'ENOTFOUND' && code !== 'ENODATA') {
    const cause = `${server} still keeps an older answer; the name servers of ${zone} lead here already`;
    return { cause, fix: 'wait until the TTL of the older record has passed' };
  }
  const seconds = await denialSecondsOf(zone, servers);
  const until = seconds === undefined ? '' : ` until ${new Date(realClock.now() + seconds * 1_000).toISOString()}`;
  const cause = `${server} still keeps that there was no such record${until === '' ? '' : `,${until} at the latest (SOA minimum of ${zone}: ${seconds} s)`}`;
  return { cause, fix: `wait${until}, or have its cache flushed` };
}

/** What the name servers of the name's zone say themselves; undefined where they cannot be asked. */
async function askNameServers(
  host: string,
  servers: Servers,
): Promise<{ readonly zone: string; readonly lookup: HostLookup } | undefined> {
  const place = await worldZoneOf(host, servers);
  if (!place) return undefined;
  const addresses = await serversOfZone(place, servers);
  if (addresses.length === 0) return undefined;
  return { zone: place.zone, lookup: await lookUpHost(host, addresses) };
}

/** A name server of the zone need not know what the Regional name leads to. */
function isRight(asked: Asked, lookup: HostLookup, world: ExplainWorld): boolean {
  const { cnames, addresses, isApex } = lookup;
  const { domain } = asked;
  if (addresses.length === 0) return domain !== undefined && !isApex && cnames.includes(domain.regionalDomainName);
  return mistakeIn(asked, lookup, world) === undefined;
}

async function doubledRecord(name: string, servers: Servers): Promise<Reason | undefined> {
  const looks = await Promise.all(
    doubledNames(name).map(async (place) => ((await hasTarget(place.doubled, servers)) ? place : undefined)),
  );
  const place = looks.find((one) => one !== undefined);
  if (!place) return undefined;
  // A wildcard of the zone answers for a doubled name as for any other.
  const isByWildcard = !name.startsWith('*.') && (await hasTarget(neighbourOf(place.doubled), servers));
  return isByWildcard ? undefined : { cause: doubledAdvice(place) };
}

async function hasTarget(name: string, servers: Servers): Promise<boolean> {
  const resolver = resolverOf(servers);
  const found = await Promise.all([answerOf(resolver.resolveCname(name)), answerOf(resolver.resolve4(name))]);
  return found.some((one) => valuesOf(one).length > 0);
}

/** A name beside another that nobody has made. */
function neighbourOf(name: string): string {
  return `any-other-name${name.slice(name.indexOf('.'))}`;
}

async function underWildcard(
  { host }: Asked,
  wildcard: string,
  servers: Servers,
  world: ExplainWorld,
): Promise<Reason | undefined> {
  const neighbour = await lookUpHost(neighbourOf(wildcard), servers);
  if (neighbour.addresses.length === 0) {
    const missing = `there is no DNS record for ${host}: the wildcard record ${wildcard} is missing`;
    return (await doubledRecord(wildcard, servers)) ?? { cause: missing };
  }
  if (elsewhereCause(host, neighbour, world) !== undefined) return undefined;
  const cause = `${host} has records of its own, none of them an address, and so the record of ${wildcard} does not answer for it (RFC 4592)`;
  return { cause, name: host };
}

/** For a name that leads here: who is told otherwise, now or soon. */
export async function dissent(
  asked: Asked,
  servers: Servers,
  world: ExplainWorld,
): Promise<{ readonly reason?: Reason; readonly notes: readonly Note[] }> {
  const { host } = asked;
  if (isOutside(servers, world)) {
    const direct = await askNameServers(host, servers);
    const cause = direct && elsewhereCause(host, direct.lookup, world);
    if (cause === undefined) return { notes: [] };
    const note = `the name servers of ${direct!.zone} say otherwise than ${String(servers) || "the system's resolver"}: ${cause}`;
    return { notes: [{ cause: note, fix: `create the record anew at the name servers of ${direct!.zone}` }] };
  }
  if (world.resolvers.length === 0) return { notes: [] };
  const outside = await lookUpHost(host, world.resolvers);
  const cause = elsewhereCause(host, outside, world);
  if (cause === undefined) return { notes: [] };
  return {
    reason: { cause: `our own server leads here, and whoever asks ${outside.server} is told otherwise: ${cause}` },
    notes: [],
  };
}
