// Messages in frames (RFC 6455 5.1 to 5.6): lengths, masks, fragments, reserved bits and opcodes, bounds, and how TCP may cut it all.
// What may be sent comes back; what may not closes the connection, and no route runs.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { eventually } from '../../harness/eventually.ts';
import { FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, frame, startStage, textOf, titleOf, type Row } from './conversation.ts';

const stage = await startStage({ after });

const TEXT = 0x81;
const TEXT_BEGINS = 0x01;
const GOES_ON = 0x00;
const ENDS = 0x80;
const PING = 0x89;
const BINARY = 0x82;

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const row of rows) test(titleOf(row), () => stage.converse(row));
  });
}

function letters(count: number): string {
  return 'abcdefghijklmnopqrstuvwxyz'.repeat(Math.ceil(count / 26)).slice(0, count);
}

/** A message in frames of these sizes. */
function inFrames(...sizes: readonly number[]): string[] {
  let at = 0;
  const text = letters(sizes.reduce((sum, size) => sum + size, 0));
  return sizes.map((size, position) => {
    const part = text.slice(at, (at += size));
    const opcode = position === 0 ? 1 : 0;
    return frame((position === sizes.length - 1 ? 0x80 : 0) | opcode, part);
  });
}

table('a message in one frame', [
  ...[0, 1, 125, 126, 127, 128, 255, 256, 4_096, FRAME_BYTES_MAX - 1, FRAME_BYTES_MAX].map((count) => ({
    name: `of ${count} octets`,
    send: frame(TEXT, letters(count)),
    expect: [textOf(letters(count))],
  })),
  { name: 'the example of the RFC, masked', send: '81 85 37fa213d 7f9f4d5158', expect: ['text Hello'] },
  { name: 'a mask of zeros', send: '81 85 00000000 48656c6c6f', expect: ['text Hello'] },
  { name: 'a mask of ones', send: '81 85 ffffffff b79a939390', expect: ['text Hello'] },
  { name: 'a mask with a single octet', send: frame(TEXT, 'Hello, masks', '00000001'), expect: ['text Hello, masks'] },
  { name: 'no octets, and a mask', send: '81 80 37fa213d', expect: ['text '] },
  { name: 'octets that JSON would escape', send: frame(TEXT, '"\\\u0000\n\u2028'), expect: ['text "\\\u0000\n\u2028'] },
]);

table('a length in more octets than it needs', [
  // RFC 6455 5.2 asks for the fewest; whoever reads more of them reads the same message.
  { name: '5 in two octets', send: '81 fe 0005 00000000 48656c6c6f', expect: ['text Hello'] },
  { name: '5 in eight octets', send: '81 ff 0000000000000005 00000000 48656c6c6f', expect: ['text Hello'] },
  {
    name: '126 in eight octets',
    send: `81 ff 000000000000007e 00000000 ${'61'.repeat(126)}`,
    expect: [textOf('a'.repeat(126))],
  },
  { name: 'a ping of 0 in two octets', send: '89 fe 0000 00000000', expect: ['close 1002'] },
  { name: 'a ping of 5 in eight octets', send: '89 ff 0000000000000005 00000000 48656c6c6f', expect: ['close 1002'] },
]);

table('a length that nobody can mean', [
  { name: 'the highest bit of 64', send: '81 ff 8000000000000000 00000000', expect: ['close 1009'] },
  { name: 'all bits of 64', send: '81 ff ffffffffffffffff 00000000', expect: ['close 1009'] },
  { name: '2 to the 53', send: '81 ff 0020000000000000 00000000', expect: ['close 1009'] },
  { name: '2 to the 32', send: '81 ff 0000000100000000 00000000', expect: ['close 1009'] },
  {
    name: 'the highest bit, with 5 below it',
    send: '81 ff 8000000000000005 00000000 48656c6c6f',
    expect: ['close 1009'],
  },
]);

