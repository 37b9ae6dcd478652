// The size of answers: what does not fit a datagram is said to be cut, and comes whole over TCP (RFC 1035 4.2, RFC 6891); ANY is
// answered with little (RFC 8482).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { missing } from '../../harness/peers.ts';
import { digOnce, nodata, says, soaOf } from './questions.ts';
import { framed, header, name, question, readHeader, stream } from './raw-messages.ts';
import { changeZone, makeZone } from './zone-text.ts';

const skip = missing('dig');
const gateway = await startTestGateway({ after });
const texts = (count: number, characters: number) =>
  Array.from({ length: count }, (_, at) => `"${String(at).padStart(characters, '-')}"`);
await makeZone(
  gateway.clients,
  'example.com',
  `small   60 TXT ${texts(3, 90).join(' | ')}
   medium  60 TXT ${texts(5, 100).join(' | ')}
   large   60 TXT ${texts(10, 200).join(' | ')}
   many    60 A ${Array.from({ length: 100 }, (_, at) => `192.0.2.${at}`).join(' | ')}
   both    60 A 192.0.2.1
   both    60 TXT "a text"
   both    60 MX 10 mail.example.com | 20 mail2.example.com
   fence   60 A 192.0.2.1`,
);

const valuesOf = (label: string, values: readonly string[]) =>
  values.map((value) => `${label}.example.com. 60 TXT ${value}`);

const CUT: readonly (readonly [behaviour: string, question: string, options: readonly string[]])[] = [
  ['without EDNS above 512 octets', 'medium.example.com TXT', ['+noedns']],
  ['above the size that the client offers', 'medium.example.com TXT', ['+bufsize=600']],
  ['above 512 octets when the client offers less', 'medium.example.com TXT', ['+bufsize=100']],
  ['above 1,232 octets whatever the client offers', 'large.example.com TXT', ['+bufsize=4096']],
  ['with many short records', 'many.example.com A', ['+bufsize=1232']],
];

for (const [behaviour, asked, options] of CUT) {
  test(`is cut ${behaviour}`, { skip }, async () => {
    const reply = await digOnce(gateway.dnsServer, asked, ['+ignore', ...options]);
    assert.deepEqual(reply.flags, ['qr', 'aa', 'tc']);
    assert.equal(reply.code, 'NOERROR');
    assert.deepEqual(reply.answer, [], 'nobody takes a part for the whole');
    assert.deepEqual(reply.edns, options.includes('+noedns') ? undefined : { version: 0, udpBytes: 1_232 });
  });
}

const WHOLE: readonly (readonly [
  behaviour: string,
  label: string,
  values: readonly string[],
  options: readonly string[],
])[] = [
  ['without EDNS up to 512 octets', 'small', texts(3, 90), ['+noedns']],
  ['up to 512 octets when the client offers less', 'small', texts(3, 90), ['+bufsize=100']],
  ['up to the size that the client offers', 'medium', texts(5, 100), ['+bufsize=1232']],
  ['over TCP without EDNS', 'large', texts(10, 200), ['+noedns', '+tcp']],
  ['over TCP whatever the client offers for UDP', 'large', texts(10, 200), ['+bufsize=512', '+tcp']],
];

for (const [behaviour, label, values, options] of WHOLE) {
  test(`is whole ${behaviour}`, { skip }, async () => {
    const reply = await digOnce(gateway.dnsServer, `${label}.example.com TXT`, ['+ignore', ...options]);
    assert.deepEqual(reply.flags, ['qr', 'aa']);
    assert.deepEqual(reply.answer, valuesOf(label, values));
  });
}

test('a resolver that is told of the cut comes back over TCP and has it all', { skip }, async () => {
  const reply = await digOnce(gateway.dnsServer, 'large.example.com TXT');
  assert.deepEqual(reply.answer, valuesOf('large', texts(10, 200)));
  assert.deepEqual(reply.flags, ['qr', 'aa']);
});

test('no datagram is longer than 1,232 octets', { skip }, async () => {
  for (const label of ['small', 'medium', 'large']) {
    const reply = await digOnce(gateway.dnsServer, `${label}.example.com TXT`, ['+ignore', '+bufsize=4096']);
    assert.ok(reply.bytes <= 1_232, `${label} has ${reply.bytes}`);
  }
});

