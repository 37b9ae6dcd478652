// Odd, broken and hostile packets: each gets the answer it deserves or none, and the server goes on (RFC 1035 4.1, RFC 6891, RFC 8906).

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { next } from '../../harness/eventually.ts';
import { missing } from '../../harness/peers.ts';
import { digOnce, says } from './questions.ts';
import {
  exchange,
  FENCE_ID,
  FORMERR,
  framed,
  header,
  name,
  NOTIMP,
  opt,
  question,
  readHeader,
  record,
  stream,
} from './raw-messages.ts';
import { makeZone } from './zone-text.ts';

const REFUSED = 5;
const skip = missing('dig');
const gateway = await startTestGateway({ after });
await makeZone(gateway.clients, 'example.com', 'www 300 A 192.0.2.1\nfence 60 A 192.0.2.2');

const WWW = name('www', 'example', 'com');
const MESSAGE = Buffer.concat([header(), question(WWW)]);
const opcode = (number: number) => number << 11;

test('an unknown opcode is answered NOTIMP with the opcode copied', { skip }, async () => {
  for (const [sent, said] of [
    ['STATUS', 'STATUS'],
    ['NOTIFY', 'NOTIFY'],
    ['UPDATE', 'UPDATE'],
    ['15', 'RESERVED15'],
  ]) {
    for (const transport of ['+notcp', '+tcp']) {
      const reply = await digOnce(gateway.dnsServer, 'example.com SOA', [`+opcode=${sent}`, '+noedns', transport]);
      assert.deepEqual([reply.opcode, reply.code, reply.answer], [said, 'NOTIMP', []]);
    }
  }
});

test('a question section without a question is answered FORMERR', { skip }, async () => {
  const reply = await digOnce(gateway.dnsServer, 'www.example.com A', ['+header-only', '+noedns']);
  assert.equal(reply.code, 'FORMERR');
});

const CODES: readonly (readonly [behaviour: string, message: Buffer, code: number])[] = [
  [
    'two questions: FORMERR',
    Buffer.concat([header({ counts: [2, 0, 0, 0] }), question(WWW), question(WWW, 28)]),
    FORMERR,
  ],
  ['a header alone: FORMERR', header({ counts: [0, 0, 0, 0] }), FORMERR],
  ['a question that is announced and not there: FORMERR', header(), FORMERR],
  ['a name that goes on beyond the message: FORMERR', Buffer.concat([header(), Buffer.from([63, 97, 98])]), FORMERR],
  ['a name without an end: FORMERR', Buffer.concat([header(), WWW.subarray(0, -1)]), FORMERR],
  ['a question without type and class: FORMERR', Buffer.concat([header(), WWW]), FORMERR],
  ['a name that points to itself: FORMERR', Buffer.concat([header(), question(Buffer.from([0xc0, 12]))]), FORMERR],
  ['a name that points ahead: FORMERR', Buffer.concat([header(), question(Buffer.from([0xc0, 20]))]), FORMERR],
  ['a label of a reserved kind: FORMERR', Buffer.concat([header(), question(Buffer.from([0x41, 1, 0]))]), FORMERR],
  [
    'a name of more than 255 octets: FORMERR',
    Buffer.concat([header(), question(name(...Array.from({ length: 5 }, () => 'a'.repeat(63))))]),
    FORMERR,
  ],
  [
    'an additional record that is announced and not there: FORMERR',
    Buffer.concat([header({ counts: [1, 0, 0, 1] }), question(WWW)]),
    FORMERR,
  ],
  [
    'a record whose length is beyond the message: FORMERR',
    Buffer.concat([header({ counts: [1, 0, 0, 1] }), question(WWW), opt().subarray(0, -1), Buffer.from([9])]),
    FORMERR,
  ],
  ['two OPT records: FORMERR', Buffer.concat([header({ counts: [1, 0, 0, 2] }), question(WWW), opt(), opt()]), FORMERR],
  [
    'a dynamic update that deletes a record set: NOTIMP',
    Buffer.concat([
      header({ flags: opcode(5), counts: [1, 0, 1, 0] }),
      question(name('example', 'com'), 6),
      record(WWW, 1, 255, Buffer.alloc(0)),
    ]),
    NOTIMP,
  ],
  ['a message of an unknown opcode that is broken as well: NOTIMP', header({ flags: opcode(9) }), NOTIMP],
  ['a zone transfer: REFUSED', Buffer.concat([header(), question(name('example', 'com'), 252)]), REFUSED],
];

for (const [behaviour, message, code] of CODES) {
  test(behaviour, async () => {
    const replies = [
      ...(await exchange(gateway.dnsServer, [message])),
      ...(await stream(gateway.dnsServer, [framed(message)], 1)),
    ];
    assert.equal(replies.length, 2, 'one reply over UDP, one over TCP');
    for (const reply of replies.map(readHeader)) {
      assert.deepEqual(
        [reply.id, reply.isResponse, reply.opcode, reply.code],
        [0x1234, true, (message[2]! >> 3) & 15, code],
      );
    }
  });
}

