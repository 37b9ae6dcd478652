// One state for each hosted zone: whether this server answers for it and why, which name servers the registrar is to be given, whether the
// world asks us for it, and the one next action. The world's view comes by real queries.

import type { HostedZone } from '../model/hosted-zone.ts';
import { ancestors } from '../snapshot/served-zones.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { bare, nameServersOf, resolverOf, valuesOf } from './ask-dns.ts';
import { awsCommand } from './aws-command.ts';
import type { Steps } from './explain-world.ts';
import type { ZoneRecords } from './zone-record.ts';

export interface ZoneState {
  readonly id: string;
  /** Without a dot at the end. */
  readonly name: string;
  readonly account: string;
  readonly recordSetCount: number;
  readonly isServed: boolean;
  /** Why it is served, or not. */
  readonly reason: string;
  /** When the operator decided that it is served. */
  readonly decidedAt: string | undefined;
  /** What the registrar is to be given. */
  readonly nameServers: readonly string[];
  readonly delegation: Delegation;
  readonly isWell: boolean;
  readonly cause: string | undefined;
  /** The one next action. */
  readonly next: string | undefined;
}

export interface Delegation {
  /** Whom the world asks for the zone: us alone, us and others, others alone, nobody; or nobody could be asked. */
  readonly to: 'us' | 'us-and-others' | 'others' | 'nobody' | 'unknown';
  readonly nameServers: readonly string[];
  readonly asked: string;
  readonly found: string;
}

export interface ZonePage {
  readonly zones: readonly ZoneState[];
  /** Where the next page begins; undefined on the last. */
  readonly after: string | undefined;
}

export interface ZonesWorld {
  readonly snapshot: Snapshot;
  readonly zoneRecords: ZoneRecords;
  /** The configured resolver; empty for the system's. */
  readonly resolvers: readonly string[];
  readonly steps: Steps;
}

/** Who asks. An operator sees the zones of all accounts, and decides. */
export interface ZoneCaller {
  readonly account: string;
  readonly isOperator: boolean;
}

export const ZONES_PAGE_SIZE = 50;
const AT_ONCE = 10;

/** One page of the caller's zones behind `after`, in order of id. */
export async function zoneStates(caller: ZoneCaller, after: string, world: ZonesWorld): Promise<ZonePage> {
  const account = caller.isOperator ? undefined : caller.account;
  const found = await world.zoneRecords.zonesOf(account, after, ZONES_PAGE_SIZE + 1);
  const page = found.slice(0, ZONES_PAGE_SIZE);
  const zones: ZoneState[] = [];
  for (let first = 0; first < page.length; first += AT_ONCE) {
    const some = page.slice(first, first + AT_ONCE).map((zone) => zoneState(zone, caller, world));
    zones.push(...(await Promise.all(some)));
  }
  return { zones, after: found.length > page.length ? page.at(-1)?.id : undefined };
}

/** By id, or all of a name; where there is none of that name, those of the nearest name above. Only what the caller may see. */
export async function zonesOf(which: string, caller: ZoneCaller, world: ZonesWorld): Promise<readonly ZoneState[]> {
  const isSeen = ({ account }: HostedZone) => caller.isOperator || account === caller.account;
  const byId = await world.zoneRecords.zone(which.replace('/hostedzone/', ''));
  if (byId && isSeen(byId)) return [await zoneState(byId, caller, world)];
  const name = `${bare(which)}.`;
  const named = [name, ...ancestors(name)].map((one) => world.snapshot.zones.zonesNamed(one).filter(isSeen));
  const zones = named.find((some) => some.length > 0) ?? [];
  return Promise.all(zones.slice(0, ZONES_PAGE_SIZE).map((zone) => zoneState(zone, caller, world)));
}

