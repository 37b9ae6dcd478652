// The opening handshake (RFC 6455 4): what makes a request a handshake, and the answer header by header. What must not be read in
// two ways is in ../http/smuggled-requests.test.ts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { openRawTls } from '../../harness/raw-tls.ts';
import { headerOf, parseAnswers, type RawAnswer } from '../http/raw-http.ts';
import { openingRequest, startStage } from './conversation.ts';

const stage = await startStage({ after });
const { backend, gateway, target } = stage;

/** Any request of a client's; each line as it is. */
async function answerTo(request: string): Promise<RawAnswer> {
  const connection = await openRawTls(gateway);
  connection.socket.write(request);
  const answer = await connection.until('an answer', (all) => parseAnswers(all).answers[0]);
  connection.socket.destroy();
  return answer;
}

function changed(line: string, to: string): string {
  const request = openingRequest(target);
  assert.ok(request.includes(`${line}\r\n`));
  return request.replace(`${line}\r\n`, to === '' ? '' : `${to}\r\n`);
}

const KEY_LINE = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION_LINE = 'Sec-WebSocket-Version: 13';
const CONNECTION_LINE = 'Connection: Upgrade';
const UPGRADE_LINE = 'Upgrade: websocket';

function namesOf(answer: RawAnswer): string[] {
  return answer.headers.map(([name]) => name.toLowerCase()).sort();
}

const FOUR = ['connection', 'date', 'sec-websocket-accept', 'upgrade'];

