// Where a master key comes from, what a later start finds of it, and that no problem repeats what may be a secret.

import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MasterKeyProblem, newMasterKey, readMasterKey } from './master-key.ts';

function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-master-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const read = (dataDir: string, text?: string, environment: NodeJS.ProcessEnv = {}) =>
  readMasterKey(text, { dataDir, environment, flag: 'master-key' });
const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);
const KEY = Buffer.alloc(32, 7);
const SECRET = KEY.toString('base64');
const PASSPHRASE = 'correct horse battery staple';

/** Fails unless it is refused in one line like this, in which nothing of `secrets` stands. */
function assertRefused(attempt: () => unknown, line: RegExp, secrets: readonly string[] = [SECRET, PASSPHRASE]): void {
  assert.throws(attempt, (error: unknown) => {
    assert.ok(error instanceof MasterKeyProblem, String(error));
    assert.match(error.message, line);
    assert.ok(!error.message.includes('\n'));
    for (const secret of secrets) assert.ok(!error.message.includes(secret), error.message);
    return true;
  });
}

test('the own key is fresh at first start, written when it is kept, and found by every later one', (t) => {
  const path = temporaryDirectory(t);
  const first = read(path);
  assert.equal(first.isFresh, true);
  assert.equal(first.isOwn, true);
  assert.deepEqual(readdirSync(path), [], 'nothing is written before it is used');
  first.keep(first.candidates);
  assert.equal(modeOf(join(path, 'master.key')), '600');
  const second = read(path);
  assert.equal(second.isFresh, false);
  assert.deepEqual(second.candidates, first.candidates);
  assert.equal(second.candidates[0]?.length, 32);
  assert.notDeepEqual(read(temporaryDirectory(t)).candidates, first.candidates);
  assert.deepEqual(readdirSync(path), ['master.key'], 'no draft is left');
});

test('while the own key is replaced both are found, and then the one that was kept', (t) => {
  const path = temporaryDirectory(t);
  const first = read(path);
  const next = newMasterKey();
  first.keep([...first.candidates, next]);
  const between = read(path);
  assert.deepEqual(between.candidates, [...first.candidates, next]);
  between.keep([next]);
  assert.deepEqual(read(path).candidates, [next]);
  assert.equal(modeOf(join(path, 'master.key')), '600');
});

test('a draft that a crash left behind is in nobody’s way', (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'master.key.new'), 'half');
  const key = read(path);
  key.keep(key.candidates);
  assert.deepEqual(read(path).candidates, key.candidates);
});

test('an own key that others could read is closed to them', (t) => {
  const path = temporaryDirectory(t);
  const file = join(path, 'master.key');
  writeFileSync(file, SECRET);
  chmodSync(file, 0o644);
  assert.deepEqual(read(path).candidates, [KEY]);
  assert.equal(modeOf(file), '600');
});

test('a file that is named is used, never written, and one that others can read is refused', (t) => {
  const path = temporaryDirectory(t);
  const file = join(temporaryDirectory(t), 'own.key');
  writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
  const key = read(path, file);
  assert.deepEqual([key.candidates, key.isOwn, key.isFresh], [[KEY], false, false]);
  key.keep([newMasterKey()]);
  assert.equal(readFileSync(file, 'utf8'), `${SECRET}\n`);
  assert.deepEqual(readdirSync(path), []);
  chmodSync(file, 0o444);
  for (const text of [file, `passphrase-file:${file}`]) {
    const line = new RegExp(`^--master-key ${file} can be read by others \\(mode 0444\\): chmod 600 ${file}$`);
    assertRefused(() => read(path, text), line);
  }
  assert.equal(modeOf(file), '444', 'its rights are the operator’s');
});

test('a variable that is named is used', (t) => {
  const key = read(temporaryDirectory(t), 'env:GATEWAY_KEY', { GATEWAY_KEY: SECRET });
  assert.deepEqual([key.candidates, key.isOwn, key.name], [[KEY], false, '--master-key env:GATEWAY_KEY']);
});

