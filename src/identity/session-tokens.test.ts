// Sessions prove themselves: what was issued names its key and its end, and nothing else does; the table that knows them gives what
// their key gives, and no longer than it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { developmentIdentities, type Identities } from './identities.ts';
import { createSessionTokens, withSessions } from './session-tokens.ts';

const TOKENS = createSessionTokens(Buffer.alloc(32, 1));
const UNTIL = Date.UTC(2026, 0, 2);
const KEY = {
  account: '111122223333',
  accessKeyId: 'AKIAONE',
  secret: 'secret-of-one',
  arn: 'arn:aws:iam::111122223333:root',
};

const tableOf = (key: typeof KEY & { untilMs?: number }): Identities =>
  withSessions(
    { ...developmentIdentities, isDevelopment: false, find: (id) => (id === key.accessKeyId ? key : undefined) },
    TOKENS,
  );

test('what was issued is read, by the server that has the same key alone', () => {
  const { accessKeyId, secret, sessionToken } = TOKENS.issue('AKIAONE', UNTIL);
  assert.match(accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  assert.equal(secret.length, 40);
  assert.deepEqual(TOKENS.read(accessKeyId, sessionToken), { parentKeyId: 'AKIAONE', untilMs: UNTIL, secret });
  assert.equal(createSessionTokens(Buffer.alloc(32, 2)).read(accessKeyId, sessionToken), undefined);
});

test('no bit of a token and no other id goes through', () => {
  const { accessKeyId, sessionToken } = TOKENS.issue('AKIAONE', UNTIL);
  const bytes = Buffer.from(sessionToken, 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(TOKENS.read(accessKeyId, changed.toString('base64')), undefined, `bit ${bit}`);
  }
  const other = TOKENS.issue('AKIAONE', UNTIL).accessKeyId;
  for (const id of [other, 'AKIAONE', 'ASIA', '']) assert.equal(TOKENS.read(id, sessionToken), undefined, id);
  for (const token of ['', 'token', sessionToken.slice(1)])
    assert.equal(TOKENS.read(accessKeyId, token), undefined, token);
});

test('a session has what its key has, and ends no later', () => {
  const { accessKeyId, secret, sessionToken } = TOKENS.issue(KEY.accessKeyId, UNTIL);
  const session = { ...KEY, accessKeyId, secret, untilMs: UNTIL, isSession: true };
  assert.deepEqual(tableOf(KEY).find(accessKeyId, sessionToken), session);
  const ending = tableOf({ ...KEY, untilMs: UNTIL - 1 });
  assert.equal(ending.find(accessKeyId, sessionToken)?.untilMs, UNTIL - 1);
  assert.equal(
    tableOf({ ...KEY, accessKeyId: 'AKIATWO' }).find(accessKeyId, sessionToken),
    undefined,
    'its key is gone',
  );
});

test('a permanent key needs no token and takes none; the development credentials take any', () => {
  assert.deepEqual(tableOf(KEY).find(KEY.accessKeyId), KEY);
  assert.equal(tableOf(KEY).find(KEY.accessKeyId, 'any'), undefined);
  assert.equal(withSessions(developmentIdentities, TOKENS).find('test', 'any')?.account, '000000000000');
});
