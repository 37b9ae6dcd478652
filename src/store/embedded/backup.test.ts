// A backup is consistent however busy the store is, is restored whole into an empty directory alone, and is refused when any octet of
// it is another or it ends too early, and then nothing is written.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { createLog } from '../../observe/log.ts';
import { ArchiveWriter, BackupProblem, MEMBERS } from './backup-archive.ts';
import { makeBackup, type Manifest } from './backup.ts';
import { openDataDirectory } from './data-directory.ts';
import { openEmbeddedStore } from './embedded-store.ts';
import { restoreBackup } from './restore.ts';
import { MIGRATIONS } from './schema.ts';

function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sallyport-backup-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const api = (number: number) => ({
  id: `api${number}`,
  account: '000000000000',
  region: 'us-east-1',
  name: 'x'.repeat(500),
});

/** A store with a few objects, open until the test ends. */
async function openStore(context: TestContext, dataDir: string) {
  const directory = openDataDirectory(dataDir);
  const store = await openEmbeddedStore(directory.databasePath, createLog('error', false));
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await store.close();
    directory.release();
  };
  context.after(close);
  const put = (number: number) => store.transact(async (tx) => tx.put('api', api(number) as never));
  return { ...store, put, close };
}

const quiet = () => {};
const backUp = (dataDir: string, file: string, more: { isForced?: boolean } = {}) =>
  makeBackup({ dataDir, file, isForced: false, masterKey: 'DIR/master.key', onProgress: quiet, ...more });
const restore = (file: string, dataDir: string) => restoreBackup({ file, dataDir, onProgress: quiet });

interface Made {
  readonly path: string;
  readonly dataDir: string;
  readonly file: string;
  readonly manifest: Manifest;
}

/** A directory with `count` objects and the salt of a passphrase, and its backup; its store is closed. */
async function made(context: TestContext, count = 3): Promise<Made> {
  const path = temporaryDirectory(context);
  const dataDir = join(path, 'data');
  const store = await openStore(context, dataDir);
  for (let number = 0; number < count; number += 1) await store.put(number);
  await store.close();
  writeFileSync(join(dataDir, 'master.salt'), 'c2FsdHNhbHRzYWx0c2FsdA==\n');
  const file = join(path, 'backup.tar');
  return { path, dataDir, file, manifest: await backUp(dataDir, file) };
}

/** What there is below, by name; a lock that an attempt left says nothing. */
const filesIn = (path: string) => (existsSync(path) ? readdirSync(path).filter((name) => name !== 'lock.db') : []);

function assertRefused(file: string, dataDir: string, line: RegExp): void {
  const before = filesIn(dataDir);
  assert.throws(
    () => restore(file, dataDir),
    (error) => {
      assert.ok(error instanceof BackupProblem, String((error as Error).stack));
      assert.match(error.message, line);
      assert.ok(!error.message.includes('\n'), error.message);
      return true;
    },
  );
  assert.deepEqual(filesIn(dataDir), before, 'nothing was written');
}

test('a backup that is taken under writes holds one moment: all that was acknowledged before, and no half of what came after', async (t) => {
  const path = temporaryDirectory(t);
  const store = await openStore(t, join(path, 'data'));
  let written = 0;
  let isOver = false;
  const writing = (async () => {
    for (; !isOver; written += 1) await store.put(written);
  })();
  while (written < 50) await store.revision();
  const [before, revision] = [written, await store.revision()];
  const manifest = await backUp(join(path, 'data'), join(path, 'backup.tar'));
  isOver = true;
  await writing;
  assert.ok(manifest.revision >= revision, `${manifest.revision} is not behind ${revision}`);
  restore(join(path, 'backup.tar'), join(path, 'restored'));
  const restored = await openStore(t, join(path, 'restored'));
  const ids = new Set((await restored.view.all('api')).map(({ id }) => id));
  for (let number = 0; number < before; number += 1) assert.ok(ids.has(`api${number}`), `api${number}`);
  assert.equal(ids.size, manifest.revision, 'one object for each revision');
  assert.equal(await restored.revision(), manifest.revision);
  assert.equal((await restored.changesSince(0)).length, manifest.revision);
});

