// What stacks are called after.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTemplatePath, stackNameOf } from './stack-name.ts';

const ROWS: readonly (readonly [string, string | undefined])[] = [
  ['/home/anne/chat/template.yaml', 'chat'],
  ['/home/anne/chat/sam.yml', 'chat'],
  ['/home/anne/chat/orders.yaml', 'orders'],
  ['/home/anne/chat/cdk.out', 'chat'],
  ['/home/anne/chat/cdk.out/ChatStack.template.json', 'ChatStack'],
  ['/home/anne/my chat_app/template.json', 'my-chat-app'],
  ['/home/anne/2nd/template.yaml', 'nd'],
  ['/home/anne/42/template.yaml', undefined],
];
for (const [path, name] of ROWS) void test(`${path} is ${name}`, () => assert.equal(stackNameOf(path), name));

void test('a path is told from a name', () => {
  assert.deepEqual(['chat', 'template.yaml', './chat', 'chat-2'].map(isTemplatePath), [false, true, true, false]);
});
