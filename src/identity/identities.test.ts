// Who may sign: the development credentials, the accounts file, and the one line about a file that cannot be used.

import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccountsProblem, parseAccounts, readAccountsText } from './accounts-file.ts';
import { developmentIdentities, identitiesOf } from './identities.ts';
import { createSealedSecrets } from './sealed-secrets.ts';

const SECRETS = createSealedSecrets(Buffer.alloc(32, 7));

const readAccountsFile = async (path: string) =>
  identitiesOf(await parseAccounts(path, readAccountsText(path)), SECRETS.unseal);

const DEVELOPMENT: readonly (readonly [key: string, account: string | undefined])[] = [
  ['test', '000000000000'],
  ['000000000000', '000000000000'],
  ['123456789012', '123456789012'],
  ['12345678901', undefined],
  ['1234567890123', undefined],
  ['12345678901a', undefined],
  ['123456789012\n', undefined],
  ['Test', undefined],
  ['', undefined],
  ['constructor', undefined],
];

for (const [key, account] of DEVELOPMENT) {
  void test(`the development key ${JSON.stringify(key)} is ${account ?? 'nobody'}`, () => {
    assert.deepEqual(
      developmentIdentities.find(key),
      account && { account, accessKeyId: key, secret: 'test', arn: `arn:aws:iam::${account}:root` },
    );
  });
}

void test('the development credentials say what they are, and are the operator', () => {
  assert.equal(developmentIdentities.isDevelopment, true);
  assert.equal(developmentIdentities.isOperator('123456789012'), true);
});

/** Writes files to a folder of the test's own; gives the path of the first. */
function write(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-accounts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { mode: name.endsWith('.open') ? 0o644 : 0o600 });
  return join(folder, Object.keys(files)[0]!);
}

void test('finds every key of the accounts file', async (context) => {
  const path = write(context, {
    'accounts.yaml': [
      'accounts:',
      '  - id: "111122223333"',
      '    name: one',
      '    keys:',
      '      - { id: AKIAONE, secret: secret-of-one }',
      '      - { id: AKIATWO, secretFile: two.txt }',
      '  - id: "000000000012"',
      '    keys: [{ id: AKIATHREE, secret: secret-of-three }]',
    ].join('\n'),
    'two.txt': ' secret-of-two\n',
  });
  const identities = await readAccountsFile(path);
  const identity = (account: string, accessKeyId: string, secret: string) => ({
    account,
    accessKeyId,
    secret,
    arn: `arn:aws:iam::${account}:root`,
  });
  assert.equal(identities.isDevelopment, false);
  assert.deepEqual(identities.find('AKIAONE'), identity('111122223333', 'AKIAONE', 'secret-of-one'));
  assert.deepEqual(identities.find('AKIATWO'), identity('111122223333', 'AKIATWO', 'secret-of-two'));
  assert.deepEqual(identities.find('AKIATHREE'), identity('000000000012', 'AKIATHREE', 'secret-of-three'));
  for (const stranger of ['test', '111122223333', 'AKIAFOUR', 'akiaone', 'constructor', '__proto__', '']) {
    assert.equal(identities.find(stranger), undefined, stranger);
  }
});

void test('an account is an operator when the accounts file says so, and not otherwise', async (context) => {
  const keys = (id: string) => `keys: [{ id: ${id}, secret: long-enough }]`;
  const path = write(context, {
    'accounts.yaml': [
      'accounts:',
      `  - { id: "111122223333", operator: true, ${keys('AKIAONE')} }`,
      `  - { id: "111122224444", operator: false, ${keys('AKIATWO')} }`,
      `  - { id: "111122225555", ${keys('AKIATHREE')} }`,
    ].join('\n'),
  });
  const identities = await readAccountsFile(path);
  const operators = ['111122223333', '111122224444', '111122225555', '000000000000', ''].filter(identities.isOperator);
  assert.deepEqual(operators, ['111122223333']);
});

const KEYS = 'keys: [{ id: AKIA, secret: long-enough }]';

