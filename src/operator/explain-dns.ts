// The DNS step of `explain`: does the name lead here? By real queries; what a mistake looks like is named.

import { bad, good, type Asked, type ExplainedStep, type ExplainWorld } from './explain-world.ts';
import { changeCommand } from './aws-command.ts';
import { lookUpHost, type HostLookup } from './look-up-host.ts';

export async function lookAtDns(asked: Asked, world: ExplainWorld): Promise<ExplainedStep> {
  const { host, domain } = asked;
  if (host === 'localhost' || /^[\d.]+$/.test(host) || host.startsWith('[')) return good('dns', `${host} needs no DNS`);
  const lookup = await lookUpHost(host, world.steps.serversFor(`${host}.`));
  const answers = [...lookup.cnames.map((name) => `CNAME ${name}`), ...lookup.addresses].join(', ');
  const found = `${answers || 'no address'} (asked ${lookup.server})`;
  const cause = causeOf(asked, lookup, world);
  return cause === undefined ? good('dns', found) : bad('dns', found, cause, recordFix({ host, domain }, world));
}

/** Why the answer does not lead a client of the name here; undefined when it does. */
function causeOf({ host, domain }: Asked, lookup: HostLookup, world: ExplainWorld): string | undefined {
  const { cnames, addresses } = lookup;
  // A name of the gateway's own that is no Regional name is the default endpoint of an API.
  const apiHost = cnames.find(
    (name) => name.endsWith(`.${world.suffix}`) && !world.snapshot.domainOfRegionalName(name),
  );
  const isApiHost = apiHost !== undefined && world.snapshot.api(apiHost.split('.', 1)[0]!) !== undefined;
  if (domain && isApiHost)
    return `the record leads to ${apiHost}, the API's default host, whose certificate is not for ${host}`;
  const isApex = lookup.isApex || world.snapshot.zones.zoneFor(`${host}.`)?.name === `${host}.`;
  if (addresses.length === 0) return noAddressCause(host, lookup, isApex);
  if (cnames.length > 0 && isApex) return `${host} is the apex of its zone, where a CNAME is not allowed; use an alias`;
  const elsewhere = addresses.filter((address) => !world.publicAddresses.includes(address));
  if (elsewhere.length === 0) return undefined;
  return `${host} leads to ${elsewhere.join(', ')}, and this gateway is at ${world.publicAddresses.join(', ')}`;
}

function noAddressCause(host: string, { code, cnames }: HostLookup, isApex: boolean): string {
  if (cnames.length > 0) return `the CNAME leads to ${cnames.at(-1)}, which has no address`;
  if (code === 'EREFUSED') return `no zone that is served holds ${host}`;
  if (code === 'ETIMEOUT' || code === 'ECONNREFUSED') return 'the DNS server does not answer';
  return isApex ? `the zone has no address record at its apex ${host}` : `there is no DNS record for ${host}`;
}

/** The record that a domain name needs, as the command that creates it, or as words for another DNS provider. */
function recordFix({ domain, host }: Pick<Asked, 'domain' | 'host'>, { snapshot }: ExplainWorld): string {
  if (!domain) return `create the custom domain name first, then a record from ${host} to its Regional name`;
  const { domainName, regionalDomainName: DNSName, hostedZoneId: HostedZoneId, account } = domain;
  const zone = snapshot.zones.zoneFor(`${host}.`);
  if (zone?.account !== account) {
    return `at your DNS provider: ${domainName} CNAME ${DNSName} (at the apex of a zone: ALIAS or ANAME)`;
  }
  const AliasTarget = { HostedZoneId, DNSName, EvaluateTargetHealth: false };
  // No other record may be beside a CNAME, so that one goes in the same batch.
  const { ttl = 0, values = [] } = snapshot.zones.recordsAt(zone.id, `${domainName}.`)?.get('CNAME')?.[0] ?? {};
  const inTheWay = { Name: domainName, Type: 'CNAME', TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) };
  return changeCommand(zone.id, [
    ...(values.length > 0 ? [{ Action: 'DELETE' as const, ResourceRecordSet: inTheWay }] : []),
    { Action: 'UPSERT', ResourceRecordSet: { Name: domainName, Type: 'A', AliasTarget } },
  ]);
}