table('the bounds of a frame and of a message', [
  { name: 'a frame of 32,769 octets', send: frame(TEXT, letters(FRAME_BYTES_MAX + 1)), expect: ['close 1009'] },
  { name: 'its head alone', send: '81 fe 8001 00000000', expect: ['close 1009'] },
  { name: 'a frame of 65,535 octets', send: frame(TEXT, letters(65_535)), expect: ['close 1009'] },
  { name: 'a frame of 65,536 octets', send: frame(TEXT, letters(65_536)), expect: ['close 1009'] },
  { name: 'a frame of 131,072 octets', send: frame(TEXT, letters(MESSAGE_BYTES_MAX)), expect: ['close 1009'] },
  { name: 'a first fragment of 32,769 octets', send: inFrames(FRAME_BYTES_MAX + 1, 1), expect: ['close 1009'] },
  { name: 'a last fragment of 32,769 octets', send: inFrames(1, FRAME_BYTES_MAX + 1), expect: ['close 1009'] },
  {
    name: 'a binary frame of 32,769 octets',
    send: frame(BINARY, letters(FRAME_BYTES_MAX + 1)),
    expect: ['close 1009'],
  },
  ...[
    [FRAME_BYTES_MAX, FRAME_BYTES_MAX],
    [FRAME_BYTES_MAX, FRAME_BYTES_MAX, FRAME_BYTES_MAX, FRAME_BYTES_MAX],
    [1, ...Array.from({ length: 4 }, () => FRAME_BYTES_MAX - 1), 3],
    [65, ...Array.from({ length: 500 }, () => 256)],
  ].map((sizes) => {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return {
      name: `a message of ${total} octets in ${sizes.length} frames`,
      send: inFrames(...sizes),
      expect: [textOf(letters(total))],
    };
  }),
  {
    name: 'a message of 131,073 octets in 5 frames',
    send: inFrames(FRAME_BYTES_MAX, FRAME_BYTES_MAX, FRAME_BYTES_MAX, FRAME_BYTES_MAX, 1),
    expect: ['close 1009'],
  },
]);

table('a message in fragments', [
  { name: 'two', send: [frame(TEXT_BEGINS, 'Hel'), frame(ENDS, 'lo')], expect: ['text Hello'] },
  { name: 'two in one packet', send: `${frame(TEXT_BEGINS, 'Hel')}${frame(ENDS, 'lo')}`, expect: ['text Hello'] },
  {
    name: 'masked each by itself',
    send: [frame(TEXT_BEGINS, 'Hel', '37fa213d'), frame(ENDS, 'lo', 'a1b2c3d4')],
    expect: ['text Hello'],
  },
  { name: 'a letter each', send: inFrames(1, 1, 1, 1, 1), expect: ['text abcde'] },
  { name: 'three empty ones', send: [frame(TEXT_BEGINS), frame(GOES_ON), frame(ENDS)], expect: ['text '] },
  { name: 'an empty first one', send: [frame(TEXT_BEGINS), frame(ENDS, 'end')], expect: ['text end'] },
  { name: 'an empty last one', send: [frame(TEXT_BEGINS, 'begin'), frame(ENDS)], expect: ['text begin'] },
  {
    name: 'a middle between two empty ones',
    send: [frame(TEXT_BEGINS), frame(GOES_ON, 'middle'), frame(ENDS)],
    expect: ['text middle'],
  },
  {
    name: '1,024',
    send: inFrames(...Array.from({ length: 1_024 }, () => 1)).join(''),
    expect: [textOf(letters(1_024))],
  },
  { name: '1,025', send: inFrames(...Array.from({ length: 1_025 }, () => 1)).join(''), expect: ['close 1008'] },
  {
    name: 'a ping between them',
    send: [frame(TEXT_BEGINS, 'Hel'), frame(PING, 'between'), frame(ENDS, 'lo')],
    expect: ['pong 6265747765656e', 'text Hello'],
  },
  {
    name: 'pings between all of them',
    send: [
      frame(TEXT_BEGINS, 'a'),
      frame(PING, '1'),
      frame(GOES_ON, 'b'),
      frame(PING, '2'),
      frame(GOES_ON, 'c'),
      frame(PING, '3'),
      frame(ENDS, 'd'),
    ],
    expect: ['pong 31', 'pong 32', 'pong 33', 'text abcd'],
  },
  {
    name: 'a pong between them',
    send: [frame(TEXT_BEGINS, 'Hel'), frame(0x8a, 'x'), frame(ENDS, 'lo')],
    expect: ['text Hello'],
  },
  { name: 'never ended', send: [frame(TEXT_BEGINS, 'Hel'), frame(GOES_ON, 'lo')], expect: [] },
]);

