// Control frames and the end of a connection (RFC 6455 5.5 and 7): pings, pongs, and every way to say goodbye.

import { after, describe, test } from 'node:test';
import { eventually } from '../../harness/eventually.ts';
import { openRawTls } from '../../harness/raw-tls.ts';
import { frame, hex, openingRequest, startStage, titleOf, type Row } from './conversation.ts';

const stage = await startStage({ after });

const TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;
const CLOSE = 0x88;

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const row of rows) test(titleOf(row), () => stage.converse(row));
  });
}

function code(value: number, reason: string | Buffer = ''): Buffer {
  return Buffer.concat([Buffer.from([value >> 8, value & 255]), Buffer.from(reason as string)]);
}

const MANY = Buffer.alloc(125, 0xfe);

table('a ping', [
  { name: 'without octets', send: frame(PING), expect: ['pong'] },
  {
    name: 'with a text',
    send: frame(PING, 'Hello, world!'),
    expect: [`pong ${Buffer.from('Hello, world!').toString('hex')}`],
  },
  {
    name: 'with octets that are no text',
    send: frame(PING, Buffer.from('00fffefdfcfb00ff', 'hex')),
    expect: ['pong 00fffefdfcfb00ff'],
  },
  { name: 'with 125 octets', send: frame(PING, MANY, '0a0b0c0d'), expect: [`pong ${MANY.toString('hex')}`] },
  {
    name: 'with 125 octets, octet by octet',
    send: frame(PING, MANY),
    isSentByOctet: true,
    expect: [`pong ${MANY.toString('hex')}`],
  },
  { name: 'with 126 octets', send: frame(PING, Buffer.alloc(126)), expect: ['close 1002'] },
  { name: 'with 65,536 octets', send: frame(PING, Buffer.alloc(65_536)), expect: ['close 1002'] },
  { name: 'in fragments', send: [frame(0x09, 'a'), frame(0x80, 'b')], expect: ['close 1002'] },
  {
    name: 'that is not the last fragment of itself, between fragments',
    send: [frame(0x01, 'a'), frame(0x09, 'b'), frame(0x80, 'c')],
    expect: ['close 1002'],
  },
  {
    name: 'ten in a row',
    send: Array.from({ length: 10 }, (_, n) => frame(PING, String(n))),
    expect: Array.from({ length: 10 }, (_, n) => `pong 3${n}`),
  },
  {
    name: 'a thousand in one packet',
    send: Array.from({ length: 1_000 }, (_, n) => frame(PING, String(n))).join(''),
    expect: Array.from({ length: 1_000 }, (_, n) => `pong ${Buffer.from(String(n)).toString('hex')}`),
  },
  {
    name: 'ten, octet by octet',
    send: Array.from({ length: 10 }, (_, n) => frame(PING, String(n))),
    isSentByOctet: true,
    expect: Array.from({ length: 10 }, (_, n) => `pong 3${n}`),
  },
]);

table('a pong that nobody asked for', [
  { name: 'without octets', send: frame(PONG), expect: [] },
  { name: 'with octets', send: frame(PONG, 'unasked'), expect: [] },
  { name: 'and a ping behind it', send: [frame(PONG, 'unasked'), frame(PING, 'asked')], expect: ['pong 61736b6564'] },
  { name: 'with 126 octets', send: frame(PONG, Buffer.alloc(126)), expect: ['close 1002'] },
  { name: 'in fragments', send: [frame(0x0a, 'a'), frame(0x80, 'b')], expect: ['close 1002'] },
]);

