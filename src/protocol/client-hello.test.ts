// Client hellos as real clients write them, whole, in pieces and broken.

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import { readClientHello } from './client-hello.ts';

const RECORD_HEADER_BYTES = 5;

/** What Node's own client sends first. */
async function helloOf(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [hello] = await once(socket, 'data');
  client.destroy();
  server.close();
  return hello as Buffer;
}

const ROWS: readonly (readonly [name: string, options: ConnectionOptions, serverName: string, protocols: string[]])[] =
  [
    ['neither name nor protocols', {}, '', []],
    ['a name', { servername: 'ws.example.com' }, 'ws.example.com', []],
    ['a name, as it was written', { servername: 'WS.Example.com' }, 'WS.Example.com', []],
    ['one protocol', { ALPNProtocols: ['acme-tls/1'] }, '', ['acme-tls/1']],
    [
      'a name and protocols, in order',
      { servername: 'ws.example.com', ALPNProtocols: ['h2', 'acme-tls/1', 'http/1.1'] },
      'ws.example.com',
      ['h2', 'acme-tls/1', 'http/1.1'],
    ],
    ['TLS 1.2', { maxVersion: 'TLSv1.2', servername: 'a.test', ALPNProtocols: ['h2'] }, 'a.test', ['h2']],
  ];

for (const [name, options, serverName, protocols] of ROWS) {
  test(`reads ${name}`, async () => {
    assert.deepEqual(readClientHello(await helloOf(options)), { serverName, protocols });
  });
}

const HELLO = await helloOf({ servername: 'ws.example.com', ALPNProtocols: ['acme-tls/1'] });
const SAID = { serverName: 'ws.example.com', protocols: ['acme-tls/1'] };

/** The message again in records of this size. */
function inRecords(size: number): Buffer {
  const message = HELLO.subarray(RECORD_HEADER_BYTES);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

test('asks for more until it is all there, and never for more than there will be', () => {
  for (const bytes of [HELLO, inRecords(1), inRecords(7)]) {
    for (let length = 0; length < bytes.length; length += 1) {
      const wanted = readClientHello(bytes.subarray(0, length));
      assert.ok(
        typeof wanted === 'number' && wanted > length && wanted <= bytes.length,
        `${length}: ${String(wanted)}`,
      );
    }
    assert.deepEqual(readClientHello(bytes), SAID);
  }
});

test('what follows a hello does not matter', () => {
  assert.deepEqual(readClientHello(Buffer.concat([HELLO, Buffer.from('early data')])), SAID);
});

const NONE: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['zeros', Buffer.alloc(64)],
  ['an alert', Buffer.from([21, 3, 1, 0, 2, 2, 40])],
  ['another handshake message', Buffer.from([22, 3, 3, 0, 4, 14, 0, 0, 0])],
  ['an empty record', Buffer.from([22, 3, 1, 0, 0])],
  ['a record that is too long', Buffer.from([22, 3, 1, 0x40, 1])],
  ['another major version', Buffer.from([22, 2, 0, 0, 4])],
  ['a message that ends inside its random', Buffer.from([22, 3, 1, 0, 6, 1, 0, 0, 2, 3, 3])],
];

for (const [name, bytes] of NONE) {
  test(`${name} is no hello`, () => assert.equal(readClientHello(bytes), undefined));
}

test('lengths that lead past the end are no hello', () => {
  for (let at = RECORD_HEADER_BYTES + 4; at < HELLO.length; at += 1) {
    const changed = Buffer.from(HELLO);
    changed[at] = 255;
    const found = readClientHello(changed);
    assert.ok(found === undefined || typeof found === 'object', `changed at ${at}`);
  }
});

test('whatever the bytes are, it answers', () => {
  const start = fc.constantFrom(Buffer.alloc(0), Buffer.from([22, 3, 1]), HELLO.subarray(0, 60), HELLO);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
      const bytes = Buffer.concat([head, tail]);
      const found = readClientHello(bytes);
      if (typeof found === 'number') assert.ok(found > bytes.length);
    }),
  );
});
