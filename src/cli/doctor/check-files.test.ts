// Each thing that can be wrong with the files of a gateway, and that a look at them changes nothing.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { readSettings } from '../../settings/read-settings.ts';
import { adjustLimits } from '../../settings/limits.ts';
import { MIGRATIONS } from '../../store/embedded/schema.ts';
import { accountsCheck, dataDirCheck, diskCheck, masterKeyCheck } from './check-files.ts';
import type { Check } from './finding.ts';

const KEY = `${randomBytes(32).toString('base64')}\n`;
const ACCOUNT = (more: string) =>
  `accounts: [{ id: "111122223333", ${more} keys: [{ id: AKIDEXAMPLE, secret: long-enough }] }]\n`;

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function look(check: Check, flags: Record<string, string>) {
  const settings = await readSettings(flags, {});
  const found = await check.look({ settings, options: { endpoint: 'http://127.0.0.1:1' }, gateway: undefined });
  return found.map(({ state, found: words, next }) => ({ state, words, next: next ?? '' }));
}

function databaseOf(path: string, schema: number): void {
  const database = new DatabaseSync(join(path, 'sallyport.db'));
  database.exec(`PRAGMA user_version = ${schema}`);
  database.close();
}

interface Row {
  readonly name: string;
  readonly check: Check;
  /** Makes it so in an empty directory of mode 0700; resolves to the flags. */
  readonly make: (path: string) => Record<string, string>;
  readonly state: string;
  readonly words: RegExp;
}

const ofDirectory = (path: string) => ({ 'data-dir': path });
const withFile = (name: string, content: string, mode: number) => (path: string) => {
  writeFileSync(join(path, name), content, { mode });
  chmodSync(join(path, name), mode);
  return ofDirectory(path);
};
const withAccounts =
  (content: string, mode = 0o600) =>
  (path: string) => {
    withFile('accounts.yaml', content, mode)(path);
    return { ...ofDirectory(path), accounts: join(path, 'accounts.yaml') };
  };
const withSchema = (schema: number) => (path: string) => {
  databaseOf(path, schema);
  return ofDirectory(path);
};

