// Response rate limiting: one network gets only so many responses of a kind a second over UDP, and learns by a cut one that TCP is
// open to it. The real server on real sockets; only its clock stands still, and the machine itself is not let off.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { isLoopback } from '../../../src/dns/response-limiter.ts';
import { limit } from '../../../src/settings/limits.ts';
import { WAIT_MS } from '../../harness/eventually.ts';
import { startDnsHere } from './dns-here.ts';
import { framed, header, name, opt, question, readHeader, stream } from './raw-messages.ts';
import { servedHere } from './zone-text.ts';

const SENT = limit('dnsResponsesPerSecondMax');
/** Sent beyond what is answered: half of them are cut, half dropped. */
const BEYOND = 60;

async function start(isUnlimited: (address: string) => boolean) {
  const time = { ms: 1_000 };
  const snapshot = servedHere({ 'example.com': 'www 60 A 192.0.2.1' });
  const here = await startDnsHere({ after }, { snapshot, clock: { now: () => time.ms }, isUnlimited });
  return { ...here, time };
}

const ask = (id: number, label = 'www') =>
  Buffer.concat([header({ id, counts: [1, 0, 0, 1] }), question(name(label, 'example', 'com')), opt()]);

/** Sends questions one after another, so that none is lost on the way; resolves to the replies up to that with the last id. */
async function flood(address: string, messages: readonly Buffer[]): Promise<Buffer[]> {
  const [host, port] = address.split(':') as [string, string];
  const socket = createSocket('udp4');
  const replies: Buffer[] = [];
  const lastId = messages.at(-1)!.readUInt16BE(0);
  socket.on('message', (reply) => {
    replies.push(reply);
    if (reply.readUInt16BE(0) === lastId) socket.emit('answered');
  });
  try {
    const answered = once(socket, 'answered', { signal: AbortSignal.timeout(WAIT_MS) });
    for (const message of messages) {
      await new Promise((resolve) => socket.send(message, Number(port), host, resolve));
      // The server is in this process: it reads what came before more comes than its socket holds.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await answered;
  } finally {
    socket.close();
  }
  return replies;
}

const FENCE = 60_000;

test('what is beyond the rate is dropped or cut, told once in the log, and answered over TCP', async () => {
  const { close, time, address, lines } = await start(() => false);
  const questions = Array.from({ length: SENT + BEYOND }, (_, at) => ask(at));
  // A denial is of another kind, so it is answered all the same.
  const replies = await flood(address, [...questions, ask(FENCE, 'missing')]);
  const read = replies.map(readHeader);
  const whole = read.filter(({ isTruncated, code }) => !isTruncated && code === 0);
  assert.equal(whole.length, SENT);
  assert.ok(whole.every(({ counts }) => counts[1] === 1));
  const cut = replies.filter((reply) => readHeader(reply).isTruncated);
  assert.equal(cut.length, BEYOND / 2);
  for (const reply of cut) {
    assert.deepEqual(readHeader(reply).counts, [1, 0, 0, 0]);
    assert.ok(reply.length <= ask(0).length, 'a cut response is no longer than its question');
    assert.ok(readHeader(reply).id >= SENT, 'the first ones were answered');
  }
  const [overTcp] = await stream(address, [framed(ask(7))], 1);
  assert.deepEqual(readHeader(overTcp!).counts, [1, 1, 0, 1]);
  assert.equal(lines.length, 0, 'no line for a packet');
  time.ms += 1_000;
  const again = await flood(address, [ask(1), ask(2)]);
  assert.ok(again.map(readHeader).every(({ isTruncated, counts }) => !isTruncated && counts[1] === 1));
  await close();
  assert.equal(lines.length, 1);
  assert.match(lines[0]!.message, /held back/);
  assert.deepEqual(lines[0]!.fields, { dropped: BEYOND / 2, cut: BEYOND / 2, lastNetwork: '127.0.0.0/24' });
});

test('the machine itself is not limited', async () => {
  const { address } = await start(isLoopback);
  const replies = await flood(
    address,
    Array.from({ length: 2 * SENT }, (_, at) => ask(at)),
  );
  assert.ok(replies.map(readHeader).every(({ isTruncated, counts }) => !isTruncated && counts[1] === 1));
  assert.equal(replies.length, 2 * SENT);
});
