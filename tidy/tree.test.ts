// What belongs to a tree, and what kind of file a path is.

import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { writeTree } from './sample-tree.ts';
import { isGenerated, isTest, openTree, programFiles } from './tree.ts';

void test('leaves out what git ignores', async (context) => {
  const ignored = ['node_modules/a.ts', 'dist/a.ts', '.git/a', 'sallyport-data/a', 'src/node_modules/b.ts', 'a.tgz'];
  const kept = ['.ci/run', 'README.md', 'src/a/b.ts'];
  const root = await writeTree(context, Object.fromEntries([...ignored, ...kept].map((path) => [path, 'x'])));
  assert.deepEqual((await openTree(root)).files, kept);
});

void test('follows links to files and no others', async (context) => {
  const root = await writeTree(context, { 'a/b.md': 'x' });
  await symlink('a/b.md', join(root, 'linked.md'));
  await symlink('a', join(root, 'folder'));
  await symlink('gone', join(root, 'nothing'));
  const tree = await openTree(root);
  assert.deepEqual(tree.files, ['a/b.md', 'linked.md']);
  assert.equal(tree.hasFolder('a'), true);
  assert.equal(tree.hasFolder('a/b.md'), false);
});

void test('counts a file as read once, and only when it was read', async (context) => {
  const tree = await openTree(await writeTree(context, { 'src/a.ts': '', 'src/b.ts': '' }));
  assert.equal(tree.filesRead(), 0);
  tree.read('src/a.ts');
  tree.tokens('src/a.ts');
  assert.equal(tree.filesRead(), 1);
  assert.deepEqual(programFiles(tree), ['src/a.ts', 'src/b.ts']);
});

void test('knows tests and generated files by their paths', () => {
  assert.deepEqual(['src/a.test.ts', 'test/b.ts', 'src/a.ts', 'test/c.json'].map(isTest), [true, true, false, false]);
  assert.equal(isGenerated('src/protocol/wire/shapes-acm.ts'), true);
  assert.equal(isGenerated('src/protocol/wire/shapes.ts'), false);
});
