// What an answer of DNS says about a name that should lead here: the mistake in it, and what will be one later. From one answer and
// the snapshot; asks nobody.

import { isCoveredBy } from '../model/domain-name.ts';
import { isAppendedTo } from '../protocol/doubled-zone.ts';
import { isCloudflareProxy } from './cloudflare-addresses.ts';
import type { Asked, ExplainWorld } from './explain-world.ts';
import type { HostLookup } from './look-up-host.ts';
import { isGoneRegionalName, leadingRecords, targetOf } from './regional-names.ts';

/** Why the answer does not lead a client of the name here; undefined when it does. */
export function mistakeIn(asked: Asked, lookup: HostLookup, world: ExplainWorld): string | undefined {
  const { host, domain } = asked;
  const { cnames, addresses } = lookup;
  // A name of the gateway's own that is no Regional name is the default endpoint of an API.
  const apiHost = cnames.find(
    (name) => name.endsWith(`.${world.suffix}`) && world.snapshot.api(name.split('.', 1)[0]!) !== undefined,
  );
  if (domain && apiHost)
    return `the record leads to ${apiHost}, the API's default host, whose certificate is not for ${host}`;
  const appended = domain && cnames.find((name) => isAppendedTo(name, domain.regionalDomainName));
  if (appended !== undefined) {
    return `the record leads to ${appended}: the provider appended its zone to the value. Write it with a dot at its end, ${domain!.regionalDomainName}.`;
  }
  const gone = targetsOf(asked, lookup, world).find((name) => isGoneRegionalName(name, world));
  if (gone !== undefined) return `the record leads to ${gone}, the Regional name of a domain name that is gone`;
  const isApex = lookup.isApex || world.snapshot.zones.zoneFor(`${host}.`)?.name === `${host}.`;
  if (addresses.length === 0) return noAddressCause(host, lookup, isApex);
  if (cnames.length > 0 && isApex) return `${host} is the apex of its zone, where a CNAME is not allowed; use an alias`;
  return elsewhereCause(host, lookup, world) ?? missingFamily(asked, lookup, world, 'A');
}

/** What keeps no client off today. */
export function flawsIn(asked: Asked, lookup: HostLookup, world: ExplainWorld): readonly string[] {
  const { domain, host } = asked;
  if (!domain) return [];
  const others = targetsOf(asked, lookup, world).flatMap((name) => {
    const other = world.snapshot.domainOfRegionalName(name);
    // The record of a wildcard leads every name below it to the wildcard's Regional name, as it should.
    if (!other || other.domainName === domain.domainName || isWildcardAbove(host, other.domainName)) return [];
    const whose = other.account === domain.account ? other.domainName : 'a domain name that is not yours';
    return [
      `the record leads to ${name}, the Regional name of ${whose}: it works for as long as that one is there. The Regional name of ${domain.domainName} is ${domain.regionalDomainName}`,
    ];
  });
  const missing = missingFamily(asked, lookup, world, 'AAAA');
  return missing === undefined ? others : [...others, missing];
}

function isWildcardAbove(host: string, name: string): boolean {
  return name.startsWith('*.') && isCoveredBy(host, [name]);
}

/** The names on the way: CNAMEs as they came back, and aliases, which no answer shows, as they stand in a zone of ours. */
function targetsOf({ host }: Asked, { cnames }: HostLookup, { snapshot }: ExplainWorld): readonly string[] {
  const zone = snapshot.zones.zoneFor(`${host}.`);
  const aliases = zone ? leadingRecords(zone.id, host, snapshot).flatMap((records) => targetOf(records) ?? []) : [];
  return [...new Set([...cnames, ...aliases])];
}

function noAddressCause(host: string, { code, cnames }: HostLookup, isApex: boolean): string {
  if (cnames.length > 0) return `the CNAME leads to ${cnames.at(-1)}, which has no address`;
  if (code === 'EREFUSED') return `no zone that is served holds ${host}`;
  if (code === 'ETIMEOUT' || code === 'ECONNREFUSED') return 'the DNS server does not answer';
  return isApex ? `the zone has no address record at its apex ${host}` : `there is no DNS record for ${host}`;
}

export function elsewhereCause(
  host: string,
  { addresses }: HostLookup,
  { publicAddresses }: Pick<ExplainWorld, 'publicAddresses'>,
): string | undefined {
  const elsewhere = addresses.filter((address) => !publicAddresses.includes(address));
  if (elsewhere.length === 0) return undefined;
  const proxied = elsewhere.filter(isCloudflareProxy);
  if (proxied.length > 0) {
    return `${host} leads to ${proxied.join(', ')}, Cloudflare's proxy, which stands between clients and this gateway: set the record's proxy status to DNS only`;
  }
  const isIPv6Alone = elsewhere.length < addresses.length && elsewhere.every((address) => address.includes(':'));
  const over = isIPv6Alone ? ' over IPv6' : '';
  return `${host} leads to ${elsewhere.join(', ')}${over}, and this gateway is at ${publicAddresses.join(', ')}`;
}

/** A dual-stack name needs records of both types, when the gateway has addresses of both. */
function missingFamily(
  { host, domain }: Asked,
  { addresses }: HostLookup,
  { publicAddresses }: ExplainWorld,
  type: 'A' | 'AAAA',
): string | undefined {
  const isOfType = (address: string) => address.includes(':') === (type === 'AAAA');
  const isWanted = publicAddresses.some(isOfType) && (type === 'A' || domain?.isDualstack === true);
  if (!isWanted || addresses.length === 0 || addresses.some(isOfType)) return undefined;
  const family = type === 'A' ? 'IPv4' : 'IPv6';
  return `${host} has no ${type} record: clients that have ${family} alone do not come here`;
}
