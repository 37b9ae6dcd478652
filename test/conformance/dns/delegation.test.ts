// A record set of type NS below the apex hands part of the zone to other servers: whoever asks there is told whom to ask, without
// authority (RFC 1034 4.3.2).

import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { nameServersOf, nodata, nxdomain, says, type Said } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(
  gateway.clients,
  'example.com',
  `*             300  TXT   "wild"
   www           300  A     192.0.2.1
   to-child      300  CNAME www.child.example.com
   child         3600 NS    ns1.child.example.com. | ns2.elsewhere.test.
   ns1.child     600  A     192.0.2.53
   ns1.child     600  AAAA  2001:db8::53
   www.child     300  A     192.0.2.66
   inner.child   3600 NS    ns.inner.test.
   in-zone       3600 NS    ns.example.com.
   ns            900  A     192.0.2.54
   away          3600 NS    ns.elsewhere.test.`,
);

const CHILD: Partial<Said> = {
  isAuthoritative: false,
  authority: ['child.example.com. 3600 NS ns1.child.example.com.', 'child.example.com. 3600 NS ns2.elsewhere.test.'],
  additional: ['ns1.child.example.com. 600 A 192.0.2.53', 'ns1.child.example.com. 600 AAAA 2001:db8::53'],
};

const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['refers a name below the delegation, with glue', 'host.child.example.com A', CHILD],
  ['refers a name far below the delegation', 'a.b.c.child.example.com MX', CHILD],
  ['refers the delegated name itself', 'child.example.com A', CHILD],
  ['refers the question for the NS records of the delegated name', 'child.example.com NS', CHILD],
  ['refers the question for the SOA record of the delegated name', 'child.example.com SOA', CHILD],
  ['refers any type at the delegated name', 'child.example.com ANY', CHILD],
  ['does not answer with glue as if it were its own record', 'ns1.child.example.com A', CHILD],
  ['hides a record of the zone that lies below the delegation', 'www.child.example.com A', CHILD],
  ['refers to the delegation nearest the apex when another lies below it', 'x.inner.child.example.com A', CHILD],
  ['lets no wildcard reach below a delegation', 'other.child.example.com TXT', CHILD],
  [
    'adds the addresses of a name server elsewhere in the zone',
    'www.in-zone.example.com A',
    {
      isAuthoritative: false,
      authority: ['in-zone.example.com. 3600 NS ns.example.com.'],
      additional: ['ns.example.com. 900 A 192.0.2.54'],
    },
  ],
  [
    'adds no address of a name server outside the zone',
    'www.away.example.com A',
    { isAuthoritative: false, authority: ['away.example.com. 3600 NS ns.elsewhere.test.'] },
  ],
  [
    'answers a name beside the delegation itself',
    'www.example.com A',
    { answer: ['www.example.com. 300 A 192.0.2.1'] },
  ],
  [
    'takes a name that merely ends alike for another name',
    'xchild.example.com TXT',
    { answer: ['xchild.example.com. 300 TXT "wild"'] },
  ],
  ['answers the NS records of the apex with authority', 'example.com NS', { answer: nameServersOf('example.com') }],
  ['says with authority that the apex has no address', 'example.com A', nodata('example.com')],
  [
    'answers a CNAME with authority and refers its target that is delegated',
    'to-child.example.com A',
    { ...CHILD, isAuthoritative: true, answer: ['to-child.example.com. 300 CNAME www.child.example.com.'] },
  ],
];

for (const [behaviour, question, want] of ROWS) {
  test(`${behaviour}: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

test('a delegation ends with its NS record set', { skip }, async () => {
  const zoneId = await makeZone(gateway.clients, 'ending.example', 'child 60 NS ns.elsewhere.test.');
  await says(gateway.dnsServer, 'www.child.ending.example A', {
    isAuthoritative: false,
    authority: ['child.ending.example. 60 NS ns.elsewhere.test.'],
  });
  await changeZone(gateway.clients, zoneId, 'ending.example', 'DELETE', 'child 60 NS ns.elsewhere.test.');
  await says(gateway.dnsServer, 'www.child.ending.example A', nxdomain('ending.example'));
});
