// What deleting a domain name would break, told before it is done: whether clients are led to it, the sockets that are open under it, its
// mappings, and the records that would be left behind. Deletes nothing.

import { ancestors } from '../snapshot/served-zones.ts';
import { deleteCommand } from './dangling.ts';
import { domainState, type DomainState, type DomainsWorld } from './domains.ts';
import { leadingRecords, targetOf } from './regional-names.ts';
import { formAt } from './record-place.ts';
import { worldZoneOf } from './ask-dns.ts';

export interface DomainImpact extends DomainState {
  readonly openSockets: number;
  /** What to do about the record once the name is gone; undefined where none leads here. */
  readonly leftover: string | undefined;
}

/** Undefined when the account has no such domain name. */
export async function domainImpact(
  domainName: string,
  account: string,
  world: DomainsWorld,
  openSockets: (domainName: string) => number,
): Promise<DomainImpact | undefined> {
  const state = await domainState(domainName, account, world);
  return state && { ...state, openSockets: openSockets(domainName), leftover: await leftoverOf(state, account, world) };
}

async function leftoverOf(
  { domainName, regionalDomainName, dns }: DomainState,
  account: string,
  { snapshot, resolvers, provider }: DomainsWorld,
): Promise<string | undefined> {
  const name = `${domainName}.`;
  for (const zone of [name, ...ancestors(name)].flatMap((above) => snapshot.zones.zonesNamed(above))) {
    const sets = leadingRecords(zone.id, domainName, snapshot).filter((set) => targetOf(set) === regionalDomainName);
    if (zone.account === account && sets.length > 0) return deleteCommand(sets);
  }
  if (!dns.isPointingHere) return undefined;
  const place = await worldZoneOf(domainName, resolvers);
  const wanted = { name: domainName, type: 'CNAME', value: regionalDomainName, addresses: [] } as const;
  const { title } = formAt(wanted, place, provider);
  return `delete the record ${domainName} at ${title}, which leads to ${regionalDomainName}`;
}
