// The zones that the server's own names lie in, so that a parent can delegate them: the endpoint suffix, and below it `dns`, each
// region and the challenges. A hosted zone of such a name serves it instead, and what a hosted zone above holds beside our names
// is still its own.

import { after, test } from 'node:test';
import { missing } from '../../harness/peers.ts';
import { startDnsHere } from './dns-here.ts';
import { REFUSED, says, type Said } from './questions.ts';
import { servedHere } from './zone-text.ts';

const SUFFIX = 'gw.example.net';
const skip = missing('dig');

/** Zones that are hosted beside the own names. */
const HOSTED = {
  nothing: {},
  'the suffix': { [SUFFIX]: 'www 60 A 192.0.2.1\n* 60 TXT "wild"' },
  'the name above': {
    'example.net':
      'www.gw 60 A 192.0.2.1\n*.wild.gw 60 A 192.0.2.2\ncut.gw 60 NS ns.elsewhere.test.\nother 60 A 192.0.2.9',
  },
  'the name above, which delegates the suffix': {
    'example.net': 'gw 60 NS ns-1.dns.gw.example.net.\nwww.gw 60 A 192.0.2.1',
  },
  'the name above, with a record at the suffix': { 'example.net': 'gw 60 A 192.0.2.1' },
  'a wildcard above': { 'example.net': '* 60 A 192.0.2.1' },
  'a wildcard below the suffix': { 'example.net': '*.gw 60 A 192.0.2.1' },
  'a region': { [`us-east-1.${SUFFIX}`]: 'www 60 A 192.0.2.1' },
  'a name below': { [`shop.${SUFFIX}`]: 'www 60 A 192.0.2.1' },
} as const;

const servers = new Map<string, string>();
for (const [what, zones] of Object.entries(HOSTED)) {
  const options = { snapshot: servedHere(zones), suffix: SUFFIX, publicAddresses: ['192.0.2.80', '2001:db8::80'] };
  servers.set(what, (await startDnsHere({ after }, options)).address);
}

const SERVERS = [1, 2, 3, 4].map((number) => `ns-${number}.dns.${SUFFIX}.`);
const GLUE = SERVERS.flatMap((name) => [`${name} 60 A 192.0.2.80`, `${name} 60 AAAA 2001:db8::80`]);
const soa = (zone: string) => `${zone}. 60 SOA ns-1.dns.${SUFFIX}. hostmaster.${SUFFIX}. 1 7200 900 1209600 60`;
const hostedSoa = (zone: string) => `${zone}. 300 SOA ns-1.dns.localhost. a.${zone}. 1 7200 900 1209600 300`;
/** The servers are told with the addresses that lie in the zone. */
const serversOf = (zone: string, additional: readonly string[] = []): Partial<Said> => ({
  answer: SERVERS.map((name) => `${zone}. 3600 NS ${name}`),
  additional,
});
const no = (code: 'NOERROR' | 'NXDOMAIN', line: string): Partial<Said> => ({ code, authority: [line] });
const A = (name: string, address = '192.0.2.1'): Partial<Said> => ({ answer: [`${name}. 60 A ${address}`] });

