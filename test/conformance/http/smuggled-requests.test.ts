// Request smuggling on the TLS listener: bytes that a proxy in front of us might read otherwise than we do. Each row says what must
// happen; no row may have a backend asked, or an answer given, for more than the one request that there is.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startEchoBackend } from '../../harness/echo-backend.ts';
import { startTestGateway } from '../../harness/gateway.ts';
import { openRawTls } from '../../harness/raw-tls.ts';
import { makeApi, openSocket, pathForm } from '../../harness/sockets.ts';
import { CRLF, handshake, headerOf, outcomeOf, parseAnswers } from './raw-http.ts';

const backend = await startEchoBackend({ after });
const gateway = await startTestGateway({ after });
const api = await makeApi(gateway.clients, backend.routes);
const TARGET = `/_aws/execute-api/${api.apiId}/${api.stage}`;
const SECOND = handshake(`${TARGET}?second`);
const HOST = `Host: localhost${CRLF}`;

const OPENED = '101, closed 1000';
const REFUSED = '400, ended';
const FORBIDDEN = '403, ended';
/** Plain HTTP that nothing is served for. */
const NOTHING_HERE = '403, kept';

type Row = readonly [name: string, bytes: string, outcome: string];

function withHead(change: (head: string) => string): string {
  return handshake(TARGET, '', change);
}

function withLine(line: string, tail = ''): string {
  return `${handshake(TARGET, `${line}${CRLF}`)}${tail}`;
}

function withRequestLine(line: string, tail = ''): string {
  return `${withHead((head) => head.replace(`GET ${TARGET} HTTP/1.1`, line))}${tail}`;
}

function withHost(value: string): string {
  return withHead((head) => head.replace('Host: localhost', `Host:${value}`));
}

function plain(method: string, target: string, lines: readonly string[] = ['Host: localhost'], body = ''): string {
  return [`${method} ${target} HTTP/1.1`, ...lines, '', body].join(CRLF);
}

/** How many answers an outcome tells of. */
function countOf(outcome: string): number {
  return outcome.split(', ').filter((part) => /^\d+$/.test(part)).length;
}

/** No other request may have come to the backend, not even late: what is under way has come through with a connection after it. */
async function assertAskedFor(handshakes: number, from: number): Promise<void> {
  const { socket } = await openSocket(gateway, pathForm(gateway, api), { headers: { 'x-last': 'yes' } });
  socket.terminate();
  const asked = backend.asked.slice(from).filter(({ headers }) => headers['x-last'] === undefined);
  assert.deepEqual(
    asked.map(({ path }) => path),
    Array.from({ length: handshakes }, () => '/connect'),
  );
  assert.equal(backend.malformed(), 0);
}

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [name, bytes, outcome] of rows) {
      test(`${name}: ${outcome}`, async () => {
        const from = backend.asked.length;
        assert.equal(await outcomeOf(await openRawTls(gateway), bytes, countOf(outcome)), outcome);
        await assertAskedFor(outcome.includes('101') ? 1 : 0, from);
      });
    }
  });
}

table('a body with a handshake', [
  ['Content-Length: 0, which is none', withLine('Content-Length: 0'), OPENED],
  ['a length and a body', withLine('Content-Length: 5', 'hello'), REFUSED],
  ['a length and a second handshake as the body', withLine(`Content-Length: ${SECOND.length}`, SECOND), REFUSED],
  ['a length that ends before the second handshake', withLine('Content-Length: 5', `hello${SECOND}`), REFUSED],
  ['a length of 00', withLine('Content-Length: 00'), REFUSED],
  ['chunks', withLine('Transfer-Encoding: chunked', `0${CRLF}${CRLF}${SECOND}`), REFUSED],
  [
    'chunks and a length',
    withLine(`Transfer-Encoding: chunked${CRLF}Content-Length: 5`, `0${CRLF}${CRLF}${SECOND}`),
    REFUSED,
  ],
  [
    'a length and chunks',
    withLine(`Content-Length: 5${CRLF}Transfer-Encoding: chunked`, `0${CRLF}${CRLF}${SECOND}`),
    REFUSED,
  ],
  ['a length of 0 and chunks', withLine(`Content-Length: 0${CRLF}Transfer-Encoding: chunked`, SECOND), REFUSED],
  ['two lengths', withLine(`Content-Length: 5${CRLF}Content-Length: 6`, 'hello!'), REFUSED],
  ['the same length twice', withLine(`Content-Length: 0${CRLF}Content-Length: 0`), REFUSED],
  ['a list of lengths', withLine('Content-Length: 0, 0'), REFUSED],
  ['a negative length', withLine('Content-Length: -1'), REFUSED],
  ['a length with a sign', withLine('Content-Length: +0'), REFUSED],
  ['a hexadecimal length', withLine('Content-Length: 0x0'), REFUSED],
  ['a length beyond 64 bits', withLine('Content-Length: 18446744073709551616'), REFUSED],
  ['an empty length', withLine('Content-Length:'), REFUSED],
  ['Transfer-Encoding: identity', withLine('Transfer-Encoding: identity', SECOND), REFUSED],
  ['an unknown Transfer-Encoding', withLine('Transfer-Encoding: xchunked', SECOND), REFUSED],
  [
    'Transfer-Encoding twice',
    withLine(`Transfer-Encoding: chunked${CRLF}Transfer-Encoding: identity`, SECOND),
    REFUSED,
  ],
  ['chunked that is not the last coding', withLine('Transfer-Encoding: chunked, gzip', SECOND), REFUSED],
  ['Transfer-Encoding behind a vertical tab', withLine('Transfer-Encoding:\vchunked', SECOND), REFUSED],
  ['trailers announced, and no body', withLine('Trailer: X-A'), OPENED],
  ['Expect: 100-continue, and no body', withLine('Expect: 100-continue'), OPENED],
]);