describe('the answer to a handshake', () => {
  test('has four headers: Date, Connection, Upgrade and the accepted key, and no octet behind them', async () => {
    const connection = await openRawTls(gateway);
    connection.socket.write(openingRequest(target));
    const all = await connection.until('the 101', (received) => (received.includes('\r\n\r\n') ? received : undefined));
    const { answers, rest } = parseAnswers(all);
    connection.socket.destroy();
    const [answer] = answers;
    assert.equal(answer!.statusLine, 'HTTP/1.1 101 Switching Protocols');
    assert.deepEqual(namesOf(answer!), FOUR);
    assert.equal(headerOf(answer!, 'Connection')!.toLowerCase(), 'upgrade');
    assert.equal(headerOf(answer!, 'Upgrade'), 'websocket');
    // The example of RFC 6455 1.3.
    assert.equal(headerOf(answer!, 'Sec-WebSocket-Accept'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.match(
      headerOf(answer!, 'Date')!,
      /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
    );
    assert.equal(rest.length, 0);
  });

  test('accepts each key by itself', async () => {
    for (const key of ['AAAAAAAAAAAAAAAAAAAAAA==', '/////////////////////w==', 'x3JJHMbDL1EzLkh9GBhXDw==']) {
      const answer = await answerTo(changed(KEY_LINE, `Sec-WebSocket-Key: ${key}`));
      const accepted = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      assert.equal(headerOf(answer, 'Sec-WebSocket-Accept'), accepted);
    }
  });

  const extensions = [
    'permessage-deflate',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_no_context_takeover; client_max_window_bits=10, permessage-deflate',
    'x-webkit-deflate-frame',
    'mux; max-channels=4; flow-control, deflate-stream',
    'none, of, these; is="known"',
    '=;=, "',
  ];
  for (const offered of extensions) {
    test(`declines the extensions '${offered}'`, async () => {
      const answer = await answerTo(openingRequest(target, [`Sec-WebSocket-Extensions: ${offered}`]));
      assert.deepEqual([answer.status, namesOf(answer)], [101, FOUR]);
    });
  }
});

describe('the subprotocol is the backend’s choice', () => {
  test('the one that it returns', async () => {
    const answer = await answerTo(openingRequest(target, ['Sec-WebSocket-Protocol: chat, superchat']));
    assert.deepEqual([answer.status, headerOf(answer, 'Sec-WebSocket-Protocol')], [101, 'chat']);
    assert.deepEqual(namesOf(answer), [...FOUR, 'sec-websocket-protocol'].sort());
  });

  test('of the list in two lines', async () => {
    const answer = await answerTo(
      openingRequest(target, ['Sec-WebSocket-Protocol: chat', 'Sec-WebSocket-Protocol: superchat']),
    );
    assert.deepEqual([answer.status, headerOf(answer, 'Sec-WebSocket-Protocol')], [101, 'chat']);
    assert.equal(backend.asked.at(-1)!.headers['sec-websocket-protocol'], 'chat, superchat');
  });

  for (const list of ['', ' ', ',', 'a,,b', 'a, a', 'a b', 'a/b', 'a;q=1', '"a"', 'ä']) {
    test(`no list of names: '${list}' is 400`, async () => {
      const from = backend.asked.length;
      const answer = await answerTo(openingRequest(target, [`Sec-WebSocket-Protocol: ${list}`]));
      assert.equal(answer.status, 400);
      assert.equal(backend.asked.length, from);
    });
  }
});

describe('what makes a request a handshake', () => {
  const rows: readonly [name: string, request: string, status: number][] = [
    [
      'names in lower case',
      openingRequest(target).replaceAll(/^[A-Z][\w-]+(?=:)/gm, (name) => name.toLowerCase()),
      101,
    ],
    [
      'names in upper case',
      openingRequest(target).replaceAll(/^[A-Z][\w-]+(?=:)/gm, (name) => name.toUpperCase()),
      101,
    ],
    ['Connection: keep-alive, Upgrade', changed(CONNECTION_LINE, 'Connection: keep-alive, Upgrade'), 101],
    ['Connection: upgrade', changed(CONNECTION_LINE, 'Connection: upgrade'), 101],
    ['Connection: UPGRADE', changed(CONNECTION_LINE, 'Connection: UPGRADE'), 101],
    ['Connection in two lines', changed(CONNECTION_LINE, 'Connection: keep-alive\r\nConnection: Upgrade'), 101],
    ['Connection: Upgrades', changed(CONNECTION_LINE, 'Connection: Upgrades'), 403],
    ['no Connection', changed(CONNECTION_LINE, ''), 403],
    ['Upgrade: WebSocket', changed(UPGRADE_LINE, 'Upgrade: WebSocket'), 101],
    ['Upgrade: websocket/13', changed(UPGRADE_LINE, 'Upgrade: websocket/13'), 403],
    ['Upgrade: websockets', changed(UPGRADE_LINE, 'Upgrade: websockets'), 403],
    ['no Upgrade', changed(UPGRADE_LINE, ''), 403],
    ['no key', changed(KEY_LINE, ''), 400],
    ['an empty key', changed(KEY_LINE, 'Sec-WebSocket-Key:'), 400],
    ['a key of 15 octets', changed(KEY_LINE, `Sec-WebSocket-Key: ${Buffer.alloc(15).toString('base64')}`), 400],
    ['a key of 17 octets', changed(KEY_LINE, `Sec-WebSocket-Key: ${Buffer.alloc(17).toString('base64')}`), 400],
    ['a key without its padding', changed(KEY_LINE, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ'), 400],
    ['a key in the URL’s letters', changed(KEY_LINE, 'Sec-WebSocket-Key: dGhl-HNhbXBsZSBub25j_Q=='), 400],
    ['a key with a space in it', changed(KEY_LINE, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25 jZQ=='), 400],
    ['two keys', changed(KEY_LINE, `${KEY_LINE}\r\n${KEY_LINE}`), 400],
    ['spaces around the key', changed(KEY_LINE, 'Sec-WebSocket-Key:  \tdGhlIHNhbXBsZSBub25jZQ== \t'), 101],
    ['no version', changed(VERSION_LINE, ''), 400],
    ['version 0', changed(VERSION_LINE, 'Sec-WebSocket-Version: 0'), 400],
    ['version 8', changed(VERSION_LINE, 'Sec-WebSocket-Version: 8'), 400],
    ['version 12', changed(VERSION_LINE, 'Sec-WebSocket-Version: 12'), 400],
    ['version 14', changed(VERSION_LINE, 'Sec-WebSocket-Version: 14'), 400],
    ['version 013', changed(VERSION_LINE, 'Sec-WebSocket-Version: 013'), 400],
    ['versions 13 and 8', changed(VERSION_LINE, 'Sec-WebSocket-Version: 13, 8'), 400],
    ['version 13 twice', changed(VERSION_LINE, `${VERSION_LINE}\r\n${VERSION_LINE}`), 400],
    [
      'an Origin, which is nobody’s business here',
      openingRequest(target, ['Origin: https://elsewhere.example.com']),
      101,
    ],
    ['a query', openingRequest(`${target}?a=1&a=2&b=%20`), 101],
    ['a final slash', openingRequest(`${target}/`), 101],
  ];
  for (const [name, request, status] of rows) {
    test(`${name}: ${status}`, async () => {
      const from = backend.asked.length;
      const answer = await answerTo(request);
      assert.equal(answer.status, status);
      assert.equal(backend.asked.length, from + (status === 101 ? 1 : 0));
      if (status === 400) assert.equal(headerOf(answer, 'Sec-WebSocket-Version'), '13');
      if (status !== 101) assert.equal(headerOf(answer, 'Sec-WebSocket-Accept'), undefined);
    });
  }
});

describe('frames that come early', () => {
  test('with the handshake they are read behind the 101', async () => {
    const connection = await openRawTls(gateway);
    const ping = Buffer.from('898300000000616263', 'hex');
    connection.socket.write(Buffer.concat([Buffer.from(openingRequest(target)), ping]));
    const pong = await connection.until('a pong', (all) => {
      const { answers, rest } = parseAnswers(all);
      return answers.length === 1 && rest.length >= 5 ? rest : undefined;
    });
    connection.socket.destroy();
    assert.equal(pong.toString('hex'), '8a03616263');
  });

  test('octet by octet the handshake is the same', async () => {
    const connection = await openRawTls(gateway);
    for (const octet of Buffer.from(openingRequest(target))) connection.socket.write(Buffer.from([octet]));
    const answer = await connection.until('an answer', (all) => parseAnswers(all).answers[0]);
    connection.socket.destroy();
    assert.equal(answer.status, 101);
  });
});
