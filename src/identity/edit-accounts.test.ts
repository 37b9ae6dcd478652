// Changes to the accounts file: what was not meant stays as it was, comments with it, and what comes out is a file that can be used.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountsProblem, parseAccounts } from './accounts-file.ts';
import { findKey, withDisabled, withEnd, withKey } from './edit-accounts.ts';

const PATH = 'accounts.yaml';
const TEXT = `# Who may sign here.
accounts:
  - id: '111122223333' # ours
    name: one
    keys:
      - id: AKIAONE
        secret: secret-of-one
  - id: '444455556666'
    keys: [{ id: AKIATWO, secretFile: ./two.secret }]
sharedOwners: [['111122223333', '444455556666']]
`;
const NEW = { id: 'AKIANEW', place: { secretFile: './new.secret' } };

test('a first account makes a file', async () => {
  const text = await withKey(PATH, undefined, { id: '111122223333', name: 'one', operator: true }, NEW);
  assert.equal(
    text,
    'accounts:\n  - id: "111122223333"\n    name: one\n    operator: true\n    keys:\n      - id: AKIANEW\n        secretFile: ./new.secret\n',
  );
});

test('a key of an account that is there is three lines more, and comments stay', async () => {
  const text = await withKey(PATH, TEXT, { id: '111122223333' }, { ...NEW, user: 'deploy' });
  const added = '      - id: AKIANEW\n        user: deploy\n        secretFile: ./new.secret\n';
  assert.ok(text.includes(added), text);
  for (const comment of ['# Who may sign here.\n', ' # ours\n']) assert.ok(text.includes(comment), text);
  assert.deepEqual(await parseAccounts(PATH, text.replace(added, '')), await parseAccounts(PATH, TEXT));
});

test('an account that is not there comes with its key', async () => {
  const { accounts } = await parseAccounts(PATH, await withKey(PATH, TEXT, { id: '777788889999' }, NEW));
  assert.deepEqual(
    accounts.map(({ id, keys }) => [id, keys.map((key) => key.id)]),
    [
      ['111122223333', ['AKIAONE']],
      ['444455556666', ['AKIATWO']],
      ['777788889999', ['AKIANEW']],
    ],
  );
});

test('what is there already is not taken for new', async () => {
  const rejected = (text: Promise<string>, message: RegExp) =>
    assert.rejects(text, (error: Error) => error instanceof AccountsProblem && message.test(error.message));
  await rejected(withKey(PATH, TEXT, { id: '444455556666' }, { ...NEW, id: 'AKIAONE' }), /AKIAONE is listed twice/);
  await rejected(
    withKey(PATH, TEXT, { id: '111122223333', name: 'two' }, NEW),
    /is there, and is not changed by a key/,
  );
  await rejected(withKey(PATH, TEXT, { id: '111122223333', operator: true }, NEW), /is not changed by a key/);
  await rejected(withKey(PATH, TEXT, { id: '12' }, NEW), /an account id is 12 digits/);
  await rejected(withEnd(PATH, TEXT, 'AKIANOBODY', '2026-01-01T00:00:00Z'), /there is no access key AKIANOBODY/);
  await rejected(withEnd(PATH, TEXT, 'AKIAONE', 'soon'), /until/);
  await rejected(withDisabled(PATH, TEXT, '000000000000', true), /there is no access key 000000000000/);
});

test('a key ends, an account and a key are disabled and enabled again', async () => {
  const ended = await parseAccounts(PATH, await withEnd(PATH, TEXT, 'AKIATWO', '2026-01-01T00:00:00Z'));
  assert.equal(findKey(ended, 'AKIATWO').key.until, '2026-01-01T00:00:00Z');
  const [account, key] = [
    await withDisabled(PATH, TEXT, '444455556666', true),
    await withDisabled(PATH, TEXT, 'AKIAONE', true),
  ];
  assert.equal((await parseAccounts(PATH, account)).accounts[1]!.disabled, true);
  assert.equal(findKey(await parseAccounts(PATH, key), 'AKIAONE').key.disabled, true);
  for (const [text, id] of [
    [account, '444455556666'],
    [key, 'AKIAONE'],
  ] as const) {
    const again = await withDisabled(PATH, text, id, false);
    assert.deepEqual(await parseAccounts(PATH, again), await parseAccounts(PATH, TEXT));
    assert.ok(again.startsWith('# Who may sign here.\n'));
  }
});