table('fragments where none may be', [
  { name: 'a last one of nothing', send: frame(ENDS, 'x'), expect: ['close 1002'] },
  { name: 'an empty last one of nothing', send: frame(ENDS), expect: ['close 1002'] },
  { name: 'a further one of nothing', send: frame(GOES_ON, 'x'), expect: ['close 1002'] },
  {
    name: 'a further one of nothing, and a message behind it',
    send: [frame(GOES_ON, 'x'), frame(TEXT, 'y')],
    expect: ['close 1002'],
  },
  {
    name: 'a last one behind a whole message',
    send: `${frame(TEXT, 'x')}${frame(ENDS, 'y')}`,
    expect: ['close 1002'],
    messages: 1,
  },
  {
    name: 'a further one behind a message in fragments',
    send: `${frame(TEXT_BEGINS, 'a')}${frame(ENDS, 'b')}${frame(GOES_ON, 'c')}${frame(TEXT, 'd')}`,
    expect: ['close 1002'],
    messages: 1,
  },
  {
    name: 'a whole message between them',
    send: [frame(TEXT_BEGINS, 'a'), frame(TEXT, 'b'), frame(ENDS, 'c')],
    expect: ['close 1002'],
  },
  {
    name: 'another first one between them',
    send: [frame(TEXT_BEGINS, 'a'), frame(TEXT_BEGINS, 'b'), frame(ENDS, 'c')],
    expect: ['close 1002'],
  },
  {
    name: 'a binary message between them',
    send: [frame(TEXT_BEGINS, 'a'), frame(BINARY, 'b'), frame(ENDS, 'c')],
    expect: ['close 1002'],
  },
]);

const ANSWERED_BEFORE = `${frame(TEXT, 'before')}`;

