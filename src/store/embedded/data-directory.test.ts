// A data directory is made at first start, belongs to one process at a time however that process ends, and every reason why it
// cannot be used is one line that names it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DataDirectoryProblem, openDataDirectory } from './data-directory.ts';

function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-directory-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(context: TestContext, path: string, masterKeyFile?: string) {
  const directory = openDataDirectory(path, masterKeyFile);
  let isHeld = true;
  const release = () => {
    if (isHeld) directory.release();
    isHeld = false;
  };
  context.after(release);
  return { ...directory, release };
}

/** Fails unless opening is refused in one line that starts so and says what to do or what is wrong. */
function assertRefused(path: string, masterKeyFile: string | undefined, start: string, rest: RegExp): void {
  assert.throws(
    () => openDataDirectory(path, masterKeyFile),
    (error: unknown) => {
      assert.ok(error instanceof DataDirectoryProblem, String(error));
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), rest);
      assert.ok(!error.message.includes('\n'));
      return true;
    },
  );
}

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);
const KEY = Buffer.alloc(32, 7);

test('the first start makes the directory, all folders above it, and a master key of its own', (t) => {
  const path = join(temporaryDirectory(t), 'deep', 'below');
  const { masterKey, databasePath } = open(t, path);
  assert.equal(masterKey.length, 32);
  assert.equal(modeOf(path), '700');
  assert.equal(modeOf(join(path, 'master.key')), '600');
  assert.deepEqual(Buffer.from(readFileSync(join(path, 'master.key'), 'utf8'), 'base64'), masterKey);
  assert.ok(databasePath.startsWith(path));
  const other = open(t, temporaryDirectory(t));
  assert.notDeepEqual(other.masterKey, masterKey);
});

test('a later start finds the same master key', (t) => {
  const path = temporaryDirectory(t);
  const first = open(t, path);
  first.release();
  assert.deepEqual(open(t, path).masterKey, first.masterKey);
});

test('a directory in use refuses everybody else until it is released, and two directories are independent', (t) => {
  const path = temporaryDirectory(t);
  const first = open(t, path);
  open(t, temporaryDirectory(t));
  const line = ' is in use by another sallyport. Stop it, or choose another directory.';
  for (const _ of [1, 2]) assertRefused(path, undefined, `--data-dir ${path}`, new RegExp(`^${line}$`));
  first.release();
  open(t, path);
});

/** Another process that tries to take the directory; `said` is `held`, or why it could not. */
async function holdElsewhere(context: TestContext, path: string) {
  const module = new URL('./data-directory.ts', import.meta.url).href;
  const script = `
    import { openDataDirectory } from ${JSON.stringify(module)};
    try {
      globalThis.directory = openDataDirectory(${JSON.stringify(path)}, undefined);
      process.stdout.write('held');
      setInterval(() => {}, 60_000);
    } catch (error) {
      process.stdout.write(error.message);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, exited, said: String(said) };
}

test('another process holds the directory, and kill -9 gives it back', async (t) => {
  const path = temporaryDirectory(t);
  const { child, exited, said } = await holdElsewhere(t, path);
  assert.equal(said, 'held');
  assertRefused(path, undefined, `--data-dir ${path} is in use by another sallyport. `, /^Stop it, or choose another/);
  child.kill('SIGKILL');
  await exited;
  open(t, path);
});

test('another process is refused while this one holds the directory, and leaves it held', async (t) => {
  const path = temporaryDirectory(t);
  const first = open(t, path);
  const { exited, said } = await holdElsewhere(t, path);
  assert.match(said, /^--data-dir \S+ is in use by another sallyport\. /);
  await exited;
  assertRefused(path, undefined, `--data-dir ${path} is in use`, /./);
  first.release();
  assert.equal((await holdElsewhere(t, path)).said, 'held');
});

test('a directory below a file, and a file itself, cannot be made', (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  for (const path of [join(file, 'data'), join(file, 'data', 'deep'), file]) {
    assertRefused(path, undefined, `--data-dir ${path} cannot be made: `, /\. Choose another with --data-dir\.$/);
  }
});

test('a directory whose lock is no file cannot be written', (t) => {
  const path = temporaryDirectory(t);
  open(t, join(path, 'lock.db'));
  assertRefused(path, undefined, `--data-dir ${path} cannot be written: `, /\. Choose another with --data-dir\.$/);
});

const BAD_KEYS: readonly (readonly [name: string, content: string | Buffer, bytes: number])[] = [
  ['empty', '', 0],
  ['too short', Buffer.alloc(16).toString('base64'), 16],
  ['too long', Buffer.alloc(33).toString('base64'), 33],
];
for (const [name, content, bytes] of BAD_KEYS) {
  test(`a master key that is ${name} is refused with its length, wherever it stands`, (t) => {
    const file = join(temporaryDirectory(t), 'own.key');
    writeFileSync(file, content);
    const rest = new RegExp(`^ must be 32 bytes in base64, and has ${bytes}\\.$`);
    assertRefused(temporaryDirectory(t), file, `the master key ${file}`, rest);
    const path = temporaryDirectory(t);
    const own = join(path, 'master.key');
    writeFileSync(own, content);
    assertRefused(path, undefined, `the master key ${own}`, rest);
    assert.deepEqual(readFileSync(own), Buffer.from(content), 'a key that is there is never written over');
  });
}

test('a master key file that is named must be there, and is not made', (t) => {
  const file = join(temporaryDirectory(t), 'own.key');
  assertRefused(temporaryDirectory(t), file, `the master key ${file} cannot be read: `, /ENOENT/);
  assert.throws(() => statSync(file), { code: 'ENOENT' });
});

test('a master key file that is named is used, and none is made in the directory', (t) => {
  const file = join(temporaryDirectory(t), 'own.key');
  writeFileSync(file, `${KEY.toString('base64')}\n`, { mode: 0o600 });
  const path = temporaryDirectory(t);
  assert.deepEqual(Buffer.from(open(t, path, file).masterKey), KEY);
  assert.throws(() => statSync(join(path, 'master.key')), { code: 'ENOENT' });
});

test('a master key that others could read is closed to them', (t) => {
  const path = temporaryDirectory(t);
  const file = join(path, 'master.key');
  writeFileSync(file, KEY.toString('base64'));
  chmodSync(file, 0o644);
  assert.deepEqual(Buffer.from(open(t, path).masterKey), KEY);
  assert.equal(modeOf(file), '600');
});

test('a start that was refused for its master key does not keep the directory', (t) => {
  const path = temporaryDirectory(t);
  const file = join(temporaryDirectory(t), 'own.key');
  writeFileSync(file, 'short');
  assertRefused(path, file, `the master key ${file}`, /./);
  writeFileSync(file, KEY.toString('base64'));
  assert.deepEqual(Buffer.from(open(t, path, file).masterKey), KEY);
});
