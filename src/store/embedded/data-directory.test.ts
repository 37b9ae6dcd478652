// A data directory is made at first start, belongs to one process at a time however that process ends, and every reason why it
// cannot be used is one line that names it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { DataDirectoryProblem, openDataDirectory } from './data-directory.ts';
import { migrate, MIGRATIONS, schemaOf, SchemaProblem } from './schema.ts';

function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-directory-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(context: TestContext, path: string) {
  const directory = openDataDirectory(path);
  let isHeld = true;
  const release = () => {
    if (isHeld) directory.release();
    isHeld = false;
  };
  context.after(release);
  return { ...directory, release };
}

/** Fails unless opening is refused in one line that starts so and says what to do or what is wrong. */
function assertRefused(path: string, start: string, rest: RegExp): void {
  assert.throws(
    () => openDataDirectory(path),
    (error: unknown) => {
      assert.ok(error instanceof DataDirectoryProblem, String(error));
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message.slice(start.length), rest);
      assert.ok(!error.message.includes('\n'));
      return true;
    },
  );
}

test('the first start makes the directory and all folders above it, for its owner alone', (t) => {
  const path = join(temporaryDirectory(t), 'deep', 'below');
  const { databasePath } = open(t, path);
  assert.equal((statSync(path).mode & 0o777).toString(8), '700');
  assert.ok(databasePath.startsWith(path));
});

test('a directory in use refuses everybody else until it is released, and two directories are independent', (t) => {
  const path = temporaryDirectory(t);
  const first = open(t, path);
  open(t, temporaryDirectory(t));
  const line = ' is in use by another sallyport. Stop it, or choose another directory.';
  for (const _ of [1, 2]) assertRefused(path, `--data-dir ${path}`, new RegExp(`^${line}$`));
  first.release();
  open(t, path);
});

/** Another process that tries to take the directory; `said` is `held`, or why it could not. */
async function holdElsewhere(context: TestContext, path: string) {
  const module = new URL('./data-directory.ts', import.meta.url).href;
  const script = `
    import { openDataDirectory } from ${JSON.stringify(module)};
    try {
      globalThis.directory = openDataDirectory(${JSON.stringify(path)});
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
  assertRefused(path, `--data-dir ${path} is in use by another sallyport. `, /^Stop it, or choose another/);
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
  assertRefused(path, `--data-dir ${path} is in use`, /./);
  first.release();
  assert.equal((await holdElsewhere(t, path)).said, 'held');
});

test('a directory below a file, and a file itself, cannot be made', (t) => {
  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  for (const path of [join(file, 'data'), join(file, 'data', 'deep'), file]) {
    assertRefused(path, `--data-dir ${path} cannot be made: `, /\. Choose another with --data-dir\.$/);
  }
});

test('a directory whose lock is no file cannot be written', (t) => {
  const path = temporaryDirectory(t);
  open(t, join(path, 'lock.db'));
  assertRefused(path, `--data-dir ${path} cannot be written: `, /\. Choose another with --data-dir\.$/);
});

/** A database of a later version; with `isKilled` its schema is in the log alone, as a process leaves it that was killed. */
function databaseOfLater(context: TestContext, path: string, isKilled: boolean): string {
  mkdirSync(path, { recursive: true });
  const file = join(path, 'sallyport.db');
  const database = new DatabaseSync(file);
  database.exec(
    `PRAGMA journal_mode = WAL; CREATE TABLE later (one TEXT); PRAGMA user_version = ${MIGRATIONS.length + 1}`,
  );
  if (isKilled) context.after(() => database.close());
  else database.close();
  return file;
}

for (const isKilled of [false, true]) {
  test(`a database of a later version${isKilled ? ', killed,' : ''} is refused on one line with both numbers, and left as it is`, (t) => {
    const path = join(temporaryDirectory(t), 'data');
    const file = databaseOfLater(t, path, isKilled);
    const files = () =>
      (isKilled ? [file, `${file}-wal`] : [file]).map((name) => readFileSync(name).toString('base64'));
    const before = files();
    assert.equal(existsSync(`${file}-wal`), isKilled);
    const known = MIGRATIONS.length;
    for (const _ of [1, 2]) {
      assert.throws(
        () => openDataDirectory(path),
        (error) => {
          assert.ok(error instanceof SchemaProblem, String(error));
          assert.match(
            error.message,
            new RegExp(
              `^--data-dir \\S+ has schema ${known + 1}, of a later sallyport, and this version knows up to ${known}\\. `,
            ),
          );
          assert.ok(!error.message.includes('\n'));
          return true;
        },
      );
    }
    assert.deepEqual(files(), before);
  });
}

test('migrations that cannot all be done are none of them done', (t) => {
  const file = join(temporaryDirectory(t), 'sallyport.db');
  const database = new DatabaseSync(file);
  t.after(() => database.close());
  // The last migration makes a table of this name.
  database.exec(`${MIGRATIONS[0]}; CREATE TABLE secret (one TEXT); PRAGMA user_version = 1`);
  const before = database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all();
  assert.throws(() => migrate(database), /secret already exists/);
  assert.equal(schemaOf(database), 1);
  assert.equal(database.isTransaction, false);
  assert.deepEqual(database.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all(), before);
  database.exec('DROP TABLE secret');
  migrate(database);
  assert.equal(schemaOf(database), MIGRATIONS.length);
});
