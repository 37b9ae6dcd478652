// examples/rooms-authorizer: who gets in, who does not and with which status, and what the token's context means to later messages.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeToken } from '../../examples/rooms-authorizer/src/token.ts';
import { startDynamoDb, type DynamoDb } from '../harness/dynamodb.ts';
import { eventually } from '../harness/eventually.ts';
import { ownerOfFile, rowsOf, tablesOf, upExample, type Example } from '../harness/examples.ts';
import { ask, openSocket, RefusedHandshake, type TestSocket } from '../harness/sockets.ts';

const SECRET = 'not-for-production';
const PROGRAM = fileURLToPath(new URL('../../examples/rooms-authorizer/make-token.ts', import.meta.url));
const owner = ownerOfFile();
let dynamo: DynamoDb;
let rooms: Example;
before(async () => {
  dynamo = await startDynamoDb(owner);
  rooms = await upExample(owner, 'rooms-authorizer', { 'http://127.0.0.1:8000': dynamo.url });
});

/** As its README has it. */
const tokenOf = (user: string, ...open: string[]) =>
  execFileSync(process.execPath, [PROGRAM, SECRET, user, ...open], { encoding: 'utf8' }).trim();

const enterAs = (token: string) => openSocket(rooms.gateway, `${rooms.urls[0]}?token=${token}`);

async function tell(client: TestSocket, message: object): Promise<unknown> {
  return JSON.parse(await ask(client, JSON.stringify(message)));
}

const now = Math.floor(Date.now() / 1_000);
const good = { sub: 'mallory', rooms: ['red'], exp: now + 60 };
const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(good)).toString('base64url')}.`;
const REFUSED: readonly (readonly [what: string, query: string, status: number])[] = [
  ['no token', '', 401],
  ['an empty token', '?token=', 401],
  ['what is no token', '?token=abc', 401],
  ['a token that is not signed', `?token=${unsigned}`, 401],
  ['a token that is signed with another secret', `?token=${makeToken(good, 'some-other-secret')}`, 401],
  ['a token whose time is over', `?token=${makeToken({ ...good, exp: now - 1 }, SECRET)}`, 401],
  ['a token without a room', `?token=${makeToken({ ...good, rooms: [] }, SECRET)}`, 403],
];
for (const [what, query, status] of REFUSED) {
  test(`${what} gets ${status}`, async () => {
    await assert.rejects(
      openSocket(rooms.gateway, `${rooms.urls[0]}${query}`),
      (error) => error instanceof RefusedHandshake && error.status === status,
    );
  });
}

test('a token opens its rooms and no others, and what is said in one is heard by its others', async () => {
  const ann = await enterAs(tokenOf('ann', 'red', 'blue'));
  const bob = await enterAs(tokenOf('bob', 'red'));
  assert.deepEqual(await tell(ann, { action: 'whatever' }), { hello: 'ann', open: ['red', 'blue'] });
  assert.deepEqual(await tell(bob, { action: 'enter', room: 'blue' }), {
    refused: 'blue is not open to bob',
    open: ['red'],
  });
  assert.deepEqual(await tell(ann, { action: 'enter', room: 'red' }), { entered: 'red', members: ['ann'] });
  assert.deepEqual(await tell(bob, { action: 'say', room: 'red', text: 'psst' }), { refused: 'enter red first' });
  assert.deepEqual(await tell(bob, { action: 'enter', room: 'red' }), { entered: 'red', members: ['ann', 'bob'] });
  assert.deepEqual(await tell(bob, { action: 'say', room: 'red', text: 'hello' }), { heardBy: 1 });
  assert.deepEqual(JSON.parse(await ann.receive()), { room: 'red', from: 'bob', text: 'hello' });

  // The end of a connection knows its rooms from the token, too.
  ann.socket.close();
  await eventually('Ann has left the room', async () => {
    const members = await rowsOf<{ user: { S: string } }>(dynamo);
    return members.every(({ user }) => user.S === 'bob') || undefined;
  });
  assert.deepEqual(await tell(bob, { action: 'say', room: 'red', text: 'anybody?' }), { heardBy: 0 });
  bob.socket.close();
});

test('down leaves nothing, and the secret was never printed', async () => {
  const { code, stdout, stderr } = await rooms.down();
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.deepEqual(await tablesOf(dynamo), []);
  for (const text of [rooms.printed, stdout, stderr, ...rooms.gateway.lines]) assert.ok(!text.includes(SECRET));
});
