// Which files are private: by every right that somebody else can have to them, whoever owns them, through links and pipes.

import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { exposureOf, readPrivateFile } from './private-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
after(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;

function fileOf(mode: number): string {
  const file = join(directory, `secret-${(files += 1)}`);
  writeFileSync(file, 'a secret\n');
  chmodSync(file, mode);
  return file;
}

const ROOT = 0;
const USER = 1_000;
const OTHER = 1_001;

test('every right of the group and of others is an exposure, whatever the owner may', () => {
  for (let mode = 0; mode <= 0o777; mode += 1) {
    const found = exposureOf('FILE', { mode: 0o100_000 | mode, uid: USER }, USER);
    const said = `FILE can be read by others (mode 0${mode.toString(8).padStart(3, '0')}): chmod 600 FILE`;
    assert.equal(found, (mode & 0o077) === 0 ? undefined : said);
    assert.equal(exposureOf('FILE', { mode, uid: ROOT }, ROOT) === undefined, (mode & 0o077) === 0);
  }
});

test('a file of root may be read by the group that root gave it to, and no more', () => {
  for (const [mode, isPrivate] of [
    [0o400, true],
    [0o440, true],
    [0o640, true],
    [0o660, false],
    [0o450, false],
    [0o444, false],
    [0o604, false],
  ] as const) {
    assert.equal(exposureOf('FILE', { mode, uid: ROOT }, USER) === undefined, isPrivate, mode.toString(8));
  }
});

test('a file of another user is an exposure, even of the tightest mode', () => {
  const said = /^FILE belongs to another user \(1001\), who can read and change it: chown 1000 FILE$/;
  assert.match(exposureOf('FILE', { mode: 0o400, uid: OTHER }, USER) ?? '', said);
  assert.ok(exposureOf('FILE', { mode: 0o400, uid: OTHER }, ROOT));
});

test('where there are no such rights nothing is said', () => {
  assert.equal(exposureOf('FILE', { mode: 0o666, uid: 0 }, undefined), undefined);
});

test('a file is read, and its own rights count behind links', () => {
  const [closed, open] = [fileOf(0o600), fileOf(0o644)];
  assert.deepEqual(readPrivateFile(closed), { content: 'a secret\n', exposure: undefined });
  for (const [name, target] of [
    ['to-closed', closed],
    ['to-open', open],
  ] as const) {
    const link = join(directory, name);
    symlinkSync(target, link);
    const { content, exposure } = readPrivateFile(link);
    assert.equal(content, 'a secret\n');
    const said = target === open ? `${link} can be read by others (mode 0644): chmod 600 ${link}` : undefined;
    assert.equal(exposure, said);
  }
});

/** For `skip`: the reason, unless this is root. */
const unlessRoot = (why: string) => (process.geteuid?.() === ROOT ? false : `not shown: ${why}`);

test('a file that was given away is an exposure', { skip: unlessRoot('it takes root to give a file away') }, () => {
  const file = fileOf(0o600);
  chownSync(file, OTHER, OTHER);
  assert.match(readPrivateFile(file).exposure ?? '', /belongs to another user \(1001\)/);
});

test('root looks into the files of a service', { skip: unlessRoot('it takes root to look after a service') }, () => {
  const given = fileOf(0o600);
  chownSync(given, OTHER, OTHER);
  assert.equal(readPrivateFile(given, 'service').exposure, undefined);
  const ofGroup = fileOf(0o640);
  assert.equal(readPrivateFile(ofGroup, 'service').exposure, undefined);
  assert.match(readPrivateFile(ofGroup).exposure ?? '', /mode 0640/);
  chownSync(ofGroup, OTHER, OTHER);
  for (const file of [ofGroup, fileOf(0o644), fileOf(0o660)]) {
    assert.match(readPrivateFile(file, 'service').exposure ?? '', /can be read by others/);
  }
});

test('what cannot be read is the system’s error', () => {
  assert.throws(() => readPrivateFile(join(directory, 'nowhere')), { code: 'ENOENT' });
  assert.throws(() => readPrivateFile(directory), { code: 'EISDIR' });
});
