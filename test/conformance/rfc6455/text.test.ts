// Text is UTF-8 (RFC 6455 5.6, 8.1; RFC 3629): what is comes back as it was, however its characters are cut between fragments; what
// is not closes the connection with 1007, with the first fragment that shows it, and no route runs.

import { after, describe, test } from 'node:test';
import { hex, startStage, textOf, titleOf, frame, type Row } from './conversation.ts';

const stage = await startStage({ after });

const TEXT = 0x81;
const TEXT_BEGINS = 0x01;
const GOES_ON = 0x00;
const ENDS = 0x80;
const REFUSED = ['close 1007'];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const row of rows) test(titleOf(row), () => stage.converse(row));
  });
}

/** The whole octets in one frame. */
function inOne(octets: string): string {
  return frame(TEXT, hex(octets));
}

/** An octet a frame. */
function inOctets(octets: string): string[] {
  const bytes = hex(octets);
  return [...bytes].map((octet, at) => {
    const first = (at === 0 ? 1 : 0) | (at === bytes.length - 1 ? 0x80 : 0);
    return frame(first, Buffer.from([octet]));
  });
}

const GREEK = 'κόσμε';

const characters: readonly [name: string, octets: string][] = [
  ['Greek with accents', Buffer.from(GREEK).toString('hex')],
  ['U+0000', '00'],
  ['U+007F', '7f'],
  ['U+0080, the first of two octets', 'c280'],
  ['U+07FF, the last of two octets', 'dfbf'],
  ['U+0800, the first of three octets', 'e0a080'],
  ['U+D7FF, the last before the surrogates', 'ed9fbf'],
  ['U+E000, the first behind the surrogates', 'ee8080'],
  ['U+FEFF, a byte order mark, which is kept', 'efbbbf61'],
  ['U+FFFD, the replacement character itself', 'efbfbd'],
  ['U+FFFE, which is no character', 'efbfbe'],
  ['U+FFFF, which is no character', 'efbfbf'],
  ['U+FDD0, which is no character', 'efb790'],
  ['U+10000, the first of four octets', 'f0908080'],
  ['U+1FFFE, which is no character', 'f09fbfbe'],
  ['U+10FFFF, the last one', 'f48fbfbf'],
];

table(
  'a character in one frame',
  characters.map(([name, octets]) => ({ name, send: inOne(octets), expect: [textOf(hex(octets))] })),
);

table(
  'a character cut into octets',
  characters.map(([name, octets]) => ({
    name,
    send: inOctets(`61${octets}7a`),
    expect: [textOf(hex(`61${octets}7a`))],
  })),
);

table('a text cut at every place', [
  ...Array.from({ length: Buffer.byteLength(GREEK) + 1 }, (_, at) => ({
    name: `behind ${at} octets`,
    send: [frame(TEXT_BEGINS, Buffer.from(GREEK).subarray(0, at)), frame(ENDS, Buffer.from(GREEK).subarray(at))],
    expect: [`text ${GREEK}`],
  })),
  {
    name: 'with empty fragments and pings within the character',
    send: [
      frame(TEXT_BEGINS, hex('f0')),
      frame(GOES_ON),
      frame(0x89),
      frame(GOES_ON, hex('9f98')),
      frame(GOES_ON),
      frame(ENDS, hex('80')),
    ],
    expect: ['pong', 'text 😀'],
  },
]);

