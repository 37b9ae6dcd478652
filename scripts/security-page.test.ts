// SECURITY.md: every row of its table names tests that are there, and hold tests.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const COLUMNS = ['who', 'what they want', 'boundary', 'defence', 'shown by'];

const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

void test('the table has its columns and no empty cell', () => {
  const [head, , ...body] = rows;
  assert.deepEqual(head, COLUMNS);
  assert.ok(body.length >= 15, `${body.length} rows`);
  for (const cells of body)
    assert.ok(cells.length === COLUMNS.length && cells.every((cell) => cell !== ''), cells.join(' | '));
});

for (const [who = '', , , , shownBy = ''] of rows.slice(2)) {
  void test(`${who}: the tests that show it are there`, () => {
    const files = shownBy.split(', ').map((cell) => /^`([^`]+\.test\.ts)`$/.exec(cell)?.[1] ?? cell);
    for (const file of files) {
      assert.ok(existsSync(join(ROOT, file)), `${file} is not there`);
      assert.match(
        readFileSync(join(ROOT, file), 'utf8'),
        /\b(?:test|it|property|testRule|storeContract)\(/,
        `${file} holds no test`,
      );
    }
  });
}