test('a passphrase makes the same key of the same salt, which is written when it is kept', (t) => {
  const path = temporaryDirectory(t);
  const file = join(temporaryDirectory(t), 'passphrase');
  writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o600 });
  const first = read(path, `passphrase-file:${file}`);
  assert.equal(first.isFresh, true);
  assert.equal(existsSync(join(path, 'master.salt')), false);
  first.keep(first.candidates);
  const again = read(path, 'passphrase-env:WORDS', { WORDS: PASSPHRASE });
  assert.deepEqual(again.candidates, first.candidates);
  assert.equal(again.isFresh, false);
  const salt = Buffer.from(readFileSync(join(path, 'master.salt'), 'utf8'), 'base64');
  assert.deepEqual(again.candidates, [scryptSync(PASSPHRASE, salt, 32, { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 })]);
  assert.notDeepEqual(read(path, 'passphrase-env:WORDS', { WORDS: `${PASSPHRASE}!` }).candidates, first.candidates);
  const other = read(temporaryDirectory(t), 'passphrase-env:WORDS', { WORDS: PASSPHRASE });
  assert.notDeepEqual(other.candidates, first.candidates, 'another directory, another salt');
});

test('a salt that is cut is refused, not made anew', (t) => {
  const path = temporaryDirectory(t);
  writeFileSync(join(path, 'master.salt'), 'c2hvcnQ=');
  const line = /^the salt \S+master\.salt must be 16 bytes in base64, and has 5\.$/;
  assertRefused(() => read(path, 'passphrase-env:WORDS', { WORDS: PASSPHRASE }), line);
  assert.equal(readFileSync(join(path, 'master.salt'), 'utf8'), 'c2hvcnQ=');
});

const LENGTHS: readonly (readonly [name: string, content: string, found: string])[] = [
  ['empty', '', 'has 0'],
  ['too short', Buffer.alloc(16).toString('base64'), 'has 16'],
  ['too long', Buffer.alloc(33).toString('base64'), 'has 33'],
  ['followed by something', `${SECRET} x`, 'is not'],
  ['broken by a blank', `${SECRET.slice(0, 20)} ${SECRET.slice(20)}`, 'is not'],
];
for (const [name, content, found] of LENGTHS) {
  test(`a master key that is ${name} is refused, wherever it stands, and never written over`, (t) => {
    const file = join(temporaryDirectory(t), 'own.key');
    writeFileSync(file, content, { mode: 0o600 });
    const line = (of: string) => new RegExp(`^the master key ${of} must be 32 bytes in base64, and ${found}\\.$`);
    assertRefused(() => read(temporaryDirectory(t), file), line(file));
    const path = temporaryDirectory(t);
    writeFileSync(join(path, 'master.key'), content);
    assertRefused(() => read(path), line(join(path, 'master.key')));
    assert.equal(readFileSync(join(path, 'master.key'), 'utf8'), content);
    if (content === '') return;
    assertRefused(() => read(path, 'env:KEY', { KEY: content }), line('--master-key env:KEY'));
  });
}

const FORMS = /Expected a FILE, env:NAME, passphrase-file:FILE or passphrase-env:NAME\.$/i;
const MISTAKES: readonly (readonly [name: string, text: string, line: RegExp])[] = [
  ['a file that is not there', '/nowhere/own.key', /^the master key \/nowhere\/own\.key cannot be read: ENOENT\. /],
  ['the key itself', SECRET, /^--master-key: the file cannot be read: ENOENT\. /],
  ['a key that looks like a path', `/${SECRET.slice(1)}`, /^--master-key: the file cannot be read: ENOENT\. /],
  ['the passphrase itself', PASSPHRASE, /^--master-key: the file cannot be read: ENOENT\. /],
  ['a form that nobody knows', `passphrase:${PASSPHRASE}`, /^--master-key: expected /],
  ['a variable that is not set', 'env:UNSET', /^--master-key: the variable UNSET is not set\. /],
  ['the key in place of a variable', `env:${SECRET}`, /^--master-key: the variable that it names is not set\. /],
  ['the passphrase in place of one', `passphrase-env:${PASSPHRASE}`, /^--master-key: the variable that it names /],
  ['the passphrase in place of a file', `passphrase-file:${PASSPHRASE}`, /^--master-key: the file cannot be read: /],
];
for (const [name, text, line] of MISTAKES) {
  test(`${name} is refused with the forms there are, and not repeated`, (t) => {
    const path = temporaryDirectory(t);
    const secrets = [SECRET, SECRET.slice(1), PASSPHRASE];
    assertRefused(() => read(path, text), line, secrets);
    assertRefused(() => read(path, text), FORMS, secrets);
    assert.deepEqual(readdirSync(path), []);
  });
}

test('a short passphrase is refused with its length, not its words', (t) => {
  const line = /^--master-key passphrase-env:WORDS: the passphrase has 11 characters, at least 12 are needed\.$/;
  assertRefused(() => read(temporaryDirectory(t), 'passphrase-env:WORDS', { WORDS: 'elevencharz\n' }), line, [
    'elevenc',
  ]);
});
