// Requests that were changed at random, some hundreds of them: none is upgraded that a strict reader would not call a handshake, none
// is an error of ours, and a good client is served behind them all.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startEchoBackend } from '../../harness/echo-backend.ts';
import { eventually } from '../../harness/eventually.ts';
import { startTestGateway } from '../../harness/gateway.ts';
import { openRawTcp, openRawTls } from '../../harness/raw-tls.ts';
import { ask, makeApi, openSocket, pathForm } from '../../harness/sockets.ts';
import { CRLF, handshake, parseAnswers } from '../http/raw-http.ts';
import { attemptAll, rollDice, type Dice } from './dice.ts';

const REQUESTS = 600;
const AT_ONCE = 16;

const backend = await startEchoBackend({ after });
const gateway = await startTestGateway({ after });
// Without a $connect route a handshake is answered at once, before the client's end of the connection is read.
const api = await makeApi(gateway.clients, { $default: backend.routes['$default']! });
const TARGET = `/_aws/execute-api/${api.apiId}/${api.stage}`;
const CONTROL_PORT = Number(new URL(gateway.endpoint).port);

const SEEDLINGS = [
  handshake(TARGET),
  handshake(`${TARGET}?name=value`, `Sec-WebSocket-Protocol: chat${CRLF}`),
  handshake(TARGET, `Content-Length: 5${CRLF}`) + 'hello',
  `GET / HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}`,
  `POST ${TARGET}/@connections/AAAAAAAAAAAAAAA= HTTP/1.1${CRLF}Host: localhost${CRLF}Content-Length: 5${CRLF}${CRLF}hello`,
  `POST /v2/apis HTTP/1.1${CRLF}Host: localhost${CRLF}Transfer-Encoding: chunked${CRLF}${CRLF}5${CRLF}hello${CRLF}0${CRLF}${CRLF}`,
];

const PIECES = [
  '\r',
  '\n',
  CRLF,
  `${CRLF}${CRLF}`,
  '\0',
  ' ',
  '\t',
  '\v',
  '\f',
  '\x7f',
  '\xff',
  ':',
  ';',
  ',',
  '/',
  '%',
  '%00',
  '%2f',
  '@',
  '#',
  'HTTP/1.0',
  'HTTP/2.0',
  'GET ',
  'CONNECT ',
  '0',
  '-1',
  'ffffffffffffffff',
  '[::1]',
  '..',
  'a'.repeat(5_000),
];

const LINES = [
  'Host: other.example.com',
  'Host: localhost',
  'Content-Length: 5',
  'Content-Length: 0',
  'Content-Length: 0, 0',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Connection: close',
  'Connection: keep-alive',
  'Upgrade: h2c',
  'Upgrade: websocket',
  'Expect: 100-continue',
  'Sec-WebSocket-Version: 8',
  'Sec-WebSocket-Extensions: permessage-deflate',
  'Trailer: Host',
  'X-Any: thing',
  'X-Folded: 1\r\n 2',
  'X-Spaced : 1',
];

function changeLine(bytes: Buffer, dice: Dice, change: (line: string) => readonly string[]): Buffer {
  const lines = bytes.toString('latin1').split(CRLF);
  const at = dice.below(Math.max(1, lines.length - 2));
  return Buffer.from(lines.toSpliced(at, 1, ...change(lines[at]!)).join(CRLF), 'latin1');
}

/** One change: an octet, a piece, a line, a cut. What leaves most of it whole stands twice or more often. */
const CHANGES: readonly ((bytes: Buffer, dice: Dice) => Buffer)[] = [
  ...Array.from({ length: 6 }, () => (bytes: Buffer, dice: Dice) => {
    return changeLine(bytes, dice, (line) => [line, dice.pick(LINES)]);
  }),
  ...Array.from({ length: 3 }, () => (bytes: Buffer, dice: Dice) => {
    return changeLine(bytes, dice, (line) => [
      line.replace(/^[^:]*/, (name) => dice.pick([name.toLowerCase(), name.toUpperCase()])),
    ]);
  }),
  ...Array.from({ length: 3 }, () => (bytes: Buffer, dice: Dice) => {
    return changeLine(bytes, dice, (line) => [line.replace(/: ?/, dice.pick([':', ':  ', ':\t', ' : ']))]);
  }),
  (bytes, dice) => {
    const text = bytes.toString('latin1');
    return Buffer.from(text.replace('HTTP/1.1', dice.pick(['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1'])), 'latin1');
  },
  (bytes, dice) => changeLine(bytes, dice, (line) => [line, line]),
  (bytes, dice) => changeLine(bytes, dice, () => []),
  (bytes, dice) => changeLine(bytes, dice, (line) => [dice.pick(PIECES), line]),
  (bytes, dice) => bytes.with(dice.below(bytes.length), dice.below(256)) as Buffer,
  (bytes, dice) => {
    const at = dice.below(bytes.length);
    return bytes.with(at, bytes[at]! ^ (1 << dice.below(8))) as Buffer;
  },
  (bytes, dice) => insert(bytes, dice.below(bytes.length), Buffer.from(dice.pick(PIECES), 'latin1')),
  (bytes, dice) => insert(bytes, dice.below(bytes.length), dice.octets(1 + dice.below(40))),
  (bytes, dice) => {
    const from = dice.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + 1 + dice.below(8))]);
  },
  (bytes, dice) => bytes.subarray(0, 1 + dice.below(bytes.length)),
  (bytes) => Buffer.concat([bytes, bytes]),
];

