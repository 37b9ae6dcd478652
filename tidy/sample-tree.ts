// Writes small trees into temporary directories for the tests of the rules, and removes them after the test.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { openTree, type Rule } from './tree.ts';

/** Texts by path; a list is joined to lines. */
export type Texts = Readonly<Record<string, string | readonly string[]>>;

/** What a tree shows, and the findings expected of it, each as `path:line` and a part of the message. */
export type Row = readonly [shows: string, texts: Texts, findings: readonly (readonly [at: string, says: string])[]];

export async function writeTree(context: TestContext, texts: Texts): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tidy-'));
  context.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof text === 'string' ? text : `${text.join('\n')}\n`);
  }
  return root;
}

/** One test a row: the rule finds exactly what the row says, in any order. */
export function testRule(rule: Rule, rows: readonly Row[]): void {
  for (const [shows, texts, expected] of rows) {
    void test(shows, async (context) => {
      const tree = await openTree(await writeTree(context, texts));
      const found = rule(tree).map(({ path, line, message }) => [`${path}:${line}`, message] as const);
      const order = (a: readonly string[], b: readonly string[]): number => (a.join(' ') < b.join(' ') ? -1 : 1);
      const got = found.toSorted(order);
      const want = expected.toSorted(order);
      const shown = got.map((finding) => finding.join(' ')).join('\n');
      assert.deepEqual(
        got.map(([at]) => at),
        want.map(([at]) => at),
        shown,
      );
      want.forEach(([, says], at) => assert.ok(got[at]?.[1].includes(says), `${shown}\nshould say: ${says}`));
    });
  }
}

export function lines(count: number, text = 'x;'): string {
  return `${text}\n`.repeat(count);
}
