// CreateHostedZone: with its NS and SOA records (custom-domains 6.3). Any account may create any zone; which zones are served
// is decided where they are compiled.

import { ids } from '../../../ambient/ids.ts';
import { recordSetId, type HostedZone } from '../../../model/hosted-zone.ts';
import { Fault } from '../../../model/faults.ts';
import { reference } from '../../../model/kinds.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import { present } from '../members.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { changeInfo } from './change-id.ts';
import { noSuchDelegationSet } from './list-hosted-zones.ts';
import { delegationSetOutput, fatalProblem, readName, zoneOutput } from './zone-names.ts';

const NS_TTL = 172_800;
const SOA_TTL = 900;
const NAME_SERVERS = [1, 2, 3, 4];

export const createHostedZone: Operation<'route53', 'CreateHostedZone'> = async (input, request, world) => {
  const name = zoneNameOf(input.Name);
  refuseUnavailable('a HostedZone', {
    VPC: input.VPC,
    'HostedZoneConfig.PrivateZone': input.HostedZoneConfig?.PrivateZone,
  });
  if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(input.DelegationSetId);
  const { account } = request.caller;
  const zone: HostedZone = {
    id: ids.hostedZone(),
    account,
    region: request.region,
    name,
    callerReference: input.CallerReference,
    nameServers: NAME_SERVERS.map((number) => `ns-${number}.dns.${world.endpoints.suffix}.`),
    recordSetCount: 2,
    createdAtMs: world.clock.now(),
    ...present({ comment: input.HostedZoneConfig?.Comment }),
  };
  await world.store.transact(async (transaction) => {
    const used = await transaction.referring('hosted-zone', reference.callerReference(account, input.CallerReference), {
      limit: 1,
    });
    if (used.length > 0) {
      throw new Fault(
        'HostedZoneAlreadyExists',
        `A hosted zone has already been created with the specified caller reference '${input.CallerReference}'.`,
      );
    }
    transaction.put('hosted-zone', zone);
    const common = { account, region: request.region, hostedZoneId: zone.id, name };
    transaction.put('record-set', {
      ...common,
      id: recordSetId(zone.id, name, 'NS'),
      type: 'NS',
      ttl: NS_TTL,
      values: zone.nameServers,
    });
    const soa = `${zone.nameServers[0]} hostmaster.${world.endpoints.suffix}. 1 7200 900 1209600 86400`;
    transaction.put('record-set', {
      ...common,
      id: recordSetId(zone.id, name, 'SOA'),
      type: 'SOA',
      ttl: SOA_TTL,
      values: [soa],
    });
  });
  return {
    HostedZone: zoneOutput(zone),
    ChangeInfo: changeInfo(request, world),
    DelegationSet: delegationSetOutput(zone),
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
  };
};

function zoneNameOf(sent: string): string {
  const name = readName(sent);
  if (isProblem(name)) throw new Fault('InvalidDomainName', fatalProblem(name, sent));
  const problem = name.startsWith('*')
    ? 'a hosted zone cannot begin with a star'
    : name.indexOf('.') === name.length - 1
      ? 'a top-level domain cannot be a hosted zone'
      : undefined;
  if (problem !== undefined)
    throw new Fault('InvalidDomainName', `'${sent.slice(0, 256)}' is not a valid domain name: ${problem}.`);
  return name;
}
