// The server's own names, which are in no zone: Regional names, default endpoints and name servers below the endpoint suffix.

import { CreateApiCommand, DeleteApiCommand, DeleteDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createClients } from '../../../demo/chain.ts';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { digOnce, REFUSED, says, type Said } from './questions.ts';
import { certify, makeDomain } from './regional-name.ts';
import { makeZone } from './zone-text.ts';

const SUFFIX = 'gw.example.net';
const ADDRESSES = ['192.0.2.80', '192.0.2.81', '2001:db8::80', '2001:db8::81'];
const skip = missing('dig');
const gateway = await startTestGateway({ after }, [
  '--endpoint-suffix',
  SUFFIX,
  ...ADDRESSES.flatMap((address) => ['--public-address', address]),
]);
const { clients, dnsServer } = gateway;
const zoneId = await makeZone(clients, 'example.com');
const certificate = await certify(clients, zoneId, 'example.com');
const single = await makeDomain(clients, 'v4.example.com', certificate);
const dual = await makeDomain(clients, 'v6.example.com', certificate, 'dualstack');

async function makeBareApi(region: string, ipAddressType: 'ipv4' | 'dualstack' = 'ipv4'): Promise<string> {
  const created = await createClients(gateway.endpoint, region).gateway.send(
    new CreateApiCommand({
      Name: 'own names',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
      IpAddressType: ipAddressType,
    }),
  );
  return created.ApiId!;
}
const api = await makeBareApi('us-east-1');
const dualApi = await makeBareApi('us-east-1', 'dualstack');
const farApi = await makeBareApi('eu-west-1');

/** Of one of the zones that the own names lie in. */
const soa = (zone: string) => `${zone}. 60 SOA ns-1.dns.${SUFFIX}. hostmaster.${SUFFIX}. 1 7200 900 1209600 60`;
const nodata = (zone = `us-east-1.${SUFFIX}`): Partial<Said> => ({ authority: [soa(zone)] });
const nxdomain = (zone = `us-east-1.${SUFFIX}`): Partial<Said> => ({ code: 'NXDOMAIN', authority: [soa(zone)] });
const DNS = `dns.${SUFFIX}`;
const V4 = (name: string): Partial<Said> => ({ answer: [`${name}. 60 A 192.0.2.80`, `${name}. 60 A 192.0.2.81`] });
const V6 = (name: string): Partial<Said> => ({
  answer: [`${name}. 60 AAAA 2001:db8::80`, `${name}. 60 AAAA 2001:db8::81`],
});
const endpoint = (apiId: string, region = 'us-east-1') => `${apiId}.execute-api.${region}.${SUFFIX}`;

