// What one connection reads, and until when: answers in the order of their requests, one for each, and an end that does not depend
// on the client.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { eventually } from '../../harness/eventually.ts';
import { startTestGateway } from '../../harness/gateway.ts';
import { openRawTcp, openRawTls, type RawConnection } from '../../harness/raw-tls.ts';
import { makeApi } from '../../harness/sockets.ts';
import { CRLF, handshake, outcomeOf, parseAnswers } from './raw-http.ts';

const gateway = await startTestGateway({ after });
const api = await makeApi(gateway.clients, { $default: {} });
const TARGET = `/_aws/execute-api/${api.apiId}/${api.stage}`;
const HEAD = ['Host: localhost', 'Transfer-Encoding: chunked', '', ''].join(CRLF);
const CALLBACK = `POST ${TARGET}/@connections/AAAAAAAAAAAAAAA= HTTP/1.1${CRLF}${HEAD}`;
const NOWHERE = `POST /nowhere HTTP/1.1${CRLF}${HEAD}`;
const PORT = Number(new URL(gateway.endpoint).port);

function errors(): unknown[] {
  return gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal');
}

/** Asks for something that is refused, so that what was logged before it has been read. */
async function assertNoErrors(): Promise<void> {
  const marker = `/marker-${Math.random()}`;
  const connection = await openRawTls(gateway);
  await outcomeOf(connection, `GET ${marker} HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}`);
  await eventually('the marker is logged', () => gateway.logged().find(({ path }) => path === marker));
  assert.deepEqual(errors(), []);
}

describe('answers come in the order of their requests', () => {
  test('a handshake that needs no backend waits for the answer before it', async () => {
    const bytes = `GET /a HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}${handshake(TARGET)}`;
    assert.equal(await outcomeOf(await openRawTls(gateway), bytes, 2), '403, 101, closed 1000');
  });

  test('of ten requests and a handshake in one packet', async () => {
    const bytes = `${`GET /a HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}`.repeat(10)}${handshake(TARGET)}`;
    const ten = Array.from({ length: 10 }, () => '403').join(', ');
    assert.equal(await outcomeOf(await openRawTls(gateway), bytes, 11), `${ten}, 101, closed 1000`);
  });
});

describe('a request whose body breaks off has one answer at most, and is no error of ours', () => {
  const rows: readonly [name: string, open: () => Promise<RawConnection>, bytes: string, outcome: string][] = [
    ['a callback, in a chunk size', () => openRawTls(gateway), `${CALLBACK}zz${CRLF}`, '400, ended'],
    ['a callback, behind a chunk', () => openRawTls(gateway), `${CALLBACK}5${CRLF}hello!!`, '400, ended'],
    ['a callback, in a chunk extension', () => openRawTls(gateway), `${CALLBACK}5;\n${CRLF}hello`, '400, ended'],
    [
      'a request that is answered before its body',
      () => openRawTls(gateway),
      `${NOWHERE}5${CRLF}hello!!`,
      '403, ended',
    ],
    ['a control request', () => openRawTcp(PORT), `POST /v2/apis HTTP/1.1${CRLF}${HEAD}zz${CRLF}`, '400, ended'],
  ];
  for (const [name, open, bytes, outcome] of rows) {
    test(`${name}: ${outcome}`, async () => {
      assert.equal(await outcomeOf(await open(), bytes), outcome);
      await assertNoErrors();
    });
  }

  test('a client that leaves within its body', async () => {
    for (const connection of [await openRawTls(gateway), await openRawTcp(PORT)]) {
      connection.socket.end(`${CALLBACK}5${CRLF}he`);
      await connection.ended();
    }
    await assertNoErrors();
  });
});

describe('a refused connection ends, whatever its client does', { concurrency: true }, () => {
  const rows: readonly [name: string, bytes: string][] = [
    ['a refused handshake', handshake(`${TARGET}/none`)],
    ['bytes that are no request', `NONE${CRLF}${CRLF}`],
  ];
  for (const [name, bytes] of rows) {
    test(`${name}: a client that keeps its own side open, and goes on sending, is cut off`, async () => {
      const connection = await openRawTls(gateway, { allowHalfOpen: true });
      const { socket } = connection;
      socket.write(bytes);
      await connection.until('an answer', (all) => parseAnswers(all).answers[0]);
      await eventually('the system says that nobody is there', () => {
        if (!socket.destroyed) socket.write('x');
        return socket.destroyed || undefined;
      });
    });
  }
});
