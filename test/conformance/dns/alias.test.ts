// Alias records answer with the records of their target under their own name; no CNAME is seen (custom-domains 6.7). They lead to
// the Regional names of custom domain names, or to other names of the zone.

import { DeleteDomainNameCommand, UpdateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { recordSetId, type RecordSet } from '../../../src/model/hosted-zone.ts';
import { startGatewayHere } from '../../harness/gateway-here.ts';
import { REGION, startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { digOnce, nameServersOf, nodata, nxdomain, says, type Said } from './questions.ts';
import { certify, makeDomain } from './regional-name.ts';
import { changeZone, makeZone } from './zone-text.ts';

const ZONE = 'example.com';
const ADDRESSES = ['192.0.2.80', '192.0.2.81', '2001:db8::80'];
const skip = missing('dig');
const gateway = await startTestGateway(
  { after },
  ADDRESSES.flatMap((address) => ['--public-address', address]),
);
const { clients, dnsServer } = gateway;
const zoneId = await makeZone(clients, ZONE);
const certificate = await certify(clients, zoneId, ZONE);
const single = await makeDomain(clients, 'v4.example.com', certificate);
const dual = await makeDomain(clients, 'v6.example.com', certificate, 'dualstack');
const apex = await makeDomain(clients, ZONE, certificate, 'dualstack');
const wild = await makeDomain(clients, '*.example.com', certificate);
await changeZone(
  clients,
  zoneId,
  ZONE,
  'CREATE',
  `v4       ALIAS A    ${single.zoneId} ${single.name}
   v4       ALIAS AAAA ${single.zoneId} ${single.name}
   v6       ALIAS A    ${dual.zoneId} ${dual.name}
   v6       ALIAS AAAA ${dual.zoneId} ${dual.name}
   only-v4  ALIAS A    ${dual.zoneId} ${dual.name}
   @        ALIAS A    ${apex.zoneId} ${apex.name.toUpperCase()}.
   @        ALIAS AAAA ${apex.zoneId} ${apex.name}
   *        ALIAS A    ${wild.zoneId} ${wild.name}
   host     300   A    192.0.2.1 | 192.0.2.2
   host     7200  TXT  "a host"
   www      ALIAS A    ${zoneId} host.example.com
   www      ALIAS TXT  ${zoneId} host.example.com
   twice    ALIAS A    ${zoneId} www.example.com
   to-v6    ALIAS AAAA ${zoneId} v6.example.com
   c        60    CNAME v6.example.com
   to-www   60    CNAME www.example.com`,
);

const V4 = (name: string) => [`${name} 60 A 192.0.2.80`, `${name} 60 A 192.0.2.81`];
const V6 = (name: string) => [`${name} 60 AAAA 2001:db8::80`];
const HOST = (name: string) => [`${name} 300 A 192.0.2.1`, `${name} 300 A 192.0.2.2`];

const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['answers A with the IPv4 addresses of the Regional name', 'v4.example.com A', { answer: V4('v4.example.com.') }],
  ['has no AAAA record when the domain name is not dualstack', 'v4.example.com AAAA', nodata(ZONE)],
  ['answers A of a dualstack name with IPv4 addresses', 'v6.example.com A', { answer: V4('v6.example.com.') }],
  ['answers AAAA of a dualstack name with IPv6 addresses', 'v6.example.com AAAA', { answer: V6('v6.example.com.') }],
  ['answers only the type that it has', 'only-v4.example.com AAAA', nodata(ZONE)],
  ['is no CNAME', 'v4.example.com CNAME', nodata(ZONE)],
  ['works at the apex for A', 'example.com A', { answer: V4('example.com.') }],
  ['works at the apex for AAAA', 'example.com AAAA', { answer: V6('example.com.') }],
  ['leaves the NS records of the apex alone', 'example.com NS', { answer: nameServersOf(ZONE) }],
  ['works for a wildcard', 'cust7.example.com A', { answer: V4('cust7.example.com.') }],
  ['answers in the case of the question', 'V4.eXample.com A', { answer: V4('V4.eXample.com.') }],
  [
    'leads to another name of the zone, with the TTL of the target',
    'www.example.com A',
    { answer: HOST('www.example.com.') },
  ],
  ['leads to records of any type', 'www.example.com TXT', { answer: ['www.example.com. 7200 TXT "a host"'] }],
  ['leads to another alias', 'twice.example.com A', { answer: HOST('twice.example.com.') }],
  ['leads by another alias to a Regional name', 'to-v6.example.com AAAA', { answer: V6('to-v6.example.com.') }],
  [
    'is found behind a CNAME',
    'c.example.com AAAA',
    { answer: ['c.example.com. 60 CNAME v6.example.com.', ...V6('v6.example.com.')] },
  ],
  [
    'that leads within the zone is found behind a CNAME',
    'to-www.example.com A',
    { answer: ['to-www.example.com. 60 CNAME www.example.com.', ...HOST('www.example.com.')] },
  ],
];

for (const [behaviour, question, want] of ROWS) {
  test(`an alias ${behaviour}: ${question}`, { skip }, () => says(dnsServer, question, want));
}

test('an alias follows its domain name from ipv4 to dualstack', { skip }, async () => {
  const regional = await makeDomain(clients, 'turning.example.com', certificate);
  await changeZone(clients, zoneId, ZONE, 'CREATE', `turning ALIAS AAAA ${regional.zoneId} ${regional.name}`);
  await says(dnsServer, 'turning.example.com AAAA', nodata(ZONE));
  await clients.gateway.send(
    new UpdateDomainNameCommand({
      DomainName: 'turning.example.com',
      DomainNameConfigurations: [{ CertificateArn: certificate, IpAddressType: 'dualstack' }],
    }),
  );
  await says(dnsServer, 'turning.example.com AAAA', { answer: V6('turning.example.com.') });
});

test('an alias to a domain name that was deleted has no records, and its name still exists', { skip }, async () => {
  const regional = await makeDomain(clients, 'leaving.example.com', certificate);
  await changeZone(clients, zoneId, ZONE, 'CREATE', `leaving ALIAS A ${regional.zoneId} ${regional.name}`);
  await says(dnsServer, 'leaving.example.com A', { answer: V4('leaving.example.com.') });
  await clients.gateway.send(new DeleteDomainNameCommand({ DomainName: 'leaving.example.com' }));
  await says(dnsServer, 'leaving.example.com A', nodata(ZONE));
});

test('an alias to a record that was deleted has no records', { skip }, async () => {
  const zone = 'aliases.example';
  const id = await makeZone(clients, zone, 'target 60 A 192.0.2.3');
  await changeZone(clients, id, zone, 'CREATE', `name ALIAS A ${id} target.${zone}`);
  await says(dnsServer, `name.${zone} A`, { answer: [`name.${zone}. 60 A 192.0.2.3`] });
  await changeZone(clients, id, zone, 'DELETE', 'target 60 A 192.0.2.3');
  await says(dnsServer, `name.${zone} A`, nodata(zone));
  await says(dnsServer, `target.${zone} A`, nxdomain(zone));
});

test('ANY at a name of aliases is answered with one of them', { skip }, async () => {
  const { answer } = await digOnce(dnsServer, 'v6.example.com ANY');
  assert.deepEqual(answer, V4('v6.example.com.'));
});

test('aliases that lead to each other are a failure of the server, and disturb nobody', { skip }, async () => {
  const zone = 'circle.example';
  // Such records are refused when they are made; what is stored already may hold them.
  const here = await startGatewayHere({ after });
  const id = await makeZone(here.clients, zone, 'a 60 A 192.0.2.4\nb 60 A 192.0.2.5');
  const alias = (from: string, to: string): RecordSet => ({
    id: recordSetId(id, `${from}.${zone}.`, 'A'),
    account: '000000000000',
    region: REGION,
    hostedZoneId: id,
    name: `${from}.${zone}.`,
    type: 'A',
    aliasTarget: { hostedZoneId: id, dnsName: `${to}.${zone}.`, evaluateTargetHealth: false },
  });
  await here.store.transact(async (transaction) => {
    transaction.put('record-set', alias('a', 'b'));
    transaction.put('record-set', alias('b', 'a'));
  });
  const { code, answer } = await digOnce(here.dnsServer, `a.${zone} A`, ['+time=3']);
  assert.deepEqual({ code, answer }, { code: 'SERVFAIL', answer: [] });
  await says(here.dnsServer, `${zone} TXT`, nodata(zone));
});