const ROWS: readonly (readonly [behaviour: string, name: string, type: string, want: Partial<Said>])[] = [
  ['a Regional name has the IPv4 addresses', single.name, 'A', V4(single.name)],
  ['a Regional name has no IPv6 address unless it is dualstack', single.name, 'AAAA', nodata()],
  ['a dualstack Regional name has the IPv4 addresses', dual.name, 'A', V4(dual.name)],
  ['a dualstack Regional name has the IPv6 addresses', dual.name, 'AAAA', V6(dual.name)],
  ['a Regional name has no other records', dual.name, 'TXT', nodata()],
  ['a Regional name has nothing below it', `x.${dual.name}`, 'A', nxdomain()],
  [
    'a Regional name is answered in the case of the question',
    single.name.toUpperCase(),
    'A',
    V4(single.name.toUpperCase()),
  ],
  [
    'a Regional name that was never given out does not exist',
    `d-0123456789.execute-api.us-east-1.${SUFFIX}`,
    'A',
    nxdomain(),
  ],
  [
    'a Regional name exists in its own region only',
    single.name.replace('us-east-1', 'eu-west-1'),
    'A',
    nxdomain(`eu-west-1.${SUFFIX}`),
  ],
  ['a default endpoint has the IPv4 addresses', endpoint(api), 'A', V4(endpoint(api))],
  ['a default endpoint has no IPv6 address unless the API is dualstack', endpoint(api), 'AAAA', nodata()],
  ['the default endpoint of a dualstack API has the IPv6 addresses', endpoint(dualApi), 'AAAA', V6(endpoint(dualApi))],
  [
    'a default endpoint lies in the region of its API',
    endpoint(farApi, 'eu-west-1'),
    'A',
    V4(endpoint(farApi, 'eu-west-1')),
  ],
  ['a default endpoint does not exist in another region', endpoint(farApi), 'A', nxdomain()],
  ['a default endpoint of no API does not exist', endpoint('abcdefghij'), 'A', nxdomain()],
  ['a name server has the IPv4 addresses', `ns-1.dns.${SUFFIX}`, 'A', V4(`ns-1.dns.${SUFFIX}`)],
  ['a name server has the IPv6 addresses', `ns-4.dns.${SUFFIX}`, 'AAAA', V6(`ns-4.dns.${SUFFIX}`)],
  ['a name server has no other records', `ns-2.dns.${SUFFIX}`, 'MX', nodata(DNS)],
  ['there is no fifth name server', `ns-5.dns.${SUFFIX}`, 'A', nxdomain(DNS)],
  ['there is nothing below a name server', `x.ns-1.dns.${SUFFIX}`, 'A', nxdomain(DNS)],
  ['the host of approval links has the IPv4 addresses', endpoint('approvals'), 'A', V4(endpoint('approvals'))],
  ['the host of approval links has the IPv6 addresses', endpoint('approvals'), 'AAAA', V6(endpoint('approvals'))],
  [
    'the host of approval links lies in the region of the server',
    endpoint('approvals', 'eu-west-1'),
    'A',
    nxdomain(`eu-west-1.${SUFFIX}`),
  ],
  ['the name above the name servers exists', DNS, 'A', nodata(DNS)],
  ['the name above the endpoints of a region exists', `execute-api.us-east-1.${SUFFIX}`, 'NS', nodata()],
  ['the name of a region with endpoints exists', `us-east-1.${SUFFIX}`, 'A', nodata()],
  ['the name above the suffix is not ours', 'example.net', 'A', REFUSED],
  ['a name that merely ends like the suffix is not ours', `ns-1.dns.x${SUFFIX}`, 'A', REFUSED],
];

for (const [behaviour, name, type, want] of ROWS) {
  test(`${behaviour}: ${type}`, { skip }, () => says(dnsServer, `${name} ${type}`, want));
}

test('the name servers of a hosted zone are names of the server', { skip }, async () => {
  const { answer } = await digOnce(dnsServer, 'example.com NS');
  const servers = answer.map((line) => line.split(' ')[3]!);
  assert.deepEqual(
    servers,
    [1, 2, 3, 4].map((number) => `ns-${number}.dns.${SUFFIX}.`),
  );
  for (const server of servers) await says(dnsServer, `${server} A`, V4(server.replace(/\.$/, '')));
});

test('a Regional name goes with its domain name', { skip }, async () => {
  const regional = await makeDomain(clients, 'leaving.example.com', certificate);
  await says(dnsServer, `${regional.name} A`, V4(regional.name));
  await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: 'leaving.example.com' }));
  await says(dnsServer, `${regional.name} A`, nxdomain());
});

test('a default endpoint goes with its API', { skip }, async () => {
  const apiId = await makeBareApi('us-east-1');
  await says(dnsServer, `${endpoint(apiId)} A`, V4(endpoint(apiId)));
  await clients.gateway.send(new DeleteApiCommand({ ApiId: apiId }));
  await says(dnsServer, `${endpoint(apiId)} A`, nxdomain());
});

test('a hosted zone above the own names does not hide them, nor deny that names lead to them', { skip }, async () => {
  await makeZone(clients, 'example.net', 'www 60 A 192.0.2.9\nns-1.dns.gw 60 A 192.0.2.66');
  await says(dnsServer, 'www.example.net A', { answer: ['www.example.net. 60 A 192.0.2.9'] });
  await says(dnsServer, `${single.name} A`, V4(single.name));
  await says(dnsServer, `ns-1.dns.${SUFFIX} A`, V4(`ns-1.dns.${SUFFIX}`));
  // A resolver that walks down label by label gives up at the first name that does not exist.
  for (const name of [`execute-api.us-east-1.${SUFFIX}`, `us-east-1.${SUFFIX}`, SUFFIX]) {
    const { code } = await digOnce(dnsServer, `${name} A`);
    assert.equal(code, 'NOERROR', name);
  }
});
