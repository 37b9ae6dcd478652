// Requests that never end: clients that hold a connection by sending next to nothing are cut off after ten seconds, each for itself,
// while others are served. The gateway counts real time; what is waited for is the end of the connection.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { openRawTcp, openRawTls, type RawConnection } from '../../harness/raw-tls.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../../harness/sockets.ts';
import { CRLF, handshake, parseAnswers } from './raw-http.ts';

const gateway = await startTestGateway({ after }, ['--http', '127.0.0.1:0']);
const api = await makeApi(gateway.clients, { $default: { target: mock('served'), isTwoWay: true } });
const TARGET = `/_aws/execute-api/${api.apiId}/${api.stage}`;
const CONTROL_PORT = Number(new URL(gateway.endpoint).port);
const HTTP_PORT = Number(gateway.ready.http[0]!.split(':').at(-1));
const UNFINISHED = handshake(TARGET).slice(0, -2);
const DRIP_MS = 500;

describe('a client that never ends its request is cut off', { concurrency: true }, () => {
  const rows: readonly [name: string, open: () => Promise<RawConnection>, bytes: string][] = [
    ['TLS that never begins', () => openRawTcp(gateway.tlsPort), ''],
    ['TLS that breaks off within the hello', () => openRawTcp(gateway.tlsPort), '\x16\x03\x01\x00\xff\x01'],
    ['TLS, and then nothing', () => openRawTls(gateway), ''],
    ['a request line that never ends', () => openRawTls(gateway), 'GET /'],
    ['a head that never ends', () => openRawTls(gateway), UNFINISHED],
    [
      'a head that never ends, behind a request',
      () => openRawTls(gateway),
      `GET / HTTP/1.1${CRLF}Host: localhost${CRLF}${CRLF}${UNFINISHED}`,
    ],
    ['a request to the plain listener that never ends', () => openRawTcp(HTTP_PORT), UNFINISHED],
    ['a control request that never ends', () => openRawTcp(CONTROL_PORT), UNFINISHED],
  ];
  for (const [name, open, bytes] of rows) {
    test(name, async () => {
      const connection = await open();
      if (bytes !== '') connection.socket.write(Buffer.from(bytes, 'latin1'));
      const { answers } = parseAnswers(await connection.ended());
      assert.ok(!answers.some(({ status }) => status === 101));
    });
  }

  test('a head that comes octet by octet, and never ends', async () => {
    const connection = await openRawTls(gateway);
    connection.socket.write(UNFINISHED);
    const drip = setInterval(() => connection.socket.write('x'), DRIP_MS);
    try {
      assert.deepEqual(
        parseAnswers(await connection.ended()).answers.map(({ status }) => status),
        [400],
      );
    } finally {
      clearInterval(drip);
    }
  });

  test('others are served meanwhile', async () => {
    const client = await openSocket(gateway, pathForm(gateway, api));
    assert.equal(await ask(client, 'hello'), 'served');
    client.socket.terminate();
  });
});
