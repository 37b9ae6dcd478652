// A dual-stack domain name on a gateway that listens on both families: its names have AAAA records from the change on, and a
// client comes in over IPv6, found by DNS over IPv6 (custom-domains 3.4).

import assert from 'node:assert/strict';
import { promises as dns } from 'node:dns';
import { after, test } from 'node:test';
import { UpdateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import {
  aliasRecord,
  createDomain,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from '../harness/domains.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket } from '../harness/sockets.ts';

const BOTH = [
  '--tls',
  '127.0.0.1:0',
  '--tls',
  '[::1]:0',
  '--dns',
  '127.0.0.1:0',
  '--dns',
  '[::1]:0',
  '--control',
  '127.0.0.1:0',
  '--control',
  '[::1]:0',
];
const gateway = await startTestGateway({ after }, [
  ...BOTH,
  '--public-address',
  '127.0.0.1',
  '--public-address',
  '::1',
]);
const { clients } = gateway;

const overIPv6 = (addresses: readonly string[]) => addresses.find((address) => address.startsWith('[::1]:'))!;
const resolver = new dns.Resolver();
resolver.setServers([overIPv6(gateway.ready.dns)]);
const sixes = (name: string) => resolver.resolve6(name).catch((error: NodeJS.ErrnoException) => error.code);

test('a domain name gets its AAAA records, and its clients over IPv6, when it becomes dual-stack, and loses them again', async () => {
  const name = 'ws.example.com';
  const zoneId = await makeHostedZone(clients, 'example.com');
  const made = await createDomain(clients, name, await issueCertificate(clients, zoneId, name));
  await putRecord(clients, zoneId, aliasRecord(name, made));
  await putRecord(clients, zoneId, aliasRecord(name, made, 'AAAA'));
  const mockTarget = { $default: { target: mock('hello'), isTwoWay: true } };
  await mapDomain(clients, name, 'chat', await makeApi(clients, mockTarget));
  const update = (IpAddressType: 'ipv4' | 'dualstack') =>
    clients.gateway.send(
      new UpdateDomainNameCommand({ DomainName: name, DomainNameConfigurations: [{ IpAddressType }] }),
    );

  assert.deepEqual([await sixes(name), await sixes(made.regionalName)], ['ENODATA', 'ENODATA']);
  const updated = await update('dualstack');
  assert.equal(updated.DomainNameConfigurations![0]!.IpAddressType, 'dualstack');
  assert.equal(updated.DomainNameConfigurations![0]!.ApiGatewayDomainName, made.regionalName);
  assert.deepEqual([await sixes(name), await sixes(made.regionalName)], [['::1'], ['::1']]);

  const [address] = (await sixes(name)) as string[];
  const lookup = (
    _: string,
    options: { all?: boolean },
    done: (error: null, found: unknown, family?: number) => void,
  ) => (options.all ? done(null, [{ address, family: 6 }]) : done(null, address, 6));
  const port = overIPv6(gateway.ready.tls).split(':').at(-1);
  const client = await openSocket(gateway, `wss://${name}:${port}/chat`, { lookup } as object);
  assert.equal((client.socket as unknown as { _socket: { remoteFamily: string } })._socket.remoteFamily, 'IPv6');
  assert.equal(await ask(client, '{}'), 'hello');

  await update('ipv4');
  assert.equal(await sixes(name), 'ENODATA');
  assert.equal(await ask(client, '{}'), 'hello', 'the open socket stays');
  client.socket.terminate();
});
