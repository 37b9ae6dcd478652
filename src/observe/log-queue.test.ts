// The queue before the files of logs: groups, order, bounds, and what is said of lines that were lost. The targets are slow or broken on
// purpose; time is not waited for, but for the group of a first line.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { eventually } from '../../test/harness/eventually.ts';
import { lowerLimit } from '../../test/harness/lowered-limit.ts';
import type { LimitName } from '../settings/limits.ts';
import type { Log, LogFields } from './log.ts';
import { createLogQueue, type Appended, type LogTarget } from './log-queue.ts';

const undo: (() => void)[] = [];
afterEach(() => undo.splice(0).forEach((one) => one()));
const lower = (name: LimitName, value: number) => undo.unshift(lowerLimit(name, value));

/** Targets that keep what they are given; `append` may be slow, or fail. */
function open(
  append: (path: string, text: string) => Appended | Promise<Appended> = (_, text) => ({
    bytes: Buffer.byteLength(text),
  }),
) {
  const kept = new Map<string, string[]>();
  const closed: string[] = [];
  const told: LogFields[] = [];
  const quiet = () => {};
  const error = (_: string, fields: LogFields = {}) => void told.push(fields);
  const log: Log = { debug: quiet, info: quiet, warn: quiet, error, with: () => log };
  const targetOf = (path: string): LogTarget => ({
    async append(bytes) {
      const appended = await append(path, bytes.toString());
      const written = bytes.subarray(0, appended.bytes).toString();
      kept.set(path, [...(kept.get(path) ?? []), written]);
      return appended;
    },
    close: async () => void closed.push(path),
  });
  return { queue: createLogQueue(targetOf, log), kept, closed, told };
}

test('lines are written in groups and in order, each path for itself', async () => {
  const { queue, kept } = open();
  for (const line of ['1', '2', '3']) queue.write('a.log', line);
  queue.write('b.log', 'größer');
  assert.equal(kept.size, 0, 'nothing in the turn of the caller');
  await eventually('they are written', () => (kept.size === 2 ? true : undefined));
  assert.deepEqual(Object.fromEntries(kept), { 'a.log': ['1\n2\n3\n'], 'b.log': ['größer\n'] });
});

test('much of one file is written at once, whole lines at a time, however long they are and whatever their letters', async () => {
  lower('logWriteAfterMs', 2_147_483_647);
  const { queue, kept } = open();
  queue.write('quiet.log', 'waits for its time');
  const lines = Array.from({ length: 2_000 }, (_, number) => `${number} ${'ß€😀'.repeat(50)}`);
  lines.splice(1_000, 0, '€'.repeat(200_000));
  for (const line of lines) queue.write('a.log', line);
  await eventually('a group of them is written', () => kept.get('a.log'));
  assert.equal(kept.get('quiet.log'), undefined);
  await queue.close();
  const groups = kept.get('a.log')!;
  assert.ok(groups.length > 2, `${groups.length} groups`);
  assert.ok(groups.every((group) => group.endsWith('\n')));
  assert.equal(groups.join(''), `${lines.join('\n')}\n`);
});

test('a file that always has more to write keeps no other waiting, though its disk is slow', async () => {
  lower('logWriteAfterMs', 1);
  let written = 0;
  const { queue, kept, told } = open(async (path, text) => {
    // Longer than the others have to wait.
    if (path === 'busy.log') for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
    written += path === 'busy.log' ? text.length : 0;
    return { bytes: text.length };
  });
  queue.write('quiet.log', 'one line');
  let [lines, handedOver] = [0, 0];
  while (!kept.has('quiet.log') && (kept.get('busy.log')?.length ?? 0) < 50) {
    // More than is written at once, and less than is dropped.
    while (handedOver - written < 1_000_000) {
      const line = `${(lines += 1)} ${'x'.repeat(8_000)}`;
      queue.write('busy.log', line);
      handedOver += line.length + 1;
    }
    await new Promise(setImmediate);
  }
  assert.deepEqual(kept.get('quiet.log'), ['one line\n']);
  await queue.close();
  const numbers = kept
    .get('busy.log')!
    .join('')
    .match(/^\d+(?= x{8000}$)/gm)!
    .map(Number);
  assert.deepEqual(
    numbers,
    Array.from({ length: lines }, (_, at) => at + 1),
    'each whole, once and in order',
  );
  assert.deepEqual(told, []);
});

