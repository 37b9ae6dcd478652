// Noise on every listener of the real gateway, below TLS and within it, before a handshake and after it: each connection is answered
// or ends, no answer is an error of ours, and a good client is served behind them all. Requests and frames that are nearly good are in
// test/conformance/mutations/, DNS messages in test/conformance/dns/fuzz.test.ts.

import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { eventually } from '../harness/eventually.ts';
import { openRawTcp, openRawTls, type RawConnection } from '../harness/raw-tls.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi, mock, openSocket, pathForm } from '../harness/sockets.ts';
import { changed, fuzz } from './fuzzing.ts';

const { property, count } = fuzz('wire');

const gateway = await startTestGateway({ after }, ['--http', '127.0.0.1:0']);
const api = await makeApi(gateway.clients, { $default: { target: mock('still here'), isTwoWay: true } });
const [controlPort, httpPort, dnsPort] = [gateway.ready.control, gateway.ready.http, gateway.ready.dns].map(
  ([address]) => Number(address!.split(':').at(-1)),
) as [number, number, number];

const line = (...lines: readonly string[]) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
const HOST = 'Host: localhost';
const REQUESTS = [
  line('GET / HTTP/1.1', HOST),
  line('GET /_sallyport/ready HTTP/1.1', HOST, 'Connection: keep-alive'),
  line('POST /v2/apis HTTP/1.1', HOST, 'Content-Length: 2', '', '{}'),
  line(
    'POST / HTTP/1.1',
    HOST,
    'X-Amz-Target: CertificateManager.ListCertificates',
    'Transfer-Encoding: chunked',
    '',
    '2',
    '{}',
    '0',
  ),
  line('GET /.well-known/acme-challenge/token HTTP/1.1', HOST),
  line(
    'POST /_sallyport/approve HTTP/1.1',
    HOST,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 5',
    '',
    'a=b&c',
  ),
  line('PRI * HTTP/2.0', '', 'SM'),
];
/** The start of a client hello of TLS 1.2: version, random, one suite, the server name. */
const HELLO = Buffer.from(
  `1603010045010000410303${'ab'.repeat(32)}0000041301c02b0100001400000010000e00000b6578616d706c652e636f6d`,
  'hex',
);
/** What there is not is answered by its name. */
const NOT_IMPLEMENTED = '501';
const NOISE = fc.uint8Array({ maxLength: 400 });

/** Resolves to what came until the connection ended, which it must. */
async function say(connection: RawConnection, octets: Uint8Array): Promise<string> {
  connection.socket.end(octets);
  const came = await connection.ended();
  connection.socket.destroy();
  return came.toString('latin1');
}

function assertNoErrorOfOurs(came: string): void {
  for (const [, status] of came.matchAll(/HTTP\/1\.1 (\d{3})/g))
    assert.ok(Number(status) < 500 || status === NOT_IMPLEMENTED, came.slice(0, 400));
}

for (const [name, port] of [
  ['control', controlPort],
  ['http', httpPort],
] as const) {
  property(
    `the ${name} listener answers or ends`,
    fc.oneof(NOISE, changed(...REQUESTS)),
    async (octets) => assertNoErrorOfOurs(await say(await openRawTcp(port), octets)),
    150,
  );
}

property(
  'the TLS listener ends what is no TLS',
  fc.oneof(NOISE, changed(HELLO), changed(...REQUESTS)),
  async (octets) => {
    const came = await say(await openRawTcp(gateway.tlsPort), octets);
    assert.doesNotMatch(came, /HTTP\/1\.1 (?!4)/);
  },
  150,
);

property(
  'within TLS everything is answered or ends',
  fc.oneof(NOISE, changed(...REQUESTS)),
  async (octets) => assertNoErrorOfOurs(await say(await openRawTls(gateway), octets)),
  100,
);

const OPENING = line(
  `GET /_aws/execute-api/${api.apiId}/${api.stage} HTTP/1.1`,
  HOST,
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
);

property(
  'octets behind a handshake are frames, or end the connection',
  fc.uint8Array({ maxLength: 200 }),
  async (octets) => {
    const connection = await openRawTls(gateway);
    connection.socket.write(OPENING);
    await connection.until('the 101', (all) => (all.includes('\r\n\r\n') ? true : undefined));
    const came = await say(connection, octets);
    assert.match(came, /^HTTP\/1\.1 101 /);
  },
  100,
);

property(
  'DNS over TCP answers or ends',
  fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }),
  async (messages) => {
    const framed = messages.map((message) => Buffer.concat([Buffer.from([0, message.length]), message]));
    const came = Buffer.from(await say(await openRawTcp(dnsPort), Buffer.concat(framed)), 'latin1');
    for (let at = 0; at < came.length; at += 2 + came.readUInt16BE(at)) assert.ok(at + 2 <= came.length);
  },
  100,
);

void test('noise over UDP is answered with nothing longer than it may be', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => socket.close());
  await once(socket, 'listening');
  const lengths: number[] = [];
  const answered = new Set<number>();
  socket.on('message', (message) => {
    lengths.push(message.length);
    answered.add(message.readUInt16BE(0));
  });
  const noise = fc.sample(fc.uint8Array({ maxLength: 500 }), { numRuns: 300, seed: 1 });
  for (const octets of noise) socket.send(octets, dnsPort, '127.0.0.1');
  count(noise.length);
  // A question that must be answered: when it is, all of the noise was looked at.
  const question = Buffer.from('fffe01000001000000000000096c6f63616c686f73740000010001', 'hex');
  await eventually('the question behind the noise is answered', () => {
    socket.send(question, dnsPort, '127.0.0.1');
    return answered.has(0xff_fe) ? true : undefined;
  });
  assert.ok(lengths.every((length) => length <= 1_232));
});

void test('a good client is served behind all of it', async () => {
  const client = await openSocket(gateway, pathForm(gateway, api));
  assert.equal(await ask(client, 'anything'), 'still here');
  client.socket.close();
  assert.equal(gateway.child.exitCode, null);
  assert.deepEqual(
    gateway.logged().filter(({ level }) => level === 'error' || level === 'fatal'),
    [],
  );
});