table('a close', [
  { name: 'without a code', send: frame(CLOSE), expect: ['close'] },
  { name: 'with one octet', send: frame(CLOSE, Buffer.from([3])), expect: ['close 1002'] },
  { name: 'with a code', send: frame(CLOSE, code(1000)), expect: ['close 1000'] },
  { name: 'with a code and a reason', send: frame(CLOSE, code(1000, 'bye')), expect: ['close 1000 bye'] },
  {
    name: 'with a reason beyond ASCII',
    send: frame(CLOSE, code(1000, 'à bientôt 👋')),
    expect: ['close 1000 à bientôt 👋'],
  },
  {
    name: 'with a reason of 123 octets',
    send: frame(CLOSE, code(1000, '*'.repeat(123))),
    expect: [`close 1000 ${'*'.repeat(123)}`],
  },
  { name: 'with a reason of 124 octets', send: frame(CLOSE, code(1000, '*'.repeat(124))), expect: ['close 1002'] },
  {
    name: 'with a reason that is no UTF-8',
    send: frame(CLOSE, code(1000, Buffer.from('ceba e1bd b9cf 83ce bcce b5ed a080'.replaceAll(' ', ''), 'hex'))),
    expect: ['close 1007'],
  },
  {
    name: 'with a reason that breaks off within a character',
    send: frame(CLOSE, code(1000, Buffer.from([0xe2, 0x82]))),
    expect: ['close 1007'],
  },
  { name: 'in fragments', send: [frame(0x08, code(1000)), frame(0x80, 'x')], expect: ['close 1002'] },
  { name: 'octet by octet', send: frame(CLOSE, code(1000, 'slow')), isSentByOctet: true, expect: ['close 1000 slow'] },
]);

table(
  'a close code that may be sent',
  [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map((value) => ({
    name: String(value),
    send: frame(CLOSE, code(value)),
    expect: [`close ${value}`],
  })),
);

table(
  'a close code that may not',
  [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 32_767, 65_535].map((value) => ({
    name: String(value),
    send: frame(CLOSE, code(value)),
    expect: ['close 1002'],
  })),
);

table('what stands behind a close is not read', [
  { name: 'a message', send: `${frame(CLOSE, code(1000))}${frame(TEXT, 'late')}`, expect: ['close 1000'] },
  { name: 'a ping', send: `${frame(CLOSE, code(1000))}${frame(PING, 'late')}`, expect: ['close 1000'] },
  {
    name: 'another close',
    send: `${frame(CLOSE, code(1000, 'one'))}${frame(CLOSE, code(1001, 'two'))}`,
    expect: ['close 1000 one'],
  },
  { name: 'a frame that is none', send: `${frame(CLOSE, code(1000))}ffff`, expect: ['close 1000'] },
  {
    name: 'the last fragment of a message',
    send: `${frame(0x01, 'a')}${frame(CLOSE, code(1000))}${frame(0x80, 'b')}`,
    expect: ['close 1000'],
  },
  {
    name: 'a message, octet by octet',
    send: `${frame(CLOSE, code(4000))}${frame(TEXT, 'late')}`,
    isSentByOctet: true,
    expect: ['close 4000'],
  },
]);

table('what stands behind a frame that was refused is not read', [
  { name: 'a message', send: `${frame(0x83)}${frame(TEXT, 'late')}`, expect: ['close 1002'] },
  { name: 'a close', send: `${frame(0x83)}${frame(CLOSE, code(1000))}`, expect: ['close 1002'] },
  { name: 'a ping', send: `${frame(0x83)}${frame(PING)}`, expect: ['close 1002'] },
]);

table('a message right before a close', [
  {
    name: 'runs, and its answer has nowhere to go',
    send: `${frame(TEXT, 'last')}${frame(CLOSE, code(1000))}`,
    expect: ['close 1000'],
    messages: 1,
  },
]);

test('a client that pings on and on, and does not read, is dropped', async () => {
  const { socket, until } = await openRawTls(stage.gateway);
  socket.write(openingRequest(stage.target));
  await until('the 101', (all) => (all.includes('\r\n\r\n') ? true : undefined));
  socket.pause();
  const pings = hex(frame(PING, MANY).repeat(1_000));
  await eventually('the connection is gone', () => {
    if (!socket.destroyed) socket.write(pings);
    return socket.destroyed || undefined;
  });
});
