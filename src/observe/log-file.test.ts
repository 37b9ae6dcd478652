// Files of logs on a real disk: what is appended, begun anew, moved away by somebody else, torn, or not to be written at all.

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, test, type TestContext } from 'node:test';
import { eventually } from '../../test/harness/eventually.ts';
import { temporaryDirectory } from '../../test/harness/gateway.ts';
import { lowerLimit } from '../../test/harness/lowered-limit.ts';
import { mountProblem, mountSmallDisk } from '../../test/harness/small-disk.ts';
import { limit, type LimitName } from '../settings/limits.ts';
import { createLogFile } from './log-file.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((one) => one()));
const lower = (name: LimitName, value: number) => undo.unshift(lowerLimit(name, value));

const PATH = '111122223333/us-east-1/a/b.log';

function place(t: TestContext, directory = temporaryDirectory(t)) {
  const file = createLogFile(directory, PATH);
  t.after(() => file.close());
  const path = join(directory, PATH);
  return {
    directory,
    path,
    file,
    append: (text: string) => file.append(Buffer.from(text)),
    read: (name = '') => readFileSync(path + name, 'utf8'),
  };
}

test('what is appended lies in a file that only its owner can read, below what is made for it', async (t) => {
  const { path, append, read, file, directory } = place(t);
  assert.deepEqual(await append('1\n'), { bytes: 2 });
  await file.close();
  await append('größer\n');
  assert.equal(read(), '1\ngrößer\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(directory, '111122223333')).mode & 0o777, 0o700);
});

test('a file that is long is begun anew; so many are kept, the newest behind the least number', async (t) => {
  lower('logFileBytesMax', 10);
  lower('logFilesPerGroupMax', 3);
  const { path, append, read } = place(t);
  for (let number = 1; number <= 6; number += 1) await append(`line ${number}.\n`);
  assert.deepEqual(readdirSync(join(path, '..')).sort(), ['b.log', 'b.log.1', 'b.log.2']);
  assert.deepEqual([read(), read('.1'), read('.2')], ['line 6.\n', 'line 5.\n', 'line 4.\n']);
});

test('a file that somebody moved away, or removed, is begun anew without a signal', async (t) => {
  const { path, append, read } = place(t);
  const moved = '-20261126';
  await append('0\n');
  renameSync(path, path + moved);
  let lines = 1;
  // It is not looked for with each group of lines.
  await eventually('it is begun anew', async () => {
    await append(`${lines++}\n`);
    return existsSync(path) || undefined;
  });
  rmSync(path);
  await eventually('it is begun anew', async () => {
    await append('again\n');
    return existsSync(path) || undefined;
  });
  assert.match(read(), /^(again\n)+$/);
  const numbers = read(moved).split('\n').slice(0, -1);
  assert.deepEqual(numbers, [...Array(lines - 1).keys()].map(String), 'all but the last one');
});

test('a file that somebody cut is not begun anew before it is long again', async (t) => {
  lower('logFileBytesMax', 10);
  const { path, append, read } = place(t);
  await append('12345678\n');
  truncateSync(path);
  await append('1234\n');
  await append('567\n');
  assert.deepEqual([read(), existsSync(`${path}.1`)], ['1234\n567\n', false]);
});

test('behind a torn line the next one begins on its own', async (t) => {
  const { path, append, read } = place(t);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, 'whole\nto');
  await append('next\n');
  await append('next\n');
  assert.equal(read(), 'whole\nto\nnext\nnext\n');
});

test('what cannot be written is told, never thrown, and tried anew with the next lines', async (t) => {
  const { path, append, read, directory } = place(t);
  writeFileSync(join(directory, '111122223333'), 'a file where a folder should be');
  const { bytes, error } = await append('1\n');
  assert.deepEqual([bytes, (error as NodeJS.ErrnoException).code], [0, 'ENOTDIR']);
  renameSync(join(directory, '111122223333'), join(directory, 'away'));
  assert.deepEqual(await append('2\n'), { bytes: 2 });
  assert.equal(read(), '2\n');
  assert.ok(path.startsWith(directory));
});

test('no link leads out of the directory', async (t) => {
  const { path, append, directory } = place(t);
  mkdirSync(join(path, '..'), { recursive: true });
  const elsewhere = join(directory, 'elsewhere');
  writeFileSync(elsewhere, '');
  symlinkSync(elsewhere, path);
  assert.equal(((await append('1\n')).error as NodeJS.ErrnoException).code, 'ELOOP');
  assert.equal(readFileSync(elsewhere, 'utf8'), '');
});

test('an account has so many files; those that were written to longest ago go, and nobody else’s', async (t) => {
  lower('logFilesPerAccountMax', 3);
  const { directory, append, path } = place(t);
  const touch = (name: string, atSeconds: number) => {
    const file = join(directory, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    utimesSync(file, atSeconds, atSeconds);
  };
  touch('111122223333/eu-west-1/old.log.1', 1);
  touch('111122223333/eu-west-1/older.log', 0);
  touch('111122223333/us-east-1/c.log', 3);
  touch('111122223333/us-east-1/notes.txt', 0);
  touch('444455556666/us-east-1/d.log', 0);
  await append('1\n');
  const left = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(left.map(({ name }) => name).sort(), ['b.log', 'c.log', 'd.log', 'notes.txt', 'old.log.1']);
  assert.ok(statSync(path).size > 0);
});

test('on a full disk it is told how far it came', { skip: mountProblem('a full disk takes root') }, async (t) => {
  const { append, read, path } = place(t, mountSmallDisk(t, 1));
  const line = `${'x'.repeat(99)}\n`;
  const group = line.repeat(5_000);
  let written = 0;
  for (let number = 0; number < 4; number += 1) {
    const { bytes, error } = await append(group);
    written += bytes;
    if (error) assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    assert.equal(error === undefined, bytes === group.length);
  }
  assert.ok(written < 4 * group.length && written > group.length);
  assert.ok(read().length <= written + 3 && statSync(path).size < limit('logFileBytesMax'));
});
