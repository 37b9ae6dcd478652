// Request smuggling on the control port: bytes that a proxy in front of it might read otherwise than we do. Behind each of them
// stands a request for the server's health, which anybody may ask: an answer 200 where none is due is one that was smuggled.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startTestGateway } from '../../harness/gateway.ts';
import { openRawTcp } from '../../harness/raw-tls.ts';
import { CRLF, outcomeOf } from './raw-http.ts';

const gateway = await startTestGateway({ after });
const PORT = Number(new URL(gateway.endpoint).port);
const HEALTH = '/_sallyport/health';
const SECOND = request('GET', HEALTH);

const EXPECTING = request('GET', HEALTH, ['Host: localhost', 'Expect: 100-continue']);

const REFUSED = '400, ended';

function request(method: string, target: string, lines: readonly string[] = ['Host: localhost'], body = ''): string {
  return [`${method} ${target} HTTP/1.1`, ...lines, '', body].join(CRLF);
}

/** A request with these lines beside its Host, and the second one behind it. */
function withLines(...lines: readonly string[]): string {
  return request('GET', HEALTH, ['Host: localhost', ...lines], SECOND);
}

const TWO_ANSWERS = '200, 200, kept';
const LAST_OF_ITS_CONNECTION = '200, ended';
const rows: readonly (readonly [name: string, bytes: string, outcome: string])[] = [
  ['two requests', withLines('X-A: 1'), TWO_ANSWERS],
  ['the second as the body of the first', withLines(`Content-Length: ${SECOND.length}`), '200, kept'],
  ['a length and chunks', withLines('Content-Length: 5', 'Transfer-Encoding: chunked'), REFUSED],
  ['chunks and a length', withLines('Transfer-Encoding: chunked', 'Content-Length: 5'), REFUSED],
  ['two lengths', withLines('Content-Length: 0', `Content-Length: ${SECOND.length}`), REFUSED],
  ['the same length twice', withLines('Content-Length: 0', 'Content-Length: 0'), REFUSED],
  ['a list of lengths', withLines('Content-Length: 0, 0'), REFUSED],
  ['a length with a sign', withLines('Content-Length: +0'), REFUSED],
  ['chunked that is not the last coding', withLines('Transfer-Encoding: chunked, gzip'), REFUSED],
  ['space before the colon', withLines('Content-Length : 0'), REFUSED],
  ['a folded line', withLines('X-A: 1', ' Content-Length: 5'), REFUSED],
  ['LF alone behind a header', withLines(`X-A: 1\nX-B: 2`), REFUSED],
  ['CR alone in a value', withLines(`X-A: 1\rX-B: 2`), REFUSED],
  ['NUL in a value', withLines('X-A: \0'), REFUSED],
  [
    'two that ask to go on, of which the second has its answer by then',
    `${EXPECTING}${EXPECTING}`,
    '100, 200, 200, ended',
  ],
  ['no Host', request('GET', HEALTH, [], SECOND), REFUSED],
  ['two Hosts', withLines('Host: other.example.com'), '400, 200, kept'],
  [
    'another Host first',
    request('GET', HEALTH, ['Host: other.example.com', 'Host: localhost'], SECOND),
    '400, 200, kept',
  ],
  ['a user before the host', request('GET', HEALTH, ['Host: user@localhost'], SECOND), '403, 200, kept'],
  ['a host that is not ours', request('GET', HEALTH, ['Host: other.example.com'], SECOND), '403, 200, kept'],
  [
    'an upgrade to WebSocket, which is not made',
    withLines('Connection: Upgrade', 'Upgrade: websocket'),
    LAST_OF_ITS_CONNECTION,
  ],
  [
    'an upgrade to h2c, which is not made',
    withLines('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'),
    LAST_OF_ITS_CONNECTION,
  ],
  ['CONNECT, which opens no tunnel', `${request('CONNECT', 'localhost:443')}${SECOND}`, 'ended'],
  ['the HTTP/2 preface', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`, REFUSED],
  ['bytes that are no request, behind one', `${SECOND}NONE${CRLF}${CRLF}`, '200, 400, ended'],
  [
    'a chunk whose size is none',
    request('POST', HEALTH, ['Host: localhost', 'Transfer-Encoding: chunked'], `zz${CRLF}${SECOND}`),
    REFUSED,
  ],
  ['a header of 17,000 octets', withLines(`X-A: ${'a'.repeat(17_000)}`), REFUSED],
];

describe('the control port reads one request where there is one', () => {
  for (const [name, bytes, outcome] of rows) {
    test(`${name}: ${outcome}`, async () => {
      const wanted = outcome.split(', ').filter((part) => /^\d+$/.test(part)).length;
      assert.equal(await outcomeOf(await openRawTcp(PORT), bytes, wanted), outcome);
    });
  }

  test('nothing of it is an error in the log', () => {
    assert.deepEqual(
      gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
      [],
    );
  });
});