test('an answer carries an OPT record when the question has one', { skip }, async () => {
  const reply = await digOnce(gateway.dnsServer, 'both.example.com A', ['+edns=0']);
  assert.deepEqual(reply.edns, { version: 0, udpBytes: 1_232 });
});

test('an answer carries no OPT record when the question has none', { skip }, async () => {
  const reply = await digOnce(gateway.dnsServer, 'both.example.com A', ['+noedns']);
  assert.equal(reply.edns, undefined);
  assert.deepEqual(reply.additional, []);
});

test('EDNS of another version is answered BADVERS, with ours', { skip }, async () => {
  for (const options of [['+edns=1'], ['+edns=100', '+tcp']]) {
    const reply = await digOnce(gateway.dnsServer, 'both.example.com A', ['+noednsneg', ...options]);
    assert.equal(reply.code, 'BADVERS');
    assert.deepEqual(reply.edns, { version: 0, udpBytes: 1_232 });
    assert.deepEqual(reply.answer, []);
  }
});

test('EDNS options and flags that are not known are passed over', { skip }, async () => {
  const options = ['+ednsopt=65001:00ff', '+ednsflags=0x40', '+subnet=192.0.2.0/24'];
  const reply = await digOnce(gateway.dnsServer, 'both.example.com A', options);
  assert.deepEqual(reply.answer, ['both.example.com. 60 A 192.0.2.1']);
  assert.deepEqual(reply.edns, { version: 0, udpBytes: 1_232 });
});

test('ANY is answered with one record set of the name, not with all', { skip }, async () => {
  const { answer, isAuthoritative } = await digOnce(gateway.dnsServer, 'both.example.com ANY');
  assert.ok(isAuthoritative);
  assert.equal(new Set(answer.map((line) => line.split(' ')[2])).size, 1, answer.join('\n'));
  assert.ok(answer.length > 0);
});

test('ANY is denied where there is nothing', { skip }, async () => {
  await says(gateway.dnsServer, 'x.both.example.com ANY', { ...nodata('example.com'), code: 'NXDOMAIN' });
  const apex = await digOnce(gateway.dnsServer, 'example.com ANY', ['+tcp']);
  assert.ok(
    apex.answer.length > 0 && apex.answer.every((line) => !line.includes(' SOA ') || line === soaOf('example.com')),
  );
});

const ask = (id: number, label: string, type = 16) =>
  Buffer.concat([header({ id }), question(name(label, 'example', 'com'), type)]);

test('several questions on one TCP connection are answered in order, however they are cut', async () => {
  const bytes = Buffer.concat([framed(ask(1, 'large')), framed(ask(2, 'small')), framed(ask(3, 'missing'))]);
  const octets = [...bytes].map((octet) => Buffer.from([octet]));
  for (const chunks of [[bytes], octets, [bytes.subarray(0, 1), bytes.subarray(1, 40), bytes.subarray(40)]]) {
    const replies = (await stream(gateway.dnsServer, chunks, 3)).map(readHeader);
    assert.deepEqual(
      replies.map(({ id, code, counts }) => [id, code, counts[1]]),
      [
        [1, 0, 10],
        [2, 0, 3],
        [3, 3, 0],
      ],
    );
  }
});

test(
  'a referral whose glue is longer than any message is answered, and does not stop the server',
  { skip },
  async () => {
    const zone = 'wide.example';
    const zoneId = await makeZone(gateway.clients, zone);
    const servers = [0, 1, 2, 3, 4, 5];
    // Each record set is within Route 53's limits; all of them together are more than a length of two octets can say.
    for (const server of servers) {
      const addresses = Array.from({ length: 400 }, (_, at) => `10.${server}.${at >> 8}.${at & 255}`);
      await changeZone(gateway.clients, zoneId, zone, 'CREATE', `ns${server} 60 A ${addresses.join(' | ')}`);
    }
    const names = servers.map((server) => `ns${server}.${zone}`);
    await changeZone(gateway.clients, zoneId, zone, 'CREATE', `sub 60 NS ${names.join(' | ')}`);
    const asked = Buffer.concat([header({ id: 7 }), question(name('x', 'sub', 'wide', 'example'))]);
    const [reply] = await stream(gateway.dnsServer, [framed(asked)], 1);
    assert.ok(reply, 'there is a reply');
    assert.deepEqual([readHeader(reply).id, readHeader(reply).code], [7, 0]);
    await says(gateway.dnsServer, 'both.example.com A', { answer: ['both.example.com. 60 A 192.0.2.1'] });
  },
);
