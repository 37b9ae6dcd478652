// Accounts files that were written in a hurry: each is read, or is one line that names the file and holds nothing of what is in it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AccountsProblem, readAccountsFile } from '../../src/identity/identities.ts';
import { changed, fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('accounts');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-fuzz-'));
after(() => rmSync(folder, { recursive: true }));

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

async function readAccounts(content: Uint8Array | string): Promise<void> {
  const path = join(folder, 'accounts.yaml');
  writeFileSync(path, content);
  let identities;
  try {
    identities = await readAccountsFile(path);
  } catch (error) {
    assert.ok(error instanceof AccountsProblem, (error as Error).stack);
    const { message } = error;
    assert.match(message, /^--accounts /);
    assert.ok(!/[\n\r]/.test(message), JSON.stringify(message));
    return assert.ok(!message.includes('secret-of-'), message);
  }
  assert.equal(identities.isDevelopment, false);
  assert.equal(identities.find('__proto__'), undefined);
  assert.equal(identities.find('test'), undefined);
}

property('an accounts file with anything changed is read, or one line', changed(ACCOUNTS), readAccounts, 400);
property('an accounts file of any text is read, or one line', YAML, readAccounts, 400);

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