const wrong: readonly [name: string, octets: string][] = [
  ['a lone further octet', '80'],
  ['another one', 'bf'],
  ['two further octets', '80bf'],
  ['every further octet', '80818283848586878889'],
  ['FE', 'fe'],
  ['FF', 'ff'],
  ['FE FE FF FF', 'fefeffff'],
  ['a first octet of two, alone', 'c3'],
  ['a first octet of three, alone', 'e2'],
  ['a first octet of four, alone', 'f0'],
  ['two octets of three', 'e282'],
  ['three octets of four', 'f09f98'],
  ['a first octet, and a space', 'c320'],
  ['a first octet of three, and a space', 'e220'],
  ['two octets of three, and a space', 'e28220'],
  ['three octets of four, and a space', 'f09f9820'],
  ['two first octets', 'c3c3a9'],
  ['C0 80, U+0000 in two octets', 'c080'],
  ['C0 AF, a slash in two octets', 'c0af'],
  ['C1 BF, in two octets too many', 'c1bf'],
  ['E0 80 AF, a slash in three octets', 'e080af'],
  ['E0 9F BF, in three octets too many', 'e09fbf'],
  ['F0 80 80 AF, a slash in four octets', 'f08080af'],
  ['F0 8F BF BF, in four octets too many', 'f08fbfbf'],
  ['F8 88 80 80 80, five octets', 'f888808080'],
  ['FC 84 80 80 80 80, six octets', 'fc8480808080'],
  ['the first high surrogate', 'eda080'],
  ['the last high surrogate', 'edafbf'],
  ['the first low surrogate', 'edb080'],
  ['the last low surrogate', 'edbfbf'],
  ['a pair of surrogates', 'eda080edb080'],
  ['a low and a high surrogate', 'edb080edafbf'],
  ['U+110000, beyond the last one', 'f4908080'],
  ['F5 80 80 80', 'f5808080'],
  ['F7 BF BF BF', 'f7bfbfbf'],
  ['Greek, and a surrogate behind it', `${Buffer.from(GREEK).toString('hex')}eda080656469746564`],
];

table(
  'octets that are no text, in one frame',
  wrong.map(([name, octets]) => ({ name, send: inOne(octets), expect: REFUSED })),
);
table(
  'octets that are no text, behind letters',
  wrong.map(([name, octets]) => ({ name, send: inOne(`616263${octets}`), expect: REFUSED })),
);
table(
  'octets that are no text, an octet a frame',
  wrong.map(([name, octets]) => ({ name, send: inOctets(`61${octets}`), expect: REFUSED })),
);

const TEN = hex('61626364c3a9c3a9c3a9');

table('one wrong octet, wherever it stands', [
  ...Array.from(TEN, (_, at) => ({
    name: `at ${at} in one frame`,
    send: frame(TEXT, TEN.with(at, 0xff) as Buffer),
    expect: REFUSED,
  })),
  ...Array.from(TEN, (_, at) => ({
    name: `at ${at}, an octet a frame`,
    send: inOctets(Buffer.from(TEN.with(at, 0xff)).toString('hex')),
    expect: REFUSED,
  })),
]);

// The message never ends: what is refused is refused with the fragment that shows it.
table('a message that is refused before it ends', [
  { name: 'in its first fragment', send: frame(TEXT_BEGINS, hex('61ff62')), expect: REFUSED },
  {
    name: 'in a later fragment',
    send: [frame(TEXT_BEGINS, 'a'), frame(GOES_ON, 'b'), frame(GOES_ON, hex('ff'))],
    expect: REFUSED,
  },
  {
    name: 'where a character goes on wrong',
    send: [frame(TEXT_BEGINS, hex('f0')), frame(GOES_ON, 'a')],
    expect: REFUSED,
  },
  { name: 'where a character cannot go on', send: frame(TEXT_BEGINS, hex('f490')), expect: REFUSED },
  { name: 'with a surrogate', send: [frame(TEXT_BEGINS, hex('ed')), frame(GOES_ON, hex('a0'))], expect: REFUSED },
  {
    name: 'with an octet that begins nothing',
    send: [frame(TEXT_BEGINS, 'a'), frame(GOES_ON, hex('f5'))],
    expect: REFUSED,
  },
  {
    name: 'behind a message that was text',
    send: `${frame(TEXT_BEGINS, hex('c3'))}${frame(ENDS, hex('a9'))}${frame(TEXT_BEGINS, hex('80'))}`,
    expect: REFUSED,
    messages: 1,
  },
]);

table('only text is text', [
  {
    name: 'octets of a binary message are any',
    send: frame(0x82, hex('ff')),
    expect: ['close 1003 Binary is not supported'],
  },
  {
    name: 'fragments of a binary message are any',
    send: [frame(0x02, hex('ff')), frame(ENDS, hex('80'))],
    expect: ['close 1003 Binary is not supported'],
  },
]);
