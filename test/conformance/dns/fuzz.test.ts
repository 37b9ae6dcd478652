// Messages that are nearly good, thousands of them and the same in every run: whatever comes, the server lives, answers with the id
// it was sent or not at all, never with more octets than the client takes, and what it says can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import { answerQuestion } from '../../../src/dns/answer.ts';
import { createOwnNames } from '../../../src/dns/own-names.ts';
import { createResponder } from '../../../src/dns/packet.ts';
import { PHENOMENA } from './phenomena.ts';
import { header, name, opt, question, readHeader, record } from './raw-messages.ts';
import { servedHere } from './zone-text.ts';

const MESSAGES = 30_000;
const UDP_BYTES_MAX = 1_232;
const PLAIN_BYTES_MAX = 512;

const zones = Object.assign({}, ...Object.values(PHENOMENA).map((one) => one.zones)) as Record<string, string>;
const wide = Array.from({ length: 100 }, (_, at) => `192.0.2.${at}`).join(' | ');
const snapshot = servedHere({ ...zones, 'wide.test': `many 60 A ${wide}\nsub 60 NS many.wide.test.` });
const own = createOwnNames('localhost', 'us-east-1', ['192.0.2.1', '2001:db8::1']);

/** Numbers that look random and are the same in every run (Park and Miller). */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state;
  }
}

const OWNERS = [
  ...Object.values(PHENOMENA).flatMap(({ questions }) => questions.map((asked) => asked.split(' ')[0]!)),
  'many.wide.test',
  'x.sub.wide.test',
  'localhost',
  'ns-1.dns.localhost',
  'us-east-1.localhost',
];
const TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 43, 44, 52, 64, 65, 99, 250, 251, 252, 255, 257, 65_280];

function goodMessage(take: (below: number) => number): Buffer {
  const owner = OWNERS[take(OWNERS.length)]!.split('.').filter((label) => label !== '');
  const asked = question(name(...owner), TYPES[take(TYPES.length)]!, take(20) === 0 ? take(5) : 1);
  const extra = [
    Buffer.alloc(0),
    opt(take(5_000)),
    record(Buffer.from([0]), 41, 4_096, Buffer.from([0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8])),
    record(name('key'), 250, 255, Buffer.alloc(take(30))),
  ][take(4)]!;
  const counts = [1, 0, 0, extra.length > 0 ? 1 : 0] as const;
  return Buffer.concat([header({ id: take(65_536), flags: take(2) << 8, counts }), asked, extra]);
}

function mutated(message: Buffer, take: (below: number) => number): Buffer {
  const changed = Buffer.from(message);
  for (let count = take(5); count > 0; count -= 1) changed[2 + take(changed.length - 2)] = take(256);
  if (take(10) === 0) return changed.subarray(0, take(changed.length));
  return take(10) === 0 ? Buffer.concat([changed, Buffer.alloc(take(600), take(256))]) : changed;
}

/** The size that a message allows for an answer over UDP: at least what it says itself. */
function allowed(message: Buffer): number {
  try {
    const [edns] = (dnsPacket.decode(message).additionals ?? []).filter((one) => one.type === 'OPT');
    if (edns && 'udpPayloadSize' in edns)
      return Math.min(Math.max(edns.udpPayloadSize, PLAIN_BYTES_MAX), UDP_BYTES_MAX);
    return PLAIN_BYTES_MAX;
  } catch {
    return UDP_BYTES_MAX;
  }
}

test('nothing that comes makes it fail, speak too long, or speak to somebody else', () => {
  const failures: Error[] = [];
  const responder = createResponder({
    answer: (asked, type) => answerQuestion(snapshot, own, asked, type),
    revision: () => 1,
    onFailure: (error) => failures.push(error),
  });
  const source = noise(20_261);
  const take = (below: number) => source.next().value % Math.max(below, 1);
  const codes = new Map<number, number>();
  for (let number = 0; number < MESSAGES; number += 1) {
    const message = mutated(goodMessage(take), take);
    const shown = `message ${number}: ${message.toString('hex')}`;
    for (const isUdp of [true, false]) {
      const reply = responder.respond(message, isUdp)?.bytes;
      if (!reply) {
        assert.ok(message.length < 12 || (message[2]! & 0x80) !== 0, shown);
        continue;
      }
      const read = readHeader(reply);
      assert.equal(read.id, message.readUInt16BE(0), shown);
      assert.ok(read.isResponse, shown);
      assert.ok(reply.length <= (isUdp ? allowed(message) : 65_535), `${reply.length} octets to ${shown}`);
      // Of errors no more comes back than was sent.
      if (read.code === 1 || read.code === 4 || read.code === 5) assert.ok(reply.length <= message.length, shown);
      assert.doesNotThrow(() => dnsPacket.decode(reply), shown);
      codes.set(read.code, (codes.get(read.code) ?? 0) + 1);
    }
  }
  assert.deepEqual(failures, []);
  assert.deepEqual([...codes.keys()].toSorted(), [0, 1, 3, 4, 5], 'every kind of answer was there');
});
