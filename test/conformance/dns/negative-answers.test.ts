// What does not exist is said with the SOA record of the zone, so that resolvers may remember it (RFC 2308); what is not served
// here is refused, and about it nothing is said.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { dig, nodata, nxdomain, REFUSED, says, soaOf, type Said } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(gateway.clients, 'example.com', 'www 300 A 192.0.2.1\nhost.lab 300 A 192.0.2.2');
await makeZone(gateway.clients, 'lab.example.com', 'www 300 A 192.0.2.3');

const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['denies a name that does not exist', 'missing.example.com A', nxdomain('example.com')],
  ['denies a name below one that exists', 'x.www.example.com A', nxdomain('example.com')],
  ['denies a record that a name does not have', 'www.example.com AAAA', nodata('example.com')],
  ['denies a record that the apex does not have', 'example.com TXT', nodata('example.com')],
  ['denies a record of a type that is not served at all', 'www.example.com DNSKEY', nodata('example.com')],
  ['denies a record of a type that has no name', 'www.example.com TYPE65280', nodata('example.com')],
  ['denies an HTTPS record, for which browsers ask first', 'www.example.com TYPE65', nodata('example.com')],
  ['denies with the SOA of the nearest zone', 'missing.lab.example.com A', nxdomain('lab.example.com')],
  ['does not look into the zone above for a name', 'host.lab.example.com A', nxdomain('lab.example.com')],
  ['denies in the zone above what lies beside the zone below', 'x.xlab.example.com A', nxdomain('example.com')],
  ['shows the SOA record to whom asks for it', 'example.com SOA', { answer: [soaOf('example.com')] }],
  ['refuses a name of nobody here', 'www.elsewhere.test A', REFUSED],
  ['refuses the name above a zone', 'com SOA', REFUSED],
  ['refuses the root', '. NS', REFUSED],
  ['refuses a zone that merely ends alike', 'www.notexample.com A', REFUSED],
  ['refuses another class than IN', 'www.example.com TXT CH', REFUSED],
  ['refuses to tell its version', 'version.bind TXT CH', REFUSED],
];

for (const [behaviour, question, want] of ROWS) {
  test(`${behaviour}: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

test('copies the question in its own case into a denial', { skip }, async () => {
  const reply = await dig(gateway.dnsServer, 'MisSing.EXAMPLE.com A');
  assert.deepEqual(reply.question, ['MisSing.EXAMPLE.com. A']);
  assert.equal(reply.code, 'NXDOMAIN');
});

const MINIMUMS: readonly (readonly [ttl: number, minimum: number, want: number])[] = [
  [900, 60, 60],
  [30, 86_400, 30],
];

for (const [ttl, minimum, want] of MINIMUMS) {
  test(`a denial lives for ${want} s when the SOA's TTL is ${ttl} and its minimum ${minimum}`, { skip }, async () => {
    const zone = `minimum-${minimum}.example`;
    const zoneId = await makeZone(gateway.clients, zone);
    const data = `ns-1.dns.localhost. hostmaster.${zone}. 7 7200 900 1209600 ${minimum}`;
    await changeZone(gateway.clients, zoneId, zone, 'UPSERT', `@ ${ttl} SOA ${data}`);
    await says(gateway.dnsServer, `x.${zone} A`, { code: 'NXDOMAIN', authority: [`${zone}. ${want} SOA ${data}`] });
    await says(gateway.dnsServer, `${zone} A`, { authority: [`${zone}. ${want} SOA ${data}`] });
    await says(gateway.dnsServer, `${zone} SOA`, { answer: [`${zone}. ${ttl} SOA ${data}`] });
  });
}
