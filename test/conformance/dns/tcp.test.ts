// DNS over TCP (RFC 7766): many questions on one connection, and what a client may not take up.

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { limit } from '../../../src/settings/limits.ts';
import { eventually, next } from '../../harness/eventually.ts';
import { startDnsHere } from './dns-here.ts';
import { framed, header, name, question, readHeader, stream } from './raw-messages.ts';
import { servedHere } from './zone-text.ts';

const large = Array.from({ length: 100 }, (_, at) => `"${String(at).padStart(200, '-')}"`).join(' | ');
const ZONES = { 'example.com': `www 60 A 192.0.2.1\nlarge 60 TXT ${large}` };
const { address } = await startDnsHere({ after }, { snapshot: servedHere(ZONES) });

const ask = (id: number, label = 'www', type = 1) =>
  framed(Buffer.concat([header({ id }), question(name(label, 'example', 'com'), type)]));

async function open(server = address): Promise<Socket> {
  const [host, port] = server.split(':') as [string, string];
  const socket = connect(Number(port), host).on('error', () => {});
  await next(socket, 'connect');
  return socket;
}

/** True when the server answers on this connection. */
async function isAnswered(socket: Socket): Promise<boolean> {
  const heard = Promise.race([
    next<[Buffer]>(socket, 'data').then(() => true),
    next(socket, 'close').then(() => false),
  ]);
  socket.write(ask(1));
  return heard;
}

test('a thousand questions at once are answered in order', async () => {
  const ids = Array.from({ length: 1_000 }, (_, at) => at);
  const replies = await stream(address, [Buffer.concat(ids.map((id) => ask(id)))], ids.length);
  assert.deepEqual(
    replies.map(readHeader).map(({ id }) => id),
    ids,
  );
});

test('a question longer than any ends the connection, before it came', async () => {
  const socket = await open();
  const closed = next(socket, 'close');
  socket.write(Buffer.from([(limit('dnsTcpQuestionBytesMax') + 1) >> 8, (limit('dnsTcpQuestionBytesMax') + 1) & 0xff]));
  await closed;
});

test('a client that does not read its answers is read no further, and has them all when it does', async () => {
  const snapshot = servedHere(ZONES);
  let asked = 0;
  // Looked at for each question.
  Object.defineProperty(snapshot, 'revision', { get: () => ((asked += 1), 1) });
  const here = await startDnsHere({ after }, { snapshot });
  const socket = await open(here.address);
  socket.pause();
  const count = 2_000;
  socket.write(Buffer.concat(Array.from({ length: count }, (_, id) => ask(id, 'large', 16))));
  await eventually('the server answers', () => (asked > 0 ? true : undefined));
  const fence = await open(here.address);
  assert.equal(await isAnswered(fence), true);
  fence.destroy();
  assert.ok(asked < count / 2, `${asked} of ${count} answers were made for nobody to read`);
  let replies = 0;
  let pending = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error(`closed after ${replies} replies`)));
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        pending = pending.subarray(2 + pending.readUInt16BE(0));
        replies += 1;
      }
      if (replies === count) resolve();
    });
    socket.resume();
  });
  socket.removeAllListeners('close');
  socket.destroy();
});

test('one address has only so many connections, and those it has go on', async () => {
  const here = await startDnsHere({ after }, { snapshot: servedHere(ZONES) });
  const sockets = [];
  for (let count = 0; count < limit('dnsTcpConnectionsPerAddressMax'); count += 1)
    sockets.push(await open(here.address));
  const beyond = await open(here.address);
  assert.equal(await isAnswered(beyond), false);
  assert.equal(await isAnswered(sockets[0]!), true);
  assert.equal(await isAnswered(sockets.at(-1)!), true);
  const gone = next(sockets[1]!, 'close');
  sockets[1]!.destroy();
  await gone;
  await eventually('there is room for another', async () => {
    const socket = await open(here.address);
    return (await isAnswered(socket)) || undefined;
  });
  for (const socket of sockets) socket.destroy();
});