table('header lines that are read in two ways', [
  ['a folded line', withLine(`X-A: 1${CRLF}  folded`), REFUSED],
  ['a folded line that looks like a header', withLine(`X-A: 1${CRLF} Transfer-Encoding: chunked`), REFUSED],
  ['a folded line after a tab', withLine(`X-A: 1${CRLF}\tContent-Length: 5`), REFUSED],
  ['white space before the first header', withHead((head) => head.replace(HOST, ` X-A: 1${CRLF}${HOST}`)), REFUSED],
  ['LF alone behind the request line', withHead((head) => head.replace(CRLF, '\n')), REFUSED],
  ['LF alone behind a header', withLine('X-A: 1\nX-B: 2'), REFUSED],
  ['LF alone at the end of the head', withHead((head) => `${head.slice(0, -2)}\n`), REFUSED],
  ['LF alone everywhere', withHead((head) => head.replaceAll(CRLF, '\n')), REFUSED],
  ['CR alone in a value', withLine('X-A: 1\rTransfer-Encoding: chunked'), REFUSED],
  ['CR alone behind a name', withLine('X-A\r: 1'), REFUSED],
  ['CR CR LF', withLine('X-A: 1\r'), REFUSED],
  ['NUL in a value', withLine('X-A: 1\0'), REFUSED],
  ['NUL in a name', withLine('X\0A: 1'), REFUSED],
  ['a control character in a value', withLine('X-A: \x01'), REFUSED],
  ['DEL in a value', withLine('X-A: \x7f'), REFUSED],
  ['space before the colon', withLine('X-A : 1'), REFUSED],
  ['space before the colon of Content-Length', withLine('Content-Length : 5', 'hello'), REFUSED],
  ['space before the colon of Transfer-Encoding', withLine('Transfer-Encoding : chunked', SECOND), REFUSED],
  ['tab before the colon', withLine('X-A\t: 1'), REFUSED],
  ['no colon', withLine('XA'), REFUSED],
  ['no name', withLine(': 1'), REFUSED],
  ['a name that is no token', withLine('X(A): 1'), REFUSED],
  ['a name beyond ASCII', withLine('X-\xe9: 1'), REFUSED],
  ['a value beyond ASCII, which is opaque', withLine('X-A: \xe9'), OPENED],
  ['an empty value', withLine('X-A:'), OPENED],
  ['names in other letters', withHead((head) => head.replace('Connection: Upgrade', 'cOnnection: uPGRADE')), OPENED],
]);

