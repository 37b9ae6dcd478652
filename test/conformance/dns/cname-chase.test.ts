// A CNAME is followed as far as the served zones go, and the answer holds each step (RFC 1034 3.6.2, RFC 6604).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { dig, nodata, nxdomain, says, type Said } from './questions.ts';
import { makeZone } from './zone-text.ts';

const CHAIN = 20;
const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(
  gateway.clients,
  'example.com',
  `www       300 A     192.0.2.1 | 192.0.2.2
   one       60  CNAME www.example.com
   two       90  CNAME one.example.com.
   three     120 CNAME two.example.com
   shouting  60  CNAME WWW.Example.COM
   next-door 60  CNAME host.example.net
   away      60  CNAME host.elsewhere.test.
   via       60  CNAME away.example.com
   nowhere   60  CNAME missing.example.com
   no-door   60  CNAME missing.example.net
   selfish   60  CNAME selfish.example.com
   ping      60  CNAME pong.example.com
   pong      60  CNAME ping.example.com
   regional  60  CNAME ns-1.dns.localhost`,
);
await makeZone(gateway.clients, 'example.net', 'host 600 A 192.0.2.7\nback 60 CNAME one.example.com');
const links = Array.from({ length: CHAIN }, (_, at) => `link${at} 60 CNAME link${at + 1}.chain.example`);
await makeZone(gateway.clients, 'chain.example', [...links, `link${CHAIN} 60 A 192.0.2.8`].join('\n'));

const WWW = ['www.example.com. 300 A 192.0.2.1', 'www.example.com. 300 A 192.0.2.2'];
const ONE = 'one.example.com. 60 CNAME www.example.com.';
const TWO = 'two.example.com. 90 CNAME one.example.com.';
const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['follows a CNAME within the zone', 'one.example.com A', { answer: [ONE, ...WWW] }],
  [
    'follows several, each with its own TTL',
    'three.example.com A',
    { answer: ['three.example.com. 120 CNAME two.example.com.', TWO, ONE, ...WWW] },
  ],
  ['answers a question for the CNAME itself without following it', 'two.example.com CNAME', { answer: [TWO] }],
  ['answers ANY with the CNAME alone', 'two.example.com ANY', { answer: [TWO] }],
  [
    'follows into another served zone',
    'next-door.example.com A',
    { answer: ['next-door.example.com. 60 CNAME host.example.net.', 'host.example.net. 600 A 192.0.2.7'] },
  ],
  [
    'follows from one zone to another',
    'back.example.net A',
    { answer: ['back.example.net. 60 CNAME one.example.com.', ONE, ...WWW] },
  ],
  [
    'stops where a name is not served here',
    'away.example.com A',
    { answer: ['away.example.com. 60 CNAME host.elsewhere.test.'] },
  ],
  [
    'keeps the steps before the name that is not served here',
    'via.example.com A',
    { answer: ['via.example.com. 60 CNAME away.example.com.', 'away.example.com. 60 CNAME host.elsewhere.test.'] },
  ],
  [
    'says that the last name does not exist',
    'nowhere.example.com A',
    { ...nxdomain('example.com'), answer: ['nowhere.example.com. 60 CNAME missing.example.com.'] },
  ],
  [
    'shows the SOA of the zone in which the last name does not exist',
    'no-door.example.com A',
    { ...nxdomain('example.net'), answer: ['no-door.example.com. 60 CNAME missing.example.net.'] },
  ],
  ['says that the last name has no such record', 'one.example.com AAAA', { ...nodata('example.com'), answer: [ONE] }],
  [
    'follows a target in whatever case it was written',
    'shouting.example.com A',
    { answer: ['shouting.example.com. 60 CNAME WWW.Example.COM.', ...WWW] },
  ],
  [
    'answers the first name in the case of the question',
    'ONE.Example.com A',
    { answer: ['ONE.Example.com. 60 CNAME www.example.com.', ...WWW] },
  ],
  [
    'follows to a name of the server itself',
    'regional.example.com A',
    { answer: ['regional.example.com. 60 CNAME ns-1.dns.localhost.', 'ns-1.dns.localhost. 60 A 127.0.0.1'] },
  ],
  [
    'shows each record of a circle once',
    'ping.example.com A',
    {
      answer: ['ping.example.com. 60 CNAME pong.example.com.', 'pong.example.com. 60 CNAME ping.example.com.'],
    },
  ],
  [
    'shows a CNAME that leads to itself once',
    'selfish.example.com A',
    { answer: ['selfish.example.com. 60 CNAME selfish.example.com.'] },
  ],
];

for (const [behaviour, question, want] of ROWS) {
  test(`${behaviour}: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

test('a long chain is answered with its first steps, for the resolver to go on from', { skip }, async () => {
  const reply = await dig(gateway.dnsServer, 'link0.chain.example A');
  assert.equal(reply.code, 'NOERROR');
  const steps = links.map((_, at) => `link${at}.chain.example. 60 CNAME link${at + 1}.chain.example.`);
  assert.ok(reply.answer.length >= 2 && reply.answer.length < CHAIN, `${reply.answer.length} steps`);
  assert.deepEqual(reply.answer, steps.slice(0, reply.answer.length));
});