test('the question comes back octet by octet, whatever its labels hold', async () => {
  const labels: readonly (readonly (string | Buffer)[])[] = [
    ['wWw', 'ExAmPlE', 'cOm'],
    ['\xff\xfe', 'example', 'com'],
    ['\xff'.repeat(63), 'example', 'com'],
    ['www.example', 'com'],
    ['a b', '\\', 'example', 'com'],
    ['\0', 'example', 'com'],
  ];
  for (const parts of labels) {
    const message = Buffer.concat([header(), question(name(...parts))]);
    const [reply] = await exchange(gateway.dnsServer, [message]);
    assert.ok(reply, `a reply for ${parts.join('|')}`);
    assert.deepEqual(reply.subarray(12, message.length), message.subarray(12), `labels ${JSON.stringify(parts)}`);
    assert.equal(readHeader(reply).counts[0], 1);
  }
});

test('a dot within a label is not the dot between labels', async () => {
  const [reply] = await exchange(gateway.dnsServer, [Buffer.concat([header(), question(name('www.example', 'com'))])]);
  assert.equal(readHeader(reply!).code, REFUSED);
});

test('the id and the wish for recursion are copied, and no recursion is offered', async () => {
  for (const [flags, isRecursionDesired] of [
    [0x0100, true],
    [0x0000, false],
  ] as const) {
    const [reply] = await exchange(gateway.dnsServer, [Buffer.concat([header({ id: 0xbeef, flags }), question(WWW)])]);
    const read = readHeader(reply!);
    assert.deepEqual(
      [read.id, read.isRecursionDesired, read.isRecursionAvailable, read.isAuthoritative],
      [0xbeef, isRecursionDesired, false, true],
    );
  }
});

const SILENT: readonly (readonly [behaviour: string, message: Buffer])[] = [
  ['an empty datagram', Buffer.alloc(0)],
  ['less than a header', MESSAGE.subarray(0, 11)],
  ['a response, so that two servers never talk in circles', Buffer.concat([header({ flags: 0x8000 }), question(WWW)])],
  ['a response that is broken', header({ flags: 0x8000 })],
  ['an error response of another server', header({ flags: 0x8001, counts: [0, 0, 0, 0] })],
];

for (const [behaviour, message] of SILENT) {
  test(`no reply: ${behaviour}`, async () => {
    assert.deepEqual(await exchange(gateway.dnsServer, [message]), []);
  });
}

/** Numbers that look random and are the same in every run (Park and Miller). */
function* noise(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state * 48_271) % 2_147_483_647;
    yield state;
  }
}

const BATCH = 25;
const BATCHES = 80;

function garbage(source: Generator<number, never>): Buffer {
  const take = (below: number) => source.next().value % below;
  if (take(3) === 0) return Buffer.from(Array.from({ length: take(80) }, () => take(256)));
  const base = Buffer.concat([header({ counts: [1, 0, 0, 1] }), question(WWW), opt()]);
  const changed = Buffer.from(base.subarray(0, take(4) === 0 ? take(base.length) : base.length));
  for (let count = 1 + take(4); count > 0 && changed.length > 0; count -= 1) changed[take(changed.length)] = take(256);
  return changed;
}

test('garbage never stops the server, nor leaves an error in its log', async () => {
  const source = noise(20_261);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const messages = Array.from({ length: BATCH }, () => garbage(source)).filter(
      (message) => message.length < 2 || message.readUInt16BE(0) !== FENCE_ID,
    );
    const replies = await exchange(gateway.dnsServer, messages);
    assert.ok(replies.every((reply) => readHeader(reply).isResponse));
  }
  assert.deepEqual(
    gateway.logged().filter((line) => line['level'] === 'error'),
    [],
  );
});

test('garbage over TCP never stops the server', async () => {
  const [host, port] = gateway.dnsServer.split(':') as [string, string];
  const source = noise(7);
  for (let connection = 0; connection < 40; connection += 1) {
    const socket = connect(Number(port), host).on('error', () => {});
    await next(socket, 'connect');
    socket.end(framed(garbage(source))).end();
    socket.resume();
    await next(socket, 'close');
  }
  const [reply] = await stream(gateway.dnsServer, [framed(MESSAGE)], 1);
  assert.deepEqual(readHeader(reply!).counts, [1, 1, 0, 0]);
});

test('a TCP client that breaks off in the middle of a message disturbs nobody', { skip }, async () => {
  const [host, port] = gateway.dnsServer.split(':') as [string, string];
  const socket = connect(Number(port), host);
  await next(socket, 'connect');
  socket.write(framed(MESSAGE).subarray(0, 9));
  socket.resetAndDestroy();
  await says(gateway.dnsServer, 'www.example.com A', { answer: ['www.example.com. 300 A 192.0.2.1'] });
});

test('an empty message over TCP gets no reply and leaves the connection open', async () => {
  const replies = await stream(gateway.dnsServer, [framed(Buffer.alloc(0)), framed(MESSAGE)], 1);
  assert.deepEqual(
    replies.map(readHeader).map(({ id, counts }) => [id, counts[1]]),
    [[0x1234, 1]],
  );
});