test('a backup is for its owner alone, leaves no draft, and replaces a file only when it is told to', async (t) => {
  const { path, dataDir, file, manifest } = await made(t);
  assert.equal((statSync(file).mode & 0o777).toString(8), '600');
  assert.deepEqual(readdirSync(path).toSorted(), ['backup.tar', 'data']);
  const first = readFileSync(file);
  await assert.rejects(backUp(dataDir, file), /^BackupProblem|backup\.tar is there already\. .*--force/);
  assert.deepEqual(readFileSync(file), first);
  // What a run left that was killed is in nobody's way.
  writeFileSync(`${file}.sallyport-draft`, 'half');
  writeFileSync(`${file}.sallyport-draft.db`, 'half');
  const second = await backUp(dataDir, file, { isForced: true });
  assert.equal(second.revision, manifest.revision);
  assert.deepEqual(readdirSync(path).toSorted(), ['backup.tar', 'data']);
  assert.ok(restore(file, join(path, 'restored')).hasSalt);
});

test('a backup that cannot be written, or that nothing is in, is refused on one line', async (t) => {
  const { path, dataDir } = await made(t);
  await assert.rejects(
    backUp(join(path, 'nowhere'), join(path, 'b.tar')),
    /holds no sallyport\.db\. Name the directory/,
  );
  await assert.rejects(backUp(dataDir, join(path, 'no', 'b.tar')), (error) => {
    assert.ok(error instanceof BackupProblem);
    assert.match(error.message, /b\.tar cannot be written: ENOENT/);
    return true;
  });
});

test('long work tells how far it is, and never backwards', async (t) => {
  const { path, dataDir } = await made(t);
  const database = new DatabaseSync(join(dataDir, 'sallyport.db'));
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)';
  database.exec(`${numbers} INSERT INTO note SELECT 'filler', i, hex(randomblob(500)) FROM n`);
  database.close();
  const told = new Map<string, number[]>();
  const onProgress = (step: string, done: number, total: number) => {
    assert.ok(done <= total, `${step}: ${done} of ${total}`);
    told.set(step, [...(told.get(step) ?? []), done]);
  };
  const file = join(path, 'large.tar');
  await makeBackup({ dataDir, file, isForced: false, masterKey: 'DIR/master.key', onProgress });
  restoreBackup({ file, dataDir: join(path, 'restored'), onProgress });
  const steps = ['copying the database', 'writing the backup', 'checking the backup', 'writing the database'];
  assert.deepEqual([...told.keys()], steps);
  for (const [step, done] of told) {
    assert.ok(done.length > 2, `${step} was told ${done.length} times`);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
      step,
    );
  }
});

test('a database that is damaged makes no backup', async (t) => {
  const { path, dataDir } = await made(t, 200);
  const database = join(dataDir, 'sallyport.db');
  const bytes = readFileSync(database);
  bytes.fill(0xaa, 3 * 4_096, bytes.length - 4_096);
  writeFileSync(database, bytes);
  await assert.rejects(backUp(dataDir, join(path, 'second.tar')), (error) => {
    assert.ok(error instanceof BackupProblem, String(error));
    assert.match(error.message, /is damaged|cannot be copied/);
    return true;
  });
  assert.deepEqual(readdirSync(path).toSorted(), ['backup.tar', 'data']);
});

test('a restored directory holds the database, the salt and a lock, for its owner alone, and no master key', async (t) => {
  const { path, file, dataDir } = await made(t);
  writeFileSync(join(dataDir, 'master.key'), 'the key');
  const target = join(path, 'deep', 'below');
  const { hasMasterKey, hasSalt, manifest } = restore(file, target);
  assert.deepEqual({ hasMasterKey, hasSalt }, { hasMasterKey: false, hasSalt: true });
  assert.deepEqual(manifest.schema, MIGRATIONS.length);
  assert.deepEqual(readdirSync(target).toSorted(), ['lock.db', 'master.salt', 'sallyport.db']);
  for (const name of ['master.salt', 'sallyport.db']) {
    assert.equal((statSync(join(target, name)).mode & 0o777).toString(8), '600', name);
  }
  assert.ok(!readFileSync(file).includes('the key'));
});

test('a directory may hold the master key and what an attempt left, and nothing else', async (t) => {
  const { path, file } = await made(t);
  const target = join(path, 'target');
  mkdirSync(target);
  for (const stranger of ['sallyport.db', 'notes.txt', 'sallyport.db-wal', 'disconnects', 'master.salt']) {
    writeFileSync(join(target, stranger), 'of somebody else');
    assertRefused(file, target, new RegExp(`is not empty: it holds ${stranger}\\. .*choose another, or move`));
    assert.equal(readFileSync(join(target, stranger), 'utf8'), 'of somebody else');
    rmSync(join(target, stranger));
  }
  writeFileSync(join(target, 'master.key'), 'a key');
  writeFileSync(join(target, 'sallyport.db.restoring'), 'half of one');
  assert.ok(restore(file, target).hasMasterKey);
  assert.equal(readFileSync(join(target, 'master.key'), 'utf8'), 'a key');
});