type Row = readonly [hosted: keyof typeof HOSTED, question: string, want: Partial<Said>];
const ROWS: readonly Row[] = [
  ['nothing', `${SUFFIX} SOA`, { answer: [soa(SUFFIX)] }],
  ['nothing', `${SUFFIX} NS`, serversOf(SUFFIX, GLUE)],
  ['nothing', `${SUFFIX} A`, no('NOERROR', soa(SUFFIX))],
  ['nothing', `dns.${SUFFIX} NS`, serversOf(`dns.${SUFFIX}`, GLUE)],
  ['nothing', `dns.${SUFFIX} SOA`, { answer: [soa(`dns.${SUFFIX}`)] }],
  ['nothing', `eu-west-1.${SUFFIX} NS`, serversOf(`eu-west-1.${SUFFIX}`)],
  ['nothing', `eu-west-1.${SUFFIX} SOA`, { answer: [soa(`eu-west-1.${SUFFIX}`)] }],
  ['nothing', `execute-api.eu-west-1.${SUFFIX} NS`, no('NOERROR', soa(`eu-west-1.${SUFFIX}`))],
  ['nothing', `other.eu-west-1.${SUFFIX} A`, no('NXDOMAIN', soa(`eu-west-1.${SUFFIX}`))],
  ['nothing', `acme-challenges.${SUFFIX} NS`, serversOf(`acme-challenges.${SUFFIX}`)],
  ['nothing', `nobody.${SUFFIX} A`, no('NXDOMAIN', soa(SUFFIX))],
  ['nothing', `a.b.c.${SUFFIX} A`, no('NXDOMAIN', soa(SUFFIX))],
  ['nothing', 'example.net SOA', REFUSED],
  ['nothing', `x${SUFFIX} A`, REFUSED],
  ['the suffix', `${SUFFIX} SOA`, { answer: [hostedSoa(SUFFIX).replace('300 SOA', '900 SOA')] }],
  ['the suffix', `${SUFFIX} NS`, { answer: [`${SUFFIX}. 172800 NS ns-1.dns.localhost.`] }],
  ['the suffix', `www.${SUFFIX} A`, A(`www.${SUFFIX}`)],
  ['the suffix', `any.${SUFFIX} TXT`, { answer: [`any.${SUFFIX}. 60 TXT "wild"`] }],
  ['the suffix', `us-east-1.${SUFFIX} TXT`, no('NOERROR', soa(`us-east-1.${SUFFIX}`))],
  ['the suffix', `ns-1.dns.${SUFFIX} A`, A(`ns-1.dns.${SUFFIX}`, '192.0.2.80')],
  ['the name above', `${SUFFIX} NS`, serversOf(SUFFIX, GLUE)],
  ['the name above', `www.${SUFFIX} A`, A(`www.${SUFFIX}`)],
  ['the name above', `x.wild.${SUFFIX} A`, A(`x.wild.${SUFFIX}`, '192.0.2.2')],
  ['the name above', `wild.${SUFFIX} A`, no('NOERROR', hostedSoa('example.net'))],
  [
    'the name above',
    `x.cut.${SUFFIX} A`,
    { isAuthoritative: false, authority: [`cut.${SUFFIX}. 60 NS ns.elsewhere.test.`] },
  ],
  ['the name above', `nobody.${SUFFIX} A`, no('NXDOMAIN', soa(SUFFIX))],
  ['the name above', 'other.example.net A', A('other.example.net', '192.0.2.9')],
  ['the name above', 'nobody.example.net A', no('NXDOMAIN', hostedSoa('example.net'))],
  ['the name above, which delegates the suffix', `${SUFFIX} NS`, serversOf(SUFFIX, GLUE)],
  ['the name above, which delegates the suffix', `www.${SUFFIX} A`, no('NXDOMAIN', soa(SUFFIX))],
  ['the name above, with a record at the suffix', `${SUFFIX} A`, A(SUFFIX)],
  ['the name above, with a record at the suffix', `${SUFFIX} NS`, no('NOERROR', hostedSoa('example.net'))],
  ['the name above, with a record at the suffix', `dns.${SUFFIX} NS`, serversOf(`dns.${SUFFIX}`, GLUE)],
  ['the name above, with a record at the suffix', `nobody.${SUFFIX} A`, no('NXDOMAIN', hostedSoa('example.net'))],
  ['a wildcard above', `${SUFFIX} A`, no('NOERROR', soa(SUFFIX))],
  ['a wildcard above', `nobody.${SUFFIX} A`, no('NXDOMAIN', soa(SUFFIX))],
  ['a wildcard above', 'x.example.net A', A('x.example.net')],
  ['a wildcard below the suffix', `nobody.${SUFFIX} A`, A(`nobody.${SUFFIX}`)],
  ['a wildcard below the suffix', `us-east-1.${SUFFIX} A`, no('NOERROR', soa(`us-east-1.${SUFFIX}`))],
  ['a region', `us-east-1.${SUFFIX} NS`, { answer: [`us-east-1.${SUFFIX}. 172800 NS ns-1.dns.localhost.`] }],
  ['a region', `www.us-east-1.${SUFFIX} A`, A(`www.us-east-1.${SUFFIX}`)],
  ['a region', `x.execute-api.us-east-1.${SUFFIX} A`, no('NXDOMAIN', soa(`us-east-1.${SUFFIX}`))],
  ['a region', `eu-west-1.${SUFFIX} NS`, serversOf(`eu-west-1.${SUFFIX}`)],
  ['a name below', `www.shop.${SUFFIX} A`, A(`www.shop.${SUFFIX}`)],
  ['a name below', `x.shop.${SUFFIX} A`, no('NXDOMAIN', hostedSoa(`shop.${SUFFIX}`))],
  ['a name below', `${SUFFIX} NS`, serversOf(SUFFIX, GLUE)],
];

for (const [hosted, question, want] of ROWS) {
  test(`where a hosted zone serves ${hosted}: ${question}`, { skip }, () => says(servers.get(hosted)!, question, want));
}
