// What is sent when there is not room for everything: addresses that only save a question are left out, set by set; an answer without
// what it must hold is said to be cut (RFC 2181 9, RFC 9471).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missing } from '../../harness/peers.ts';
import { startDnsHere } from './dns-here.ts';
import { digOnce } from './questions.ts';
import { servedHere } from './zone-text.ts';

const skip = missing('dig');
const ZONE = 'example.com';
const addresses = (at: number, count: number) => Array.from({ length: count }, (_, of) => `192.0.${at}.${of}`);
const lines = [
  `mail 60 MX ${[1, 2, 3, 4].map((at) => `${at} mx${at}.${ZONE}`).join(' | ')}`,
  ...[1, 2, 3, 4].map((at) => `mx${at} 60 A ${addresses(at, 15).join(' | ')}`),
  `inside 60 NS ns1.inside.${ZONE} | ns2.inside.${ZONE}`,
  ...[1, 2].map((at) => `ns${at}.inside 60 A ${addresses(at, 25).join(' | ')}`),
  `beside 60 NS ns1.${ZONE} | ns2.${ZONE}`,
  ...[1, 2].map((at) => `ns${at} 60 A ${addresses(at, 25).join(' | ')}`),
];
const { address } = await startDnsHere({ after }, { snapshot: servedHere({ [ZONE]: lines.join('\n') }) });
const ask = (question: string, ...options: string[]) => digOnce(address, question, ['+ignore', ...options]);
/** How many addresses there are of each name. */
const counts = (additional: readonly string[]) =>
  additional.reduce<Record<string, number>>((all, line) => {
    const name = line.split('.')[0]!;
    return { ...all, [name]: (all[name] ?? 0) + 1 };
  }, {});

test(
  'addresses of targets are sent as far as there is room, each set whole, and nothing is said to be cut',
  { skip },
  async () => {
    const small = await ask(`mail.${ZONE} MX`, '+noedns');
    assert.deepEqual(small.flags, ['qr', 'aa']);
    assert.equal(small.answer.length, 4);
    assert.deepEqual(counts(small.additional), { mx1: 15 });
    assert.ok(small.bytes <= 512);
    const large = await ask(`mail.${ZONE} MX`, '+bufsize=1232');
    assert.deepEqual(counts(large.additional), { mx1: 15, mx2: 15, mx3: 15, mx4: 15 });
    assert.deepEqual(counts((await ask(`mail.${ZONE} MX`, '+bufsize=900')).additional), { mx1: 15, mx2: 15, mx3: 15 });
  },
);

test('a referral without the addresses that lie below it is cut', { skip }, async () => {
  const small = await ask(`x.inside.${ZONE} A`, '+bufsize=512');
  assert.deepEqual(small.flags, ['qr', 'tc']);
  const large = await ask(`x.inside.${ZONE} A`, '+bufsize=1232');
  assert.deepEqual(large.flags, ['qr']);
  assert.deepEqual(counts(large.additional), { ns1: 25, ns2: 25 });
  const whole = await digOnce(address, `x.inside.${ZONE} A`, ['+bufsize=512']);
  assert.deepEqual(counts(whole.additional), { ns1: 25, ns2: 25 }, 'a resolver comes back over TCP');
});

test('a referral without addresses that can be asked for is whole', { skip }, async () => {
  const small = await ask(`x.beside.${ZONE} A`, '+bufsize=512');
  assert.deepEqual(small.flags, ['qr']);
  assert.equal(small.authority.length, 2);
  assert.deepEqual(counts(small.additional), { ns1: 25 });
});

test('names are compressed: what they repeat is sent once', { skip }, async () => {
  const { bytes, answer } = await ask(`mail.${ZONE} MX`, '+noedns', '+bufsize=0');
  const written = answer.join('').length;
  assert.ok(bytes < 512 && written > 0);
  const ns = await ask(`${ZONE} NS`, '+noedns');
  // A header, the question, and one record: pointer, type, class, TTL, length, and the name of the server.
  assert.equal(ns.bytes, 12 + 17 + 12 + 'ns-1.dns.localhost.'.length + 1);
});
