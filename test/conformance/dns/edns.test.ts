// What else a question may carry (RFC 6891, RFC 8906): none of it changes the answer, and of options none comes back.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { missing, runPeer } from '../../harness/peers.ts';
import { startDnsHere } from './dns-here.ts';
import { exchange, header, name, opt, question, readHeader, record } from './raw-messages.ts';
import { servedHere } from './zone-text.ts';

const skip = missing('kdig');
const ZONES = { 'example.com': 'www 60 A 192.0.2.1\nfence 60 A 192.0.2.2' };
const { address } = await startDnsHere({ after }, { snapshot: servedHere(ZONES) });
const [host, port] = address.split(':') as [string, string];

const WWW = question(name('www', 'example', 'com'));
const root = Buffer.from([0]);
const optOf = (data: Buffer, ttl = 0): Buffer => {
  const bytes = record(root, 41, 1_232, data);
  bytes.writeUInt32BE(ttl, 5);
  return bytes;
};
const ask = async (extra: Buffer, counts: readonly [number, number, number, number] = [1, 0, 0, 1]) => {
  const [reply] = await exchange(address, [Buffer.concat([header({ counts }), WWW, extra])]);
  return reply!;
};

const OPTIONS: readonly (readonly [behaviour: string, option: string])[] = [
  ['a cookie', '+cookie=0123456789abcdef'],
  ['a wish for the name of the server', '+nsid'],
  ['padding', '+padding=128'],
  ['a client subnet', '+subnet=192.0.2.0/24'],
  ['an option that nobody knows', '+ednsopt=65001:00ff'],
];

for (const [behaviour, option] of OPTIONS) {
  for (const transport of ['+notcp', '+tcp']) {
    test(`${behaviour} is passed over ${transport}`, { skip }, async () => {
      const { stdout } = await runPeer('kdig', [`@${host}`, '-p', port, 'www.example.com', 'A', option, transport]);
      assert.match(stdout, /status: NOERROR/);
      assert.match(stdout, /192\.0\.2\.1/);
      assert.match(
        stdout,
        /;; Version: 0; flags: ; UDP size: 1232 B; ext-rcode: NOERROR\n\n/,
        'nothing but the record itself',
      );
    });
  }
}

test('a wish for DNSSEC comes back, and changes nothing else', async () => {
  const plain = await ask(optOf(Buffer.alloc(0)));
  const wished = await ask(optOf(Buffer.alloc(0), 0x8000));
  assert.equal(plain.length, wished.length);
  assert.equal(wished.readUInt16BE(wished.length - 4), 0x8000);
  assert.deepEqual(wished.subarray(0, -4), plain.subarray(0, -4));
});

test('flags that are not known do not come back', async () => {
  const reply = await ask(optOf(Buffer.alloc(0), 0x7fff));
  assert.equal(reply.readUInt16BE(reply.length - 4), 0);
});

const MALFORMED: readonly (readonly [
  behaviour: string,
  extra: Buffer,
  counts: readonly [number, number, number, number],
])[] = [
  ['an option that is longer than the record', optOf(Buffer.from([0, 10, 0, 9, 1])), [1, 0, 0, 1]],
  ['an option without its length', optOf(Buffer.from([0, 10, 0])), [1, 0, 0, 1]],
  ['an OPT record with a name', record(name('x'), 41, 1_232, Buffer.alloc(0)), [1, 0, 0, 1]],
  ['an OPT record among the answers', opt(), [1, 1, 0, 0]],
  ['two OPT records', Buffer.concat([opt(), opt()]), [1, 0, 0, 2]],
];

for (const [behaviour, extra, counts] of MALFORMED) {
  test(`FORMERR: ${behaviour}`, async () => assert.equal(readHeader(await ask(extra, counts)).code, 1));
}

test('a signature that nobody can check is passed over', async () => {
  const reply = await ask(record(name('key', 'example'), 250, 255, Buffer.alloc(40)));
  assert.deepEqual([readHeader(reply).code, readHeader(reply).counts], [0, [1, 1, 0, 0]]);
});