function insert(bytes: Buffer, at: number, piece: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function grow(dice: Dice): Buffer {
  let bytes: Buffer = Buffer.from(dice.pick(SEEDLINGS), 'latin1');
  for (let changes = dice.below(4); changes > 0 && bytes.length > 0; changes -= 1) {
    bytes = Buffer.from(dice.pick(CHANGES)(bytes, dice));
  }
  return bytes;
}

const TOKEN = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`;
const LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\t\\x20-\\x7e\\x80-\\xff]*?)[ \\t]*$`);
/** More than one space is taken for one (RFC 9112 3). */
const REQUEST_LINE = /^GET +\/[\x21-\x7e]* +HTTP\/1\.1$/;

/** Whether any of the requests in there is a handshake, read as strictly as the RFCs have it. */
function holdsHandshake(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  return [...text.matchAll(/GET /g)].some(({ index }) => isHandshake(text.slice(index)));
}

function isHandshake(text: string): boolean {
  const end = text.indexOf(`${CRLF}${CRLF}`);
  if (end < 0) return false;
  const [requestLine = '', ...lines] = text.slice(0, end).split(CRLF);
  if (!REQUEST_LINE.test(requestLine)) return false;
  const values = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined) return false;
    values.set(name.toLowerCase(), [...(values.get(name.toLowerCase()) ?? []), value!]);
  }
  const only = (name: string) => (values.get(name)?.length === 1 ? values.get(name)![0]! : undefined);
  const tokens = (values.get('connection') ?? []).join(',').toLowerCase().split(',');
  return (
    only('host') !== undefined &&
    only('upgrade')?.toLowerCase() === 'websocket' &&
    tokens.some((token) => token.trim() === 'upgrade') &&
    only('sec-websocket-version') === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(only('sec-websocket-key') ?? '') &&
    !values.has('transfer-encoding') &&
    (!values.has('content-length') || only('content-length') === '0')
  );
}

let upgraded = 0;

async function attempt(seed: number): Promise<void> {
  const dice = rollDice(seed);
  const bytes = grow(dice);
  const connection = await (dice.below(4) === 0 ? openRawTcp(CONTROL_PORT) : openRawTls(gateway));
  const { socket } = connection;
  const cut = dice.below(bytes.length + 1);
  socket.write(bytes.subarray(0, cut));
  socket.end(bytes.subarray(cut));
  const { answers, rest } = parseAnswers(await connection.ended());
  socket.destroy();
  const statuses = answers.map(({ status }) => status);
  const told = `${JSON.stringify(bytes.toString('latin1'))} → ${statuses.join(', ')}`;
  assert.ok(
    statuses.every((status) => status === 100 || status === 101 || (status >= 400 && status < 500)),
    told,
  );
  if (statuses.includes(101)) {
    upgraded += 1;
    assert.ok(holdsHandshake(bytes), `no handshake, and yet upgraded: ${told}`);
  } else assert.equal(rest.length, 0, `octets behind the answers: ${told} ${rest.toString('latin1')}`);
}

test(`${REQUESTS} requests that were changed at random`, async () => {
  await attemptAll(REQUESTS, AT_ONCE, attempt);
  assert.ok(upgraded > REQUESTS / 20 && upgraded < REQUESTS, `${upgraded} were upgraded`);
  const client = await openSocket(gateway, pathForm(gateway, api));
  assert.equal(await ask(client, 'still there?'), 'still there?');
  client.socket.close();
  await client.closed;
  assert.equal(gateway.child.exitCode, null);
  assert.deepEqual(
    backend.asked.map(({ path, body }) => [path, body]),
    [['/message', 'still there?']],
  );
  await eventually('a refusal was logged', () => gateway.logged().find(({ message }) => message === 'refused'));
  assert.deepEqual(
    gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  );
});