test('a directory in use is refused, and goes on being used', async (t) => {
  const { file, dataDir } = await made(t);
  const store = await openStore(t, dataDir);
  assert.throws(() => restore(file, dataDir), /is in use by another sallyport\. Stop it/);
  await store.put(99);
});

test('a backup with any octet changed, in whatever part of it, is refused, and nothing is written', async (t) => {
  const { path, file } = await made(t);
  const whole = readFileSync(file);
  const changed = join(path, 'changed.tar');
  const target = join(path, 'target');
  // Each member's header and padding octet for octet, the database with strides, and the end.
  const dense = (from: number) => Array.from({ length: 2_560 }, (_, at) => from + at);
  const places = new Set([
    ...dense(0),
    ...Array.from({ length: 200 }, (_, at) => 2_560 + at * Math.floor(whole.length / 201)),
    ...dense(whole.length - 2_560),
  ]);
  for (const place of places) {
    if (place >= whole.length) continue;
    writeFileSync(changed, whole.with(place, whole[place]! ^ (1 << (place % 8))));
    assertRefused(changed, target, /is damaged: |is not a backup that sallyport made\./);
  }
});

test('a backup that ends too early, or goes on behind its end, is refused, and nothing is written', async (t) => {
  const { path, file } = await made(t);
  const whole = readFileSync(file);
  const cut = join(path, 'cut.tar');
  const lengths = [0, 1, 511, 512, 600, 1_024, 1_536, 2_048, whole.length / 2, whole.length - 1_024, whole.length - 1];
  for (const length of lengths) {
    writeFileSync(cut, whole.subarray(0, length));
    assertRefused(cut, join(path, 'target'), /is damaged: |is not a backup/);
  }
  writeFileSync(cut, Buffer.concat([whole, Buffer.alloc(512)]));
  assertRefused(cut, join(path, 'target'), /does not end behind its SHA256SUMS/);
});

/** A backup in form, with sums that agree, and what a liar would put in. */
function forge(path: string, manifest: object, database: string | undefined): string {
  const file = join(path, 'forged.tar');
  rmSync(file, { force: true });
  const archive = new ArchiveWriter(file, 0);
  archive.addText(MEMBERS.manifest, JSON.stringify(manifest));
  if (database !== undefined) archive.addFile(MEMBERS.database, database, quiet);
  archive.finish();
  return file;
}

test('a backup of a later version, or one whose database is another than it says, is refused', async (t) => {
  const { path, dataDir, manifest } = await made(t);
  const database = join(dataDir, 'sallyport.db');
  const target = join(path, 'target');
  const known = MIGRATIONS.length;
  assertRefused(
    forge(path, { ...manifest, schema: known + 1, version: '9.9.9' }, database),
    target,
    new RegExp(
      `made by sallyport 9\\.9\\.9 and has schema ${known + 1}, and this version knows up to ${known}\\. Restore`,
    ),
  );
  assertRefused(forge(path, { ...manifest, format: 2, version: '9.9.9' }, database), target, /9\.9\.9 in a newer form/);
  const lies = [{ schema: known - 1 }, { revision: manifest.revision + 1 }];
  for (const lie of lies)
    assertRefused(forge(path, { ...manifest, ...lie }, database), target, /holds a damaged database: its \w+ is/);
  for (const empty of [[], { ...manifest, schema: '5' }, { ...manifest, masterKey: undefined }])
    assertRefused(forge(path, empty, database), target, /its manifest\.json says nothing/);
  assertRefused(forge(path, manifest, undefined), target, /holds no sallyport\.db/);
  const text = join(path, 'text.db');
  writeFileSync(text, 'no database at all'.repeat(300));
  assertRefused(forge(path, manifest, text), target, /holds a damaged database: file is not a database/);
});

test('a database of a later version makes no backup', async (t) => {
  const { path, dataDir } = await made(t);
  const database = new DatabaseSync(join(dataDir, 'sallyport.db'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  await assert.rejects(backUp(dataDir, join(path, 'b.tar')), /has schema 99, of a later sallyport, .* knows up to \d+/);
});