table('bits and opcodes that are reserved', [
  ...[0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70].map((bits) => ({
    name: `bits ${(bits >> 4).toString(2).padStart(3, '0')} of a text`,
    send: frame(TEXT | bits, 'x'),
    expect: ['close 1002'],
  })),
  ...[0x10, 0x20, 0x40].flatMap((bits) => [
    {
      name: `bits ${(bits >> 4).toString(2).padStart(3, '0')} of a ping`,
      send: frame(PING | bits, 'x'),
      expect: ['close 1002'],
    },
    {
      name: `bits ${(bits >> 4).toString(2).padStart(3, '0')} of a close`,
      send: frame(0x88 | bits, Buffer.from([3, 0xe8])),
      expect: ['close 1002'],
    },
    {
      name: `bits ${(bits >> 4).toString(2).padStart(3, '0')} of a further fragment`,
      send: [frame(TEXT_BEGINS, 'x'), frame(ENDS | bits, 'y')],
      expect: ['close 1002'],
    },
  ]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap((opcode) => [
    { name: `opcode ${opcode} without octets`, send: frame(0x80 | opcode), expect: ['close 1002'] },
    { name: `opcode ${opcode} with octets`, send: frame(0x80 | opcode, 'reserved'), expect: ['close 1002'] },
    { name: `opcode ${opcode} as a fragment`, send: frame(opcode, 'reserved'), expect: ['close 1002'] },
    {
      name: `opcode ${opcode} behind a message, and a ping behind it`,
      send: `${ANSWERED_BEFORE}${frame(0x80 | opcode, 'x')}${frame(PING)}`,
      expect: ['close 1002'],
      messages: 1,
    },
  ]),
]);

table('a client that does not mask', [
  { name: 'a text', send: '81 05 48656c6c6f', expect: ['close 1002'] },
  { name: 'an empty text', send: '81 00', expect: ['close 1002'] },
  { name: 'a ping', send: '89 00', expect: ['close 1002'] },
  { name: 'a close', send: '88 02 03e8', expect: ['close 1002'] },
  { name: 'a second fragment', send: [frame(TEXT_BEGINS, 'a'), '80 01 62'], expect: ['close 1002'] },
  { name: 'a text behind one that is masked', send: `${frame(TEXT, 'x')}810179`, expect: ['close 1002'], messages: 1 },
]);

table('a binary message', [
  {
    name: 'of some octets',
    send: frame(BINARY, Buffer.from([0, 255, 254])),
    expect: ['close 1003 Binary is not supported'],
  },
  { name: 'of none', send: frame(BINARY), expect: ['close 1003 Binary is not supported'] },
  { name: 'that is JSON', send: frame(BINARY, '{"action":"x"}'), expect: ['close 1003 Binary is not supported'] },
  { name: 'in fragments', send: [frame(0x02, 'a'), frame(ENDS, 'b')], expect: ['close 1003 Binary is not supported'] },
  {
    name: 'and a text behind it',
    send: `${frame(BINARY, 'a')}${frame(TEXT, 'b')}`,
    expect: ['close 1003 Binary is not supported'],
  },
]);

const LONG = letters(1_000);

table('how TCP cuts the frames', [
  { name: 'a message, octet by octet', send: frame(TEXT, 'Hello'), isSentByOctet: true, expect: ['text Hello'] },
  {
    name: 'a message of 1,000 octets, octet by octet',
    send: frame(TEXT, LONG, '01020304'),
    isSentByOctet: true,
    expect: [textOf(LONG)],
  },
  {
    name: 'fragments and a ping, octet by octet',
    send: [frame(TEXT_BEGINS, 'a'), frame(PING, 'p'), frame(ENDS, 'b')],
    isSentByOctet: true,
    expect: ['pong 70', 'text ab'],
  },
  {
    name: 'a length in eight octets, octet by octet',
    send: '81 ff 0000000000000005 00000000 48656c6c6f',
    isSentByOctet: true,
    expect: ['text Hello'],
  },
  {
    name: 'a frame that is refused, octet by octet',
    send: frame(0x83, 'x'),
    isSentByOctet: true,
    expect: ['close 1002'],
  },
  {
    name: 'two frames cut in the middle of both',
    send: [
      frame(TEXT_BEGINS, 'Hello, ').slice(0, 16),
      `${frame(TEXT_BEGINS, 'Hello, ').slice(16)}${frame(ENDS, 'world').slice(0, 4)}`,
      frame(ENDS, 'world').slice(4),
    ],
    expect: ['text Hello, world'],
  },
  {
    name: 'ten pings and a message in one packet',
    send: `${Array.from({ length: 10 }, (_, n) => frame(PING, String(n))).join('')}${frame(TEXT, 'last')}`,
    expect: [...Array.from({ length: 10 }, (_, n) => `pong 3${n}`), 'text last'],
  },
]);

test('the log tells the code that the client reads, and which octets it was', async () => {
  const { gateway } = stage;
  const refusals = () => gateway.logged().filter(({ message, step }) => message === 'refused' && step === 'listen');
  const cases: readonly (readonly [send: string, code: number, reason: RegExp])[] = [
    ['81 ff 8000000000000000 00000000', 1009, /2\^53/],
    ['81 fe 8001 00000000', 1009, /32769.*32768/],
    ['c1 80 00000000', 1002, /RSV1/],
    ['01 81 00000000 ff', 1007, /UTF-8/],
  ];
  for (const [send, code, reason] of cases) {
    const before = refusals().length;
    await stage.converse({ name: 'refused', send, expect: [`close ${code}`] });
    const line = await eventually('the refusal is logged', () => refusals()[before]);
    assert.equal(line['code'], code);
    assert.match(String(line['reason']), reason);
  }
});
