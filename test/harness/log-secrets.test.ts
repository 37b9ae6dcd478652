// The check of every gateway's lines can fail: it finds each kind of secret, as it stands and as JSON spells it, and nothing else.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from './gateway.ts';
import { assertNoSecrets, linesWithSecrets, mustNotBeLogged, secretsOf } from './log-secrets.ts';

test('a line with a secret or a private key is found, and no other', () => {
  const secret = 'quoted "and" long';
  const bad = [
    `{"level":"info","message":"sealing ${'x'.repeat(10)} with hunter2hunter2"}`,
    JSON.stringify({ message: `the passphrase is ${secret}` }),
    'sallyport: -----BEGIN EC PRIVATE KEY-----',
  ];
  const good = ['{"ready":true}', '{"message":"private keys are sealed"}', 'hunter2'];
  assert.deepEqual(linesWithSecrets([...good, ...bad], ['hunter2hunter2', secret]), bad);
  assert.throws(() => assertNoSecrets(bad, []), /a secret stands in what the gateway wrote/);
  assert.throws(() => assertNoSecrets([...good, bad[0]!], ['hunter2hunter2']));
  assertNoSecrets(good, ['hunter2hunter2', secret]);
});

test('every secret that a gateway is given is known', (t) => {
  const dataDir = temporaryDirectory(t);
  const file = (name: string, content: string) => {
    writeFileSync(join(dataDir, name), content);
    return join(dataDir, name);
  };
  file('master.key', 'own-key-of-the-directory\nthe-next-one\n');
  file('two.secret', ' secret-of-two \n');
  const accounts = file(
    'accounts.yaml',
    'accounts: [{ id: "1", keys: [{ id: AKIAONE, secret: secret-of-one }, { id: AKIATWO, secretFile: two.secret }] }]',
  );
  mustNotBeLogged('registered-by-the-test');
  const args = [
    '--acme-eab',
    'kid-1:mac-key-of-eab',
    '--smtp=smtp://user:p%40ssword@mail.test',
    '--accounts',
    accounts,
    '--master-key',
    'passphrase-env:WORDS',
    '--previous-master-key',
    `passphrase-file:${file('phrase', 'phrase-of-a-file\n')}`,
    '--region',
    'us-east-1',
  ];
  const env = {
    WORDS: 'phrase-of-a-variable',
    BACKEND_PASSWORD: 'of-a-backend',
    AWS_SECRET_ACCESS_KEY: 'test',
    LANG: 'C',
  };
  assert.deepEqual([...secretsOf({ dataDir, args, env })].sort(), [
    'mac-key-of-eab',
    'of-a-backend',
    'own-key-of-the-directory',
    'p%40ssword',
    'p@ssword',
    'phrase-of-a-file',
    'phrase-of-a-variable',
    'registered-by-the-test',
    'secret-of-one',
    'secret-of-two',
    'the-next-one',
  ]);
  const named = secretsOf({ dataDir: '/nowhere', args: [], env: { KEY: 'k', SALLYPORT_MASTER_KEY: 'env:KEY' } });
  assert.deepEqual([...named].sort(), ['k', 'registered-by-the-test']);
});
