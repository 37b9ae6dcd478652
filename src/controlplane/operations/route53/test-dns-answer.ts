// TestDNSAnswer: what our own DNS says, by the code that says it. Who asks makes no difference here, so a resolver's address is
// checked and then changes nothing.

import { isIP } from 'node:net';
import { Fault } from '../../../model/faults.ts';
import { isProblem } from '../../../protocol/record-text.ts';
import type { TestDNSAnswerRequest } from '../../../protocol/wire/shapes-route53.ts';
import type { Operation } from '../operation.ts';
import { fatalProblem, findZone, readName, withoutDot } from './zone-names.ts';

export const testDnsAnswer: Operation<'route53', 'TestDNSAnswer'> = async (input, request, { store, dnsAnswers }) => {
  checkResolver(input);
  const name = readName(input.RecordName);
  if (isProblem(name)) throw new Fault('InvalidInput', fatalProblem(name, input.RecordName));
  const zone = await findZone(store.view, request, input.HostedZoneId);
  const { code, values } = dnsAnswers.answer(zone, name, input.RecordType);
  return {
    Nameserver: withoutDot(zone.nameServers[0]!),
    RecordName: input.RecordName,
    RecordType: input.RecordType,
    RecordData: values,
    ResponseCode: code,
    Protocol: 'UDP',
  };
};

function checkResolver(input: TestDNSAnswerRequest): void {
  const { ResolverIP: resolver, EDNS0ClientSubnetIP: subnet, EDNS0ClientSubnetMask: mask } = input;
  for (const address of [resolver, subnet]) {
    if (address !== undefined && isIP(address) === 0)
      throw new Fault('InvalidInput', `'${address.slice(0, 64)}' is not an IP address.`);
  }
  if (mask === undefined) return;
  if (subnet === undefined)
    throw new Fault('InvalidInput', 'EDNS0ClientSubnetMask needs EDNS0ClientSubnetIP beside it.');
  const bitsMax = isIP(subnet) === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(mask) || Number(mask) > bitsMax)
    throw new Fault(
      'InvalidInput',
      `EDNS0ClientSubnetMask is '${mask.slice(0, 16)}', not a number from 0 to ${bitsMax}.`,
    );
}
