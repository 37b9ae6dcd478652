// Accounts files that were written in a hurry: each is read, or is one line that names the file and holds nothing of what is in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountsProblem, parseAccounts } from '../../src/identity/accounts-file.ts';
import { withDisabled, withEnd, withKey } from '../../src/identity/edit-accounts.ts';
import { identitiesOf } from '../../src/identity/identities.ts';
import { changed, fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('accounts');
const ACCOUNTS = Buffer.from(`accounts:
  - id: "111122223333"
    name: one
    operator: true
    keys: [{ id: AKIDONE, secret: secret-of-one, policies: [{ Statement: { Effect: Allow, Action: "*", Resource: "*" } }] }]
    backendCredentials: { accessKeyId: AKIDBACK, secret: secret-of-backend }
  - id: "222233334444"
    keys: [{ id: AKIDTWO, secretFile: ./absent }]
sharedOwners: [["111122223333", "222233334444"]]
`);
const YAML = textOf(
  'accounts:',
  '\\n',
  '  - ',
  'id: ',
  '"111122223333"',
  'keys: ',
  '[',
  ']',
  '{',
  '}',
  ', ',
  'secret: secret-of-one',
  '&a ',
  '*a',
  '<<: ',
  '!!js/function ',
  '? ',
  '--- ',
  '|',
  '"',
  "'",
  'policies: ',
  'null',
  '__proto__: ',
).map((text) => text.replaceAll('\\n', '\n'));

const PATH = '/etc/sallyport/accounts.yaml';

function assertOneLine(error: unknown): void {
  assert.ok(error instanceof AccountsProblem, (error as Error).stack);
  const { message } = error;
  assert.match(message, /^--accounts /);
  assert.ok(!/[\n\r]/.test(message), JSON.stringify(message));
  assert.ok(!message.includes('secret-of-'), message);
}

const unseal = () => {
  throw new Error('not sealed here');
};

async function readAccounts(content: Uint8Array | string): Promise<void> {
  try {
    const identities = identitiesOf(await parseAccounts(PATH, String(content)), unseal);
    assert.equal(identities.isDevelopment, false);
    assert.equal(identities.find('__proto__'), undefined);
    assert.equal(identities.find('test'), undefined);
  } catch (error) {
    assertOneLine(error);
  }
}

/** Each edit makes a file that is read, or is refused on one line. */
async function editAccounts(content: Uint8Array): Promise<void> {
  const text = String(content);
  const edits = [
    () => withKey(PATH, text, { id: '111122223333' }, { id: 'AKIDNEW', place: { secret: 'secret-of-new' } }),
    () =>
      withKey(PATH, text, { id: '333344445555', name: 'new' }, { id: 'AKIDNEW', place: { secret: 'secret-of-new' } }),
    () => withEnd(PATH, text, 'AKIDONE', '2026-11-26T00:00:00Z'),
    () => withDisabled(PATH, text, '222233334444', true),
  ];
  for (const edit of edits) {
    try {
      await parseAccounts(PATH, await edit());
    } catch (error) {
      assertOneLine(error);
    }
  }
}

property('an accounts file with anything changed is read, or one line', changed(ACCOUNTS), readAccounts, 400);
property('an accounts file of any text is read, or one line', YAML, readAccounts, 400);
property('an accounts file with anything changed is edited, or one line', changed(ACCOUNTS), editAccounts, 150);

const SPELLED_WRONG: readonly (readonly [name: string, entry: string])[] = [
  ['no blank behind the colon', '{ id: AKIDONE, secret:secret-of-one }'],
  ['a secret as a key', '{ id: AKIDONE, ? secret-of-one }'],
  ['a star before the secret', '{ id: AKIDONE, secret: *secret-of-one }'],
  ['a tag before the secret', '{ id: AKIDONE, secret: !secret-of-one }'],
  ['a secret in the place of a name', '{ id: AKIDONE, "secret-of-one ": secret }'],
];

for (const [name, entry] of SPELLED_WRONG) {
  void test(`${name}: the secret is not repeated`, () =>
    readAccounts(`accounts: [{ id: "111122223333", keys: [${entry}] }]`));
}
