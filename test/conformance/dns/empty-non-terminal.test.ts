// A name that has no records but names below it exists: it is answered "no such record", never "no such name", and a wildcard
// does not stand in for it (RFC 4592 2.2.2, RFC 8020).

import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { nodata, nxdomain, says, type Said } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(
  gateway.clients,
  'example.com',
  `a.b.c           300 A  192.0.2.1
   *.w             300 A  192.0.2.2
   cut.d           300 NS ns.elsewhere.test.
   host.net-a      300 A  192.0.2.3
   x.*.under-star  300 A  192.0.2.4`,
);
await makeZone(gateway.clients, 'wild.example', '*   300 A 192.0.2.9\ndeep.er 300 A 192.0.2.10');

const NODATA = nodata('example.com');
const NXDOMAIN = nxdomain('example.com');
const ROWS: readonly (readonly [behaviour: string, question: string, want: Partial<Said>])[] = [
  ['exists one label above a record', 'b.c.example.com A', NODATA],
  ['exists two labels above a record', 'c.example.com A', NODATA],
  ['has no record of any type', 'c.example.com ANY', NODATA],
  ['exists above a wildcard', 'w.example.com A', NODATA],
  ['exists above a delegation', 'd.example.com A', NODATA],
  ['leaves a name beside it without existence', 'x.c.example.com A', NXDOMAIN],
  ['leaves a name beside the record without existence', 'x.b.c.example.com A', NXDOMAIN],
  ['leaves a name below the record without existence', 'x.a.b.c.example.com A', NXDOMAIN],
  ['is not made by a name that merely ends alike', 'a.example.com A', NXDOMAIN],
  ['is not made by the last letters of a label', 'et-a.example.com A', NXDOMAIN],
  ['is not covered by a wildcard above it', 'er.wild.example A', nodata('wild.example')],
  ['stops a wildcard from covering the names below it', 'other.er.wild.example A', nxdomain('wild.example')],
  ['may be a wildcard that has only names below it', '*.under-star.example.com A', NODATA],
  ['makes whatever such a wildcard covers exist as well', 'y.under-star.example.com A', NODATA],
];

for (const [behaviour, question, want] of ROWS) {
  test(`an empty non-terminal ${behaviour}: ${question}`, { skip }, () => says(gateway.dnsServer, question, want));
}

test('an empty non-terminal goes with the last name below it', { skip }, async () => {
  const zone = 'shrinking.example';
  const zoneId = await makeZone(
    gateway.clients,
    zone,
    'one.mid 60 A 192.0.2.1\none.mid 60 TXT "x"\ntwo.mid 60 A 192.0.2.2',
  );
  await says(gateway.dnsServer, `mid.${zone} A`, nodata(zone));
  await changeZone(gateway.clients, zoneId, zone, 'DELETE', 'one.mid 60 A 192.0.2.1\ntwo.mid 60 A 192.0.2.2');
  await says(gateway.dnsServer, `mid.${zone} A`, nodata(zone));
  await changeZone(gateway.clients, zoneId, zone, 'DELETE', 'one.mid 60 TXT "x"');
  await says(gateway.dnsServer, `mid.${zone} A`, nxdomain(zone));
});

test('a name stays an empty non-terminal when its own records go', { skip }, async () => {
  const zone = 'hollow.example';
  const zoneId = await makeZone(gateway.clients, zone, 'mid 60 A 192.0.2.1\nlow.mid 60 A 192.0.2.2');
  await changeZone(gateway.clients, zoneId, zone, 'DELETE', 'mid 60 A 192.0.2.1');
  await says(gateway.dnsServer, `mid.${zone} A`, nodata(zone));
});