export async function zoneState(zone: HostedZone, caller: ZoneCaller, world: ZonesWorld): Promise<ZoneState> {
  const { id, account, recordSetCount, chosenAtMs } = zone;
  const serving = world.snapshot.zones.servingOf(id) ?? { isServed: false, reason: 'it is being created or deleted' };
  const { isServed, rivalId } = serving;
  const reason = rivalId !== undefined && caller.isOperator ? `${serving.reason} (${rivalId})` : serving.reason;
  const nameServers = zone.nameServers.map(bare);
  const delegation = await delegationOf(bare(zone.name), nameServers, world.resolvers);
  const problem = isServed ? undelegated(zone, delegation, world) : unserved(zone, reason, caller, world);
  return {
    id,
    name: bare(zone.name),
    account,
    recordSetCount,
    isServed,
    reason,
    decidedAt: chosenAtMs === undefined ? undefined : new Date(chosenAtMs).toISOString(),
    nameServers,
    delegation,
    isWell: problem === undefined,
    cause: problem?.cause,
    next: problem?.next,
  };
}

async function delegationOf(name: string, ours: readonly string[], resolvers: readonly string[]): Promise<Delegation> {
  const answer = await nameServersOf(name, resolvers);
  const asked = resolverOf(resolvers).getServers().join(', ');
  const nameServers = [...valuesOf(answer)].sort();
  if (nameServers.length > 0) {
    const own = nameServers.filter((server) => ours.includes(server));
    const to = own.length === nameServers.length ? 'us' : own.length > 0 ? 'us-and-others' : 'others';
    return { to, nameServers, asked, found: nameServers.join(', ') };
  }
  const code = 'code' in answer ? answer.code : 'ENODATA';
  const isCertain = code === 'ENOTFOUND' || code === 'ENODATA';
  const found = isCertain ? 'no name servers' : (WORDS[code] ?? code);
  return { to: isCertain ? 'nobody' : 'unknown', nameServers, asked, found };
}

const WORDS: Readonly<Record<string, string>> = {
  ESERVFAIL: 'the resolver got no answer from its name servers (SERVFAIL)',
  EREFUSED: 'the resolver refused to answer',
  ETIMEOUT: 'the resolver did not answer in time',
  ECONNREFUSED: 'no resolver answers there',
};

interface Problem {
  readonly cause: string;
  readonly next: string;
}

/** A zone that counts as it is needs nobody's delegation. */
function undelegated(
  { name, nameServers }: HostedZone,
  { to, found, asked }: Delegation,
  world: ZonesWorld,
): Problem | undefined {
  const countsHere = String(world.steps.serversFor(name)) !== String(world.resolvers);
  if (countsHere || to === 'us') return undefined;
  const ours = nameServers.map(bare).join(', ');
  const registrar = `at the registrar of ${bare(name)}, or where the zone above it is kept, enter ${ours}`;
  if (to === 'us-and-others') {
    const cause = `others answer for it, too: ${found} (asked ${asked})`;
    return { cause, next: `${registrar}, and take the other name servers out` };
  }
  if (to === 'unknown') {
    const cause = `whether it is delegated to this server is not known: ${found} (asked ${asked})`;
    return {
      cause,
      next: `see that ${ours} are reached from outside over UDP and TCP at port 53, then: dig NS ${bare(name)}`,
    };
  }
  const where = to === 'others' ? `it is delegated to ${found}` : 'it is delegated to nobody';
  return { cause: `${where} (asked ${asked}), so the world does not ask this server`, next: registrar };
}

function unserved(
  zone: HostedZone,
  reason: string,
  { isOperator, account }: ZoneCaller,
  { snapshot }: ZonesWorld,
): Problem {
  const cause = `it answers nothing and proves nothing: ${reason}`;
  const serve = `sallyport zones serve ${zone.id}`;
  const holder = snapshot.zones.servedZones().get(zone.name);
  if (holder?.account === account && zone.account === account && holder.chosenAtMs === undefined) {
    const remove = awsCommand('route53 delete-hosted-zone', { id: zone.id });
    return { cause, next: isOperator ? `${remove}, or: ${serve}` : remove };
  }
  if (isOperator) return { cause, next: serve };
  const decide = `ask the operator of the server for: ${serve}`;
  if (holder) return { cause, next: decide };
  const delegate = `have the account of the zone above create an NS record set at ${bare(zone.name)} with ${zone.nameServers.map(bare).join(', ')}`;
  return { cause, next: `${delegate}; or ${decide}` };
}
