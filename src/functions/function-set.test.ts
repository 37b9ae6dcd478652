// Functions of the settings file and of stacks: whose each is, whose name wins, and which are told to be gone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionSetting } from '../settings/function-setting.ts';
import { createFunctionSet } from './function-set.ts';

const ONE = '111122223333';
const OTHER = '444455556666';

const setting = (name: string, account: string | undefined, more: Partial<FunctionSetting> = {}): FunctionSetting => ({
  name,
  handler: 'a.handler',
  runtime: undefined,
  environment: {},
  timeoutMs: 1,
  memoryMb: 128,
  account,
  accessKey: undefined,
  taskRoot: '/',
  ...more,
});

function makeSet(settings: readonly FunctionSetting[]) {
  const gone: string[] = [];
  const accounts = { ownsUnclaimed: () => true, credentialsFor: () => undefined };
  return { gone, set: createFunctionSet(settings, accounts, ({ name }) => gone.push(name)) };
}

void test('each account finds its own, and the settings file’s name wins', () => {
  const { set } = makeSet([setting('send', ONE)]);
  set.setStack('s', [setting('send', ONE, { handler: 'stack.handler' }), setting('more', ONE)]);
  set.setStack('t', [setting('send', OTHER)]);
  assert.equal(set.find('send', ONE)?.handler, 'a.handler');
  assert.equal(set.find('more', OTHER), undefined);
  assert.equal(set.find('send', OTHER)?.account, OTHER);
  assert.deepEqual(
    set.list(ONE).map(({ name }) => name),
    ['send', 'more'],
  );
});

void test('one that did not change stays the same object, and the others are told to be gone', () => {
  const { set, gone } = makeSet([]);
  set.setStack('s', [setting('kept', ONE), setting('changed', ONE), setting('dropped', ONE)]);
  const kept = set.find('kept', ONE);
  set.setStack('s', [setting('kept', ONE), setting('changed', ONE, { memoryMb: 256 })]);
  assert.equal(set.find('kept', ONE), kept);
  assert.equal(set.find('changed', ONE)?.memoryMb, 256);
  assert.deepEqual(gone, ['changed', 'dropped']);
  set.setStack('s', []);
  assert.deepEqual([set.list(ONE), gone.length], [[], 4]);
});