const ROWS: readonly Row[] = [
  { name: 'an empty directory', check: dataDirCheck, make: ofDirectory, state: 'well', words: /and by nobody else$/ },
  {
    name: 'no directory yet',
    check: dataDirCheck,
    make: (path) => ofDirectory(join(path, 'a', 'b')),
    state: 'well',
    words: /is not there yet, and can be made$/,
  },
  {
    name: 'a directory that is a file',
    check: dataDirCheck,
    make: (path) => ofDirectory(join(withFile('data', '', 0o600)(path)['data-dir'], 'data')),
    state: 'problem',
    words: /is no directory$/,
  },
  {
    name: 'a directory that others can read',
    check: dataDirCheck,
    make(path) {
      chmodSync(path, 0o755);
      return ofDirectory(path);
    },
    state: 'problem',
    words: /can be read by others \(mode 0755\)$/,
  },
  {
    name: 'this schema',
    check: dataDirCheck,
    make: withSchema(MIGRATIONS.length),
    state: 'well',
    words: /which this version writes$/,
  },
  {
    name: 'a later schema',
    check: dataDirCheck,
    make: withSchema(99),
    state: 'problem',
    words: /^schema 99, of a later sallyport/,
  },
  {
    name: 'an earlier schema',
    check: dataDirCheck,
    make: withSchema(1),
    state: 'note',
    words: /^schema 1, of an earlier sallyport/,
  },
  {
    name: 'a master key',
    check: masterKeyCheck,
    make: withFile('master.key', KEY, 0o600),
    state: 'well',
    words: /apart$/,
  },
  {
    name: 'a master key that others can read',
    check: masterKeyCheck,
    make: withFile('master.key', KEY, 0o644),
    state: 'problem',
    words: /master\.key can be read by others \(mode 0644\)$/,
  },
  {
    name: 'a master key that is none',
    check: masterKeyCheck,
    make: withFile('master.key', 'c2hvcnQ=\n', 0o600),
    state: 'problem',
    words: /holds no 32 bytes in base64$/,
  },
  {
    name: 'no master key beside a database',
    check: masterKeyCheck,
    make: withSchema(MIGRATIONS.length),
    state: 'problem',
    words: /^there is no \S+master\.key, and a database that it sealed$/,
  },
  {
    name: 'a named master key that is not there',
    check: masterKeyCheck,
    make: (path) => ({ ...ofDirectory(path), 'master-key': join(path, 'none.key') }),
    state: 'problem',
    words: /none\.key cannot be read: ENOENT/,
  },
  {
    name: 'accounts',
    check: accountsCheck,
    make: withAccounts(ACCOUNT('operator: true,')),
    state: 'well',
    words: /1 account, 1 key$/,
  },
  {
    name: 'accounts without an operator',
    check: accountsCheck,
    make: withAccounts(ACCOUNT('')),
    state: 'note',
    words: /no account is an operator$/,
  },
  {
    name: 'accounts that others can read',
    check: accountsCheck,
    make: withAccounts(ACCOUNT(''), 0o644),
    state: 'problem',
    words: /can be read by others \(mode 0644\)/,
  },
  {
    name: 'accounts that are none',
    check: accountsCheck,
    make: withAccounts('accounts: 7\n'),
    state: 'problem',
    words: /^--accounts \S+accounts\.yaml: /,
  },
  {
    name: 'a secret that others can read',
    check: accountsCheck,
    make(path) {
      withFile('key.secret', 'long-enough\n', 0o644)(path);
      return withAccounts(ACCOUNT('operator: true,').replace('secret: long-enough', 'secretFile: ./key.secret'))(path);
    },
    state: 'problem',
    words: /key\.secret can be read by others \(mode 0644\)$/,
  },
  {
    name: 'a secret that is not there',
    check: accountsCheck,
    make: withAccounts(ACCOUNT('').replace('secret: long-enough', 'secretFile: ./none.secret')),
    state: 'problem',
    words: /^the secret file of AKIDEXAMPLE cannot be read: ENOENT$/,
  },
  { name: 'a disk with room', check: diskCheck, make: ofDirectory, state: 'well', words: / free at / },
];

for (const { name, check, make, state, words } of ROWS) {
  test(`${name}: ${state}`, async (t) => {
    const path = directory(t);
    const flags = make(path);
    const before = picture(path);
    const found = await look(check, flags);
    const one = found.find((finding) => words.test(finding.words));
    assert.ok(one, JSON.stringify(found));
    assert.equal(one.state, state);
    assert.equal(one.next !== '', state !== 'well', one.next);
    assert.deepEqual(picture(path), before, 'nothing was changed');
    assert.ok(!JSON.stringify(found).includes(KEY.trim()), 'no secret is told');
  });
}

/** Everything in a directory: name, rights, content. */
function picture(path: string): unknown {
  return [
    statSync(path).mode,
    ...readdirSync(path).map((name) => [name, statSync(join(path, name)).mode, readFileSync(join(path, name), 'hex')]),
  ];
}

test('a disk without room is a problem', async (t) => {
  assert.equal(adjustLimits({ diskFreeBytesMin: 2 ** 52 }), undefined);
  t.after(() => adjustLimits({ diskFreeBytesMin: 104_857_600 }));
  assert.equal((await look(diskCheck, ofDirectory(directory(t))))[0]!.state, 'problem');
});

test('a directory below a file cannot be made', async (t) => {
  const path = directory(t);
  mkdirSync(join(path, 'sub'));
  writeFileSync(join(path, 'sub', 'file'), '');
  const [found] = await look(dataDirCheck, ofDirectory(join(path, 'sub', 'file', 'data')));
  assert.equal(found!.state, 'problem');
});