test('a long line that comes while something is written needs none behind it to be written, too', async () => {
  lower('logWriteAfterMs', 1);
  const [long, longer] = ['x'.repeat(262_144), 'y'.repeat(262_144)];
  const { queue, kept } = open(async (_, text) => {
    await new Promise(setImmediate);
    if (text.startsWith('x')) queue.write('a.log', longer);
    return { bytes: text.length };
  });
  queue.write('a.log', long);
  await eventually('both are written', () => kept.get('a.log')?.[1]);
  assert.deepEqual(kept.get('a.log'), [`${long}\n`, `${longer}\n`]);
  await queue.close();
});

test('the end writes what is waiting, closes everything, and takes nothing more', async () => {
  const { queue, kept, closed, told } = open();
  queue.write('a.log', 'last');
  await queue.close();
  assert.deepEqual([kept.get('a.log'), closed], [['last\n'], ['a.log']]);
  queue.write('a.log', 'too late');
  assert.deepEqual([kept.get('a.log')!.length, told.length], [1, 1]);
});

test('the end does not wait for a disk that does not answer', async () => {
  lower('logFlushAtEndMs', 10);
  const { queue } = open(() => new Promise(() => {}));
  queue.write('a.log', 'never');
  await queue.close();
});

test('a target that is slow costs lines and no memory: what does not fit is counted', async () => {
  lower('logFileWaitingBytesMax', 100);
  lower('logWaitingBytesMax', 250);
  let release = () => {};
  const slow = new Promise<void>((resolve) => (release = resolve));
  const { queue, kept, told } = open(async (_, text) => {
    await slow;
    return { bytes: text.length };
  });
  const line = 'x'.repeat(39);
  for (let number = 0; number < 10; number += 1) queue.write('a.log', line);
  for (let number = 0; number < 10; number += 1) queue.write('b.log', line);
  for (let number = 0; number < 10; number += 1) queue.write('c.log', line);
  for (let number = 0; number < 10; number += 1) queue.write('d.log', line);
  release();
  await queue.close();
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((name) => kept.get(`${name}.log`)?.join('').length ?? 0),
    [80, 80, 80, 0],
    'two lines of each file, six of all',
  );
  assert.deepEqual(
    told.map(({ lines }) => lines),
    [1, 33],
    'the first at once, the others at the end: in between it is no minute',
  );
});

test('lines that a broken target did not take are told of once in a while, with their number and the reason', async () => {
  lower('logReportIntervalMs', 300);
  lower('logWriteAfterMs', 1);
  const { queue, told } = open((_, text) => ({ bytes: text.indexOf('\n') + 1, error: new Error('ENOSPC: no space') }));
  for (const line of ['1', '2', '3']) queue.write('a.log', line);
  await eventually('the first are told of', () => told[0]);
  assert.deepEqual(told[0], { lines: 2, files: 1, file: 'a.log', error: 'ENOSPC: no space' });
  let count = 0;
  while (told.length < 2) {
    for (const path of ['a.log', 'b.log']) for (const line of ['1', '2']) queue.write(path, line);
    count += 1;
    await new Promise(setImmediate);
  }
  assert.ok(count > 2, 'many groups were lost in between');
  assert.equal(told[1]!['files'], 2);
  await queue.close();
  const lost = told.reduce((sum, { lines }) => sum + Number(lines), 0);
  assert.ok(lost > 2 * count, `${lost} lines of ${4 * count + 3}`);
});

test('of many files the ones that were used longest ago are closed', async () => {
  lower('logFilesOpenMax', 2);
  const { queue, kept, closed } = open();
  queue.write('a.log', '1');
  await eventually('a is written', () => kept.get('a.log'));
  queue.write('b.log', '1');
  await eventually('b is written', () => kept.get('b.log'));
  queue.write('a.log', '2');
  await eventually('a is written again', () => kept.get('a.log')![1]);
  queue.write('c.log', '1');
  await eventually('one is closed', () => closed[0]);
  assert.deepEqual(closed, ['b.log']);
  await queue.close();
});
