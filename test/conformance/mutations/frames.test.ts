// Frames at random, some hundreds of conversations: each is read as a second, slower receiver reads it, none is an error of ours, and
// a good client is served behind them all.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eventually } from '../../harness/eventually.ts';
import { openRawTls } from '../../harness/raw-tls.ts';
import { CLOSE, frame, openingRequest, startStage, wordsIn } from '../rfc6455/conversation.ts';
import { attemptAll, rollDice, type Dice } from './dice.ts';
import { makeOf } from './reference-receiver.ts';

const CONVERSATIONS = 500;
const AT_ONCE = 16;

const stage = await startStage({ after });
const { backend, gateway, target } = stage;

const TEXTS = [
  '',
  'a',
  'κόσμε',
  '😀',
  '{"action":"x"}',
  'x'.repeat(125),
  'x'.repeat(126),
  'x'.repeat(32_768),
  'x'.repeat(32_769),
];
const CLOSES = ['', '03e8', '03e8627965', '03', '0000', '03ed', '0bb7', '0bb8', '1387', '1388', '03e8ff'];
/** Text and its fragments more often than what ends the conversation. */
const FIRST_OCTETS = [
  0x81, 0x81, 0x81, 0x81, 0x01, 0x01, 0x00, 0x00, 0x80, 0x80, 0x80, 0x89, 0x89, 0x8a, 0x88, 0x82, 0x02, 0x83, 0x09,
  0xc1,
];

function oneFrame(dice: Dice): Buffer {
  const first = dice.below(8) === 0 ? dice.below(256) : dice.pick(FIRST_OCTETS);
  let payload: Buffer = Buffer.from(dice.pick(TEXTS));
  if ((first & 15) === 8) payload = Buffer.from(dice.pick(CLOSES), 'hex');
  else if ((first & 15) > 8) payload = dice.octets(dice.below(127));
  else if (dice.below(6) === 0) payload = dice.octets(dice.below(12));
  else if (dice.below(3) === 0) payload = payload.subarray(0, dice.below(payload.length + 1));
  const mask = dice.below(4) === 0 ? '00000000' : dice.octets(4).toString('hex');
  const bytes = Buffer.from(frame(first, payload, mask), 'hex');
  if (dice.below(12) === 0) bytes[dice.below(Math.min(bytes.length, 14))]! ^= 1 << dice.below(8);
  return bytes;
}

let texts = 0;
const codes = new Set<string>();

async function attempt(seed: number): Promise<void> {
  const dice = rollDice(seed);
  const bytes = Buffer.concat([...Array.from({ length: 1 + dice.below(8) }, () => oneFrame(dice)), CLOSE]);
  const made = makeOf(bytes);
  const connection = await openRawTls(gateway);
  const { socket } = connection;
  socket.write(openingRequest(target));
  await connection.until('the 101', (all) => (all.includes('\r\n\r\n') ? true : undefined));
  for (let at = 0; at < bytes.length;) {
    const next = at + 1 + dice.below(bytes.length);
    socket.write(bytes.subarray(at, next));
    at = next;
  }
  const isClosed = made.said.at(-1)?.startsWith('close') ?? false;
  if (!isClosed) socket.end();
  // A close that the gateway begins is answered by a client.
  else if (made.said.at(-1) === 'close 1003') {
    await connection.until('1003', (all) =>
      wordsIn(all).some((words) => words.startsWith('close')) ? true : undefined,
    );
    socket.write(CLOSE);
  }
  const came = wordsIn(await connection.ended());
  socket.destroy();
  const said = came
    .filter((words) => !words.startsWith('text'))
    .map((words) => words.replace(' Binary is not supported', ''));
  assert.deepEqual(said, made.said, bytes.subarray(0, 400).toString('hex'));
  texts += made.texts.length;
  codes.add(made.said.at(-1)?.slice(0, 10) ?? 'none');
}

test(`${CONVERSATIONS} conversations of frames at random`, async () => {
  await attemptAll(CONVERSATIONS, AT_ONCE, attempt);
  for (const close of ['close 1000', 'close 1002', 'close 1003', 'close 1007', 'close 1009'])
    assert.ok(codes.has(close), close);
  const messages = () => backend.asked.filter(({ path }) => path === '/message').length;
  await eventually('every text came to the backend', () => (messages() >= texts ? true : undefined));
  assert.equal(messages(), texts);
  // It asserts that one more message comes to the backend, and no other.
  await stage.converse({ name: 'a good client', send: frame(0x81, 'still there?'), expect: ['text still there?'] });
  assert.equal(gateway.child.exitCode, null);
  assert.deepEqual(
    gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  );
});