const PROBLEMS: readonly (readonly [name: string, content: string, problem: RegExp])[] = [
  ['nothing', '', /expected object/],
  ['a text', 'hello', /expected object/],
  ['what is not YAML', 'accounts: [', /./],
  ['no accounts', 'accounts: []', /accounts/],
  ['an account without an id', `accounts: [{ ${KEYS} }]`, /accounts\[0\]\.id/],
  [
    'an id of eleven digits',
    `accounts: [{ id: "12345678901", ${KEYS} }]`,
    /an account id is 12 digits, in quotes.*accounts\[0\]\.id/,
  ],
  ['an id that is a number', `accounts: [{ id: 111122223333, ${KEYS} }]`, /accounts\[0\]\.id/],
  ['an account without keys', 'accounts: [{ id: "111122223333" }]', /accounts\[0\]\.keys/],
  ['an empty list of keys', 'accounts: [{ id: "111122223333", keys: [] }]', /accounts\[0\]\.keys/],
  [
    'a short secret',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secret: short }] }]',
    /accounts\[0\]\.keys\[0\]/,
  ],
  ['a key without a secret', 'accounts: [{ id: "111122223333", keys: [{ id: AKIA }] }]', /accounts\[0\]\.keys\[0\]/],
  [
    'a key with two secrets',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secret: long-enough, secretFile: f }] }]',
    /accounts\[0\]\.keys\[0\]/,
  ],
  [
    'two pairs of credentials for one role',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secret: long-enough }], backendCredentials: [{ role: r, accessKeyId: AAA, secret: long-enough }, { role: r, accessKeyId: BBB, secret: long-enough }] }]',
    /a role has one pair of credentials/,
  ],
  [
    'credentials without a secret',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secret: long-enough }], backendCredentials: { accessKeyId: AAA } }]',
    /backendCredentials/,
  ],
  ['an operator that is no yes or no', `accounts: [{ id: "111122223333", operator: maybe, ${KEYS} }]`, /operator/],
  ['a member that nobody knows', `accounts: [{ id: "111122223333", nmae: x, ${KEYS} }]`, /nmae/],
  [
    'a key that is there twice',
    `accounts: [{ id: "111122223333", ${KEYS} }, { id: "111122224444", ${KEYS} }]`,
    /the access key AKIA is listed twice/,
  ],
  [
    'a secret file that is not there',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secretFile: gone.txt }] }]',
    /the secret file gone\.txt of AKIA cannot be read: ENOENT/,
  ],
  [
    'a secret file that others can read',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secretFile: secret.open }] }]',
    /the secret file \S+secret\.open can be read by others \(mode 0644\): chmod 600 \S+$/,
  ],
  [
    'a secret file that holds nothing',
    'accounts: [{ id: "111122223333", keys: [{ id: AKIA, secretFile: empty.txt }] }]',
    /empty\.txt/,
  ],
];

for (const [name, content, problem] of PROBLEMS) {
  void test(`refuses ${name}, in one line`, async (context) => {
    const path = write(context, { 'accounts.yaml': content, 'empty.txt': '\n', 'secret.open': 'long-enough' });
    await assert.rejects(readAccountsFile(path), (error: unknown) => {
      assert.ok(error instanceof AccountsProblem);
      assert.ok(error.message.startsWith(`--accounts ${path}: `), error.message);
      assert.match(error.message, problem);
      assert.ok(!error.message.includes('\n'), error.message);
      assert.ok(!error.message.includes('long-enough'), 'a secret is in the message');
      return true;
    });
  });
}

void test('refuses a file that is not there, in one line', async (context) => {
  const path = `${write(context, { 'other.yaml': '' })}.gone`;
  await assert.rejects(readAccountsFile(path), { message: new RegExp(`^--accounts ${path}: ENOENT[^\n]*$`) });
});

void test('refuses a file that others can read, whose reader could make himself an operator', async (context) => {
  const path = write(context, { 'accounts.open': `accounts: [{ id: "111122223333", ${KEYS} }]` });
  const message = `--accounts ${path} can be read by others (mode 0644): chmod 600 ${path}`;
  await assert.rejects(readAccountsFile(path), { message });
});
