// Turns: one after the other in the order of coming, whatever happens to the one before; others do not wait.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperationRequest } from '../operation.ts';
import { createTurns, turnOf } from './edit-turns.ts';

void test('what has one key runs one after the other, in the order of coming', async () => {
  const inTurn = createTurns();
  const steps: string[] = [];
  const first = Promise.withResolvers<void>();
  const run = (name: string, until?: Promise<void>) =>
    inTurn('key', async () => {
      steps.push(`${name} begins`);
      await until;
      steps.push(`${name} ends`);
      return name;
    });
  const all = Promise.all([run('a', first.promise), run('b'), run('c')]);
  await inTurn('other', async () => steps.push('another key does not wait'));
  first.resolve();
  assert.deepEqual(await all, ['a', 'b', 'c']);
  assert.deepEqual(steps, [
    'a begins',
    'another key does not wait',
    'a ends',
    'b begins',
    'b ends',
    'c begins',
    'c ends',
  ]);
});

void test('a failure is its own caller’s alone', async () => {
  const inTurn = createTurns();
  const failing = inTurn('key', () => Promise.reject(new Error('refused')));
  const next = inTurn('key', () => Promise.resolve('done'));
  await assert.rejects(failing, /refused/);
  assert.equal(await next, 'done');
  assert.equal(await inTurn('key', () => Promise.resolve('later')), 'later');
});

const REQUEST = { caller: { account: '000000000000' }, region: 'us-east-1', requestId: 'a' } as OperationRequest;
const ROWS: readonly (readonly [operation: string, input: object, turn: string | undefined])[] = [
  ['CreateRoute', { ApiId: 'a', RouteKey: 'b' }, '000000000000/a'],
  ['UpdateStage', { ApiId: 'a', StageName: 'b' }, '000000000000/a'],
  ['GetRoutes', { ApiId: 'a' }, undefined],
  ['CreateApi', { Name: 'a' }, undefined],
  ['DeleteDomainName', { DomainName: 'a' }, undefined],
];

for (const [operation, input, turn] of ROWS) {
  void test(`${operation} waits for ${turn ?? 'nobody'}`, () => assert.equal(turnOf(operation, input, REQUEST), turn));
}