table('the request line', [
  ['a method in lower case', withRequestLine(`get ${TARGET} HTTP/1.1`), REFUSED],
  ['a method that is none', withRequestLine(`FOO ${TARGET} HTTP/1.1`), REFUSED],
  ['POST', withRequestLine(`POST ${TARGET} HTTP/1.1`), REFUSED],
  ['HEAD', withRequestLine(`HEAD ${TARGET} HTTP/1.1`), REFUSED],
  ['PUT with a second handshake behind it', withRequestLine(`PUT ${TARGET} HTTP/1.1`, SECOND), REFUSED],
  ['CONNECT, which opens no tunnel', `${plain('CONNECT', 'localhost:443')}${SECOND}`, 'ended'],
  ['GET with an authority', withRequestLine('GET localhost:443 HTTP/1.1'), REFUSED],
  ['GET with an asterisk', withRequestLine('GET * HTTP/1.1'), REFUSED],
  ['OPTIONS with an asterisk', plain('OPTIONS', '*'), NOTHING_HERE],
  ['a whole URL', withRequestLine(`GET https://localhost${TARGET} HTTP/1.1`), REFUSED],
  ['a whole URL of another host', withRequestLine(`GET https://other.example.com${TARGET} HTTP/1.1`), REFUSED],
  ['a whole URL without an upgrade', plain('GET', `https://localhost${TARGET}`), NOTHING_HERE],
  ['a path that begins like an authority', withRequestLine(`GET //localhost${TARGET} HTTP/1.1`), FORBIDDEN],
  ['a fragment', withRequestLine(`GET ${TARGET}#part HTTP/1.1`), FORBIDDEN],
  ['a space in the target', withRequestLine(`GET ${TARGET} more HTTP/1.1`), REFUSED],
  ['a target beyond ASCII', withRequestLine(`GET ${TARGET}?\xe9 HTTP/1.1`), REFUSED],
  ['NUL in the target', withRequestLine(`GET ${TARGET}?\0 HTTP/1.1`), REFUSED],
  ['tabs between the parts', withRequestLine(`GET\t${TARGET}\tHTTP/1.1`), REFUSED],
  ['no target', withRequestLine('GET HTTP/1.1'), REFUSED],
  ['a URL of 4097 octets', withRequestLine(`GET ${`${TARGET}?`.padEnd(4_097, 'a')} HTTP/1.1`, SECOND), '414, ended'],
  ['a URL that is longer than a head may be', withRequestLine(`GET ${TARGET}?${'a'.repeat(17_000)} HTTP/1.1`), REFUSED],
  ['HTTP/1.0', withRequestLine(`GET ${TARGET} HTTP/1.0`), REFUSED],
  ['HTTP/2.0 in the request line', withRequestLine(`GET ${TARGET} HTTP/2.0`), REFUSED],
  ['HTTP/1.2', withRequestLine(`GET ${TARGET} HTTP/1.2`), REFUSED],
  ['HTTP/1.10', withRequestLine(`GET ${TARGET} HTTP/1.10`), REFUSED],
  ['a protocol that is not HTTP', withRequestLine(`GET ${TARGET} ICE/1.1`), REFUSED],
  ['the HTTP/2 preface, though HTTP/2 was not agreed', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', REFUSED],
  ['a TLS record where HTTP is expected', '\x16\x03\x01\x00\x05hello\r\n\r\n', REFUSED],
  ['empty lines before the request', `${CRLF}${CRLF}${handshake(TARGET)}`, OPENED],
]);

table('which host is meant', [
  ['no Host', withHead((head) => head.replace(HOST, '')), REFUSED],
  ['an empty Host', withHost(''), FORBIDDEN],
  ['two Hosts', withLine('Host: other.example.com'), REFUSED],
  ['the same Host twice', withLine('Host: localhost'), REFUSED],
  ['another Host first', withHead((head) => head.replace(HOST, `Host: other.example.com${CRLF}${HOST}`)), REFUSED],
  ['a user before the host', withHost(' user@localhost'), REFUSED],
  ['a path behind the host', withHost(' localhost/other'), REFUSED],
  ['a query behind the host', withHost(' localhost?other'), REFUSED],
  ['two hosts in one line', withHost(' localhost, other.example.com'), REFUSED],
  ['a port that is no number', withHost(' localhost:https'), REFUSED],
  ['two ports', withHost(' localhost:80:443'), REFUSED],
  ['a space within', withHost(' local host'), REFUSED],
  ['a host that is not ours', withHost(' other.example.com'), FORBIDDEN],
  ['a port that is not ours, which does not count', withHost(' localhost:1'), OPENED],
  ['a final dot and other letters, which do not count', withHost(' LocalHost.'), OPENED],
  ['two Hosts of a plain request', plain('GET', TARGET, ['Host: localhost', 'Host: other.example.com']), '400, kept'],
  ['no Host of a plain request', plain('GET', TARGET, []), REFUSED],
]);

table('what is upgraded', [
  ['h2c is not', withHead((head) => head.replace('Upgrade: websocket', 'Upgrade: h2c')), FORBIDDEN],
  [
    'websocket behind another protocol is not',
    withHead((head) => head.replace(': websocket', ': h2c, websocket')),
    FORBIDDEN,
  ],
  ['two Upgrade lines are not', withLine('Upgrade: h2c'), FORBIDDEN],
  ['Upgrade without Connection is not', withHead((head) => head.replace(`Connection: Upgrade${CRLF}`, '')), FORBIDDEN],
  [
    'Connection without Upgrade is not',
    withHead((head) => head.replace('Connection: Upgrade', 'Connection: keep-alive')),
    FORBIDDEN,
  ],
  ['Connection: close is not', withHead((head) => head.replace('Connection: Upgrade', 'Connection: close')), FORBIDDEN],
  [
    'a list with Upgrade in it is',
    withHead((head) => head.replace('Connection: Upgrade', 'Connection: keep-alive, Upgrade')),
    OPENED,
  ],
  ['WebSocket in other letters is', withHead((head) => head.replace('websocket', 'WebSocket')), OPENED],
  ['without an upgrade nothing is served', plain('GET', TARGET), NOTHING_HERE],
]);

table('more than one request', [
  [
    'what stands behind an upgrade that is not made is not read',
    `${withHead((head) => head.replace(': websocket', ': h2c'))}${SECOND}`,
    FORBIDDEN,
  ],
  [
    'a handshake behind a handshake is frames, and no frame begins so',
    `${handshake(TARGET)}${SECOND}`,
    '101, closed 1002',
  ],
  ['a handshake behind one that is refused is not read', `${handshake(`${TARGET}/none`)}${SECOND}`, FORBIDDEN],
  [
    'a handshake behind a plain request has its turn',
    `${plain('GET', '/')}${handshake(TARGET)}`,
    '403, 101, closed 1000',
  ],
  ['two plain requests have two answers', `${plain('GET', '/a')}${plain('GET', '/b')}`, '403, 403, kept'],
  [
    'a handshake as the body of a POST is a body',
    plain('POST', TARGET, ['Host: localhost', `Content-Length: ${SECOND.length}`], SECOND),
    NOTHING_HERE,
  ],
  [
    'a handshake as the body of a callback is a body',
    plain(
      'POST',
      `${TARGET}/@connections/AAAAAAAAAAAAAAA=`,
      ['Host: localhost', `Content-Length: ${SECOND.length}`],
      SECOND,
    ),
    NOTHING_HERE,
  ],
  [
    'a handshake in a chunk is a body, whatever its extensions and trailers',
    plain(
      'POST',
      TARGET,
      ['Host: localhost', 'Transfer-Encoding: chunked'],
      `${SECOND.length.toString(16)};name="value"${CRLF}${SECOND}${CRLF}0${CRLF}X-Trailer: 1${CRLF}Host: other.example.com${CRLF}${CRLF}`,
    ),
    NOTHING_HERE,
  ],
  [
    'of two that ask to go on the second has its answer by then',
    plain('GET', '/', ['Host: localhost', 'Expect: 100-continue']).repeat(2),
    '100, 403, 403, ended',
  ],
  [
    'a callback with a length and chunks',
    plain(
      'POST',
      `${TARGET}/@connections/AAAAAAAAAAAAAAA=`,
      ['Host: localhost', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      `0${CRLF}${CRLF}${SECOND}`,
    ),
    REFUSED,
  ],
  [
    'a callback with two lengths',
    plain(
      'POST',
      `${TARGET}/@connections/AAAAAAAAAAAAAAA=`,
      ['Host: localhost', 'Content-Length: 0', `Content-Length: ${SECOND.length}`],
      SECOND,
    ),
    REFUSED,
  ],
  [
    'Expect: 100-continue, and its body',
    plain('POST', TARGET, ['Host: localhost', 'Expect: 100-continue', 'Content-Length: 5'], 'hello'),
    '100, 403, kept',
  ],
  ['bytes that are no request, behind one', `${plain('GET', '/')}NONE${CRLF}${CRLF}`, '403, 400, ended'],
]);

table('too much', [
  ['a header of 17,000 octets', withLine(`X-A: ${'a'.repeat(17_000)}`), REFUSED],
  ['a name of 17,000 octets', withLine(`${'a'.repeat(17_000)}: 1`), REFUSED],
  ['3,000 headers', withLine(Array.from({ length: 3_000 }, () => 'a:').join(CRLF)), REFUSED],
  [
    'a second Host behind 1,000 headers',
    withLine([...Array.from({ length: 1_000 }, () => 'a:'), 'Host: other.example.com'].join(CRLF)),
    REFUSED,
  ],
  [
    '100 headers, which is not too much',
    withLine(Array.from({ length: 100 }, (_, n) => `x-${n}: ${n}`).join(CRLF)),
    OPENED,
  ],
]);

describe('the answer to a handshake', () => {
  test('of another version says which one is spoken', async () => {
    for (const version of ['8', '12', '14', '0', '13, 8', 'x']) {
      const connection = await openRawTls(gateway);
      connection.socket.end(withHead((head) => head.replace('Version: 13', `Version: ${version}`)));
      const [answer, ...others] = parseAnswers(await connection.ended()).answers;
      assert.deepEqual([answer?.status, headerOf(answer!, 'Sec-WebSocket-Version'), others], [400, '13', []], version);
    }
  });
});
