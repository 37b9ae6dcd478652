// Where an alias may lead: to a Regional name, under the id of the zone that such names live in, or to a record set of its own zone,
// which may be an alias in turn (custom-domains 6.7). Never round to itself, nor further than DNS follows.

import { escapeName, isWithinZone, type HostedZone, type RecordSet } from '../../../model/hosted-zone.ts';
import { limit } from '../../../settings/limits.ts';

/** What an alias can lead to, as the batch has left it so far. */
export interface AliasWorld {
  recordSetsAt(name: string): Promise<readonly RecordSet[]>;
  /** The hosted zone id of a Regional name that exists, else undefined. */
  regionalZoneOf(name: string): Promise<string | undefined>;
}

/** The service's sentence when the alias leads nowhere; undefined when it does, and for what is no alias. */
export async function aliasFault(zone: HostedZone, wanted: RecordSet, world: AliasWorld): Promise<string | undefined> {
  const target = wanted.aliasTarget;
  if (!target) return undefined;
  const { type } = wanted;
  const tried = `Tried to create an alias that targets ${escapeName(target.dnsName)}, type ${type} in zone ${target.hostedZoneId}`;
  const notFound = `${tried}, but that target was not found`;
  const outside = `${tried}, but the alias target name does not lie within the target zone`;
  if (target.hostedZoneId === zone.id) {
    if (!isWithinZone(target.dnsName, zone.name)) return outside;
    const found = (await world.recordSetsAt(target.dnsName)).some((records) => records.type === type);
    const isItself = target.dnsName === wanted.name;
    if (!found && !isItself) return notFound;
    const detour = await detourOf(zone, wanted, world);
    return detour && `${tried}, but ${detour}`;
  }
  const regionalZone = await world.regionalZoneOf(target.dnsName);
  if (regionalZone === undefined || (type !== 'A' && type !== 'AAAA')) return notFound;
  return regionalZone === target.hostedZoneId ? undefined : outside;
}

/** Follows alias after alias, all sets of a name at once. */
async function detourOf(zone: HostedZone, wanted: RecordSet, world: AliasWorld): Promise<string | undefined> {
  const max = limit('aliasChainMax');
  let names = new Set([wanted.aliasTarget!.dnsName]);
  for (let length = 1; names.size > 0; length += 1) {
    if (names.has(wanted.name)) return 'the alias would lead back to itself';
    if (length > max) return `the alias would lead through more than ${max} aliases`;
    const reached = await Promise.all([...names].map((name) => world.recordSetsAt(name)));
    const further = reached
      .flat()
      .filter((records) => records.type === wanted.type && records.aliasTarget?.hostedZoneId === zone.id);
    names = new Set(further.map((records) => records.aliasTarget!.dnsName));
  }
  return undefined;
}
