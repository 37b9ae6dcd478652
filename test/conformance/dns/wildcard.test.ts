// Wildcards answer for names that do not exist, from the closest name that does (RFC 4592). The first zone is the example of its
// section 2.2.1, with the answers that it lists.

import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { nameServersOf, nodata, nxdomain, says, type Said } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(
  gateway.clients,
  'rfc.example',
  `*                3600 TXT "this is a wildcard"
   *                3600 MX  10 host1.rfc.example.
   sub.*            3600 TXT "this is not a wildcard"
   host1            3600 A   192.0.2.1
   _ssh._tcp.host1  3600 SRV 1 2 22 host1.rfc.example.
   _ssh._tcp.host2  3600 SRV 1 2 22 host2.rfc.example.
   subdel           3600 NS  ns.elsewhere.test.`,
);
await makeZone(
  gateway.clients,
  'tenants.example',
  `*             60 A     192.0.2.10
   special       60 A     192.0.2.11
   text          60 TXT   "only a text"
   *.eu          60 A     192.0.2.12
   eu            60 A     192.0.2.13
   *.to          60 CNAME special.tenants.example.`,
);

const RFC: readonly (readonly [question: string, want: Partial<Said>])[] = [
  [
    'host3.rfc.example MX',
    {
      answer: ['host3.rfc.example. 3600 MX 10 host1.rfc.example.'],
      additional: ['host1.rfc.example. 3600 A 192.0.2.1'],
    },
  ],
  ['host3.rfc.example A', nodata('rfc.example')],
  ['foo.bar.rfc.example TXT', { answer: ['foo.bar.rfc.example. 3600 TXT "this is a wildcard"'] }],
  ['host1.rfc.example MX', nodata('rfc.example')],
  ['sub.*.rfc.example MX', nodata('rfc.example')],
  ['_telnet._tcp.host1.rfc.example SRV', nxdomain('rfc.example')],
  [
    'host.subdel.rfc.example A',
    { isAuthoritative: false, authority: ['subdel.rfc.example. 3600 NS ns.elsewhere.test.'] },
  ],
  ['ghost.*.rfc.example MX', nxdomain('rfc.example')],
];

for (const [question, want] of RFC) {
  test(`answers the example of RFC 4592: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['covers one label', 'cust7.tenants.example A', { answer: ['cust7.tenants.example. 60 A 192.0.2.10'] }],
  ['covers any depth', 'a.b.c.tenants.example A', { answer: ['a.b.c.tenants.example. 60 A 192.0.2.10'] }],
  ['does not cover the apex', 'tenants.example A', nodata('tenants.example')],
  ['leaves the records of the apex alone', 'tenants.example NS', { answer: nameServersOf('tenants.example') }],
  [
    'yields to a name of its own',
    'special.tenants.example A',
    { answer: ['special.tenants.example. 60 A 192.0.2.11'] },
  ],
  ['yields to a name that has other records only', 'text.tenants.example A', nodata('tenants.example')],
  ['does not cover what lies below a name of its own', 'x.special.tenants.example A', nxdomain('tenants.example')],
  [
    'is found at the closest name that exists',
    'x.eu.tenants.example A',
    { answer: ['x.eu.tenants.example. 60 A 192.0.2.12'] },
  ],
  [
    'does not cover the name that it hangs on',
    'eu.tenants.example A',
    { answer: ['eu.tenants.example. 60 A 192.0.2.13'] },
  ],
  [
    'answers for itself when asked by its name',
    '*.tenants.example A',
    { answer: ['*.tenants.example. 60 A 192.0.2.10'] },
  ],
  ['says "no such record" for types that it lacks', 'cust7.tenants.example AAAA', nodata('tenants.example')],
  [
    'answers in the case of the question',
    'CusT7.TENANTS.example A',
    { answer: ['CusT7.TENANTS.example. 60 A 192.0.2.10'] },
  ],
  [
    'may be a CNAME, which is followed',
    'any.to.tenants.example A',
    {
      answer: ['any.to.tenants.example. 60 CNAME special.tenants.example.', 'special.tenants.example. 60 A 192.0.2.11'],
    },
  ],
];

for (const [behaviour, question, want] of ROWS) {
  test(`a wildcard ${behaviour}: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

test('a wildcard stops and begins to cover a name as records come and go', { skip }, async () => {
  const zone = 'moving.example';
  const wild = { answer: [`host.${zone}. 60 A 192.0.2.1`] };
  const zoneId = await makeZone(gateway.clients, zone, '* 60 A 192.0.2.1');
  await says(gateway.dnsServer, `host.${zone} A`, wild);
  await changeZone(gateway.clients, zoneId, zone, 'CREATE', 'host 60 TXT "here"');
  await says(gateway.dnsServer, `host.${zone} A`, nodata(zone));
  await changeZone(gateway.clients, zoneId, zone, 'DELETE', 'host 60 TXT "here"');
  await says(gateway.dnsServer, `host.${zone} A`, wild);
});
