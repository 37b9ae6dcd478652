// Each type of record that is served, from its text in Route 53's form to what a resolver reads.

import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { says } from './questions.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });

/** `read` is what dig prints, where that is not the value itself. */
const ROWS: readonly (readonly [behaviour: string, type: string, value: string, read?: string])[] = [
  ['an IPv4 address', 'A', '192.0.2.1'],
  ['an IPv6 address', 'AAAA', '2001:db8::1'],
  ['an IPv6 address in another spelling', 'AAAA', '2001:0DB8:0:0::0001', '2001:db8::1'],
  ['an IPv6 address that holds an IPv4 one', 'AAAA', '::ffff:192.0.2.1'],
  ['a name with its dot', 'CNAME', 'host.elsewhere.test.'],
  ['a name without its dot', 'CNAME', 'host.elsewhere.test', 'host.elsewhere.test.'],
  ['a name in its own case', 'PTR', 'Host.Elsewhere.TEST.'],
  ['a name with underscores', 'PTR', '_x._tcp.elsewhere.test.'],
  ['a mail server', 'MX', '10 mail.elsewhere.test.'],
  ['no mail at all', 'MX', '0 .'],
  ['a service', 'SRV', '1 2 8443 ws.elsewhere.test.'],
  ['a service that there is not', 'SRV', '0 0 0 .'],
  ['an authority that may issue', 'CAA', '0 issue "ca.elsewhere.test"'],
  ['a critical wish about authorities', 'CAA', '128 issuewild ";"'],
  ['a text', 'TXT', '"v=spf1 -all"'],
  ['an empty text', 'TXT', '""'],
  ['a text of several strings', 'TXT', '"one" "two" "three"'],
  ['a text of 255 characters', 'TXT', `"${'x'.repeat(255)}"`],
  ['a quote and a backslash', 'TXT', String.raw`"a \"b\" \\c"`],
  ['a semicolon and spaces', 'TXT', '"a; b   c"'],
  ['characters written as octal numbers', 'TXT', String.raw`"a\052b\303\251"`, String.raw`"a*b\195\169"`],
  ['a line of authority', 'SOA', 'ns.elsewhere.test. who.elsewhere.test. 7 1 2 3 4294967295'],
];

for (const [at, [behaviour, type, value, read = value]] of ROWS.entries()) {
  test(`${type} holds ${behaviour}`, { skip }, async () => {
    // dig folds runs of spaces outside quotes only; here they are folded on both sides.
    const expected = read.replace(/ +/g, ' ');
    const zone = `types-${at}.example`;
    if (type === 'SOA') {
      const zoneId = await makeZone(gateway.clients, zone);
      await changeZone(gateway.clients, zoneId, zone, 'UPSERT', `@ 60 SOA ${value}`);
      return says(gateway.dnsServer, `${zone} SOA`, { answer: [`${zone}. 60 SOA ${expected}`] });
    }
    await makeZone(gateway.clients, zone, `name 60 ${type} ${value}`);
    return says(gateway.dnsServer, `name.${zone} ${type}`, { answer: [`name.${zone}. 60 ${type} ${expected}`] });
  });
}

test('several values are answered in the order in which they were given', { skip }, async () => {
  const values = ['192.0.2.9', '192.0.2.1', '192.0.2.5'];
  await makeZone(gateway.clients, 'order.example', `name 60 A ${values.join(' | ')}`);
  await says(gateway.dnsServer, 'name.order.example A', {
    answer: values.map((value) => `name.order.example. 60 A ${value}`),
  });
});

test('the TTL is answered as it was given, from nothing to 68 years', { skip }, async () => {
  await makeZone(gateway.clients, 'ttl.example', 'none 0 A 192.0.2.1\nlong 2147483647 A 192.0.2.2');
  await says(gateway.dnsServer, 'none.ttl.example A', { answer: ['none.ttl.example. 0 A 192.0.2.1'] });
  await says(gateway.dnsServer, 'long.ttl.example A', { answer: ['long.ttl.example. 2147483647 A 192.0.2.2'] });
});
