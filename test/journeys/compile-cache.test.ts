// Compiled code that is kept between commands: it is run, so it lies where its user alone may write.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { sallyport } from '../harness/command-line.ts';
import { temporaryDirectory } from '../harness/gateway.ts';

async function keptBy(t: TestContext, env: (home: string) => NodeJS.ProcessEnv) {
  const [home, shared] = [temporaryDirectory(t), temporaryDirectory(t)];
  const own = { HOME: home, TMPDIR: shared, XDG_CACHE_HOME: undefined, NODE_COMPILE_CACHE: undefined, ...env(home) };
  const { code, stderr } = await sallyport(['--version'], { cwd: home, env: own });
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(readdirSync(shared), []);
  return { isIn: (...path: string[]) => existsSync(join(home, ...path)), all: readdirSync(home) };
}

test('it lies below the home of its user, or where its caches are', async (t) => {
  assert.ok((await keptBy(t, () => ({}))).isIn('.cache/sallyport/compile'));
  const elsewhere = await keptBy(t, (home) => ({ XDG_CACHE_HOME: join(home, 'caches') }));
  assert.deepEqual([elsewhere.all, elsewhere.isIn('caches/sallyport/compile')], [['caches'], true]);
  assert.deepEqual((await keptBy(t, () => ({ XDG_CACHE_HOME: 'relative' }))).all, ['.cache']);
});

test('where somebody names a place it lies there, and without any the command works as well', async (t) => {
  assert.deepEqual((await keptBy(t, (home) => ({ NODE_COMPILE_CACHE: join(home, 'named') }))).all, ['named']);
  assert.deepEqual((await keptBy(t, () => ({ NODE_DISABLE_COMPILE_CACHE: '1' }))).all, []);
  assert.deepEqual((await keptBy(t, () => ({ HOME: '/dev/null' }))).all, []);
});
