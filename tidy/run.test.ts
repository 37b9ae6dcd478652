// The command as a whole: what it prints and how it ends.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { writeTree } from './sample-tree.ts';

const SOUND = {
  'README.md': '# Sample\n\nSee [the limits](docs/limits.md).\n',
  'docs/dependencies.md': '# Dependencies\n\nLicences that are taken: `MIT`.\n',
  'docs/errors.md': '# Errors\n\n### `Wrong`\n\n### `Gone`\n',
  'docs/limits.md': '# Limits\n\n| limit | why |\n| --- | --- |\n| `frameBytesMax` | memory |\n',
  'docs/ports.md': '# Ports\n\n| port | who asks |\n| --- | --- |\n| `nudge` | operations |\n',
  'package.json': '{}',
  'package-lock.json': '{}',
  'src/model/faults.ts':
    '// Faults.\nexport const CONTROL_FAULTS = { Wrong: 1 };\nexport const DATA_FAULTS = { Gone: 1 };\n',
  'src/settings/limit-table.ts': '// Limits.\nexport const LIMITS = { frameBytesMax: 1 };\n',
  'src/delivery/nudge.ts': '// The nudge.\n\n/** @port nudge */\nexport interface Nudge {}\n',
};

function run(root: string): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), root], {
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

void test('ends 0 on a sound tree', async (context) => {
  const { status, out } = run(await writeTree(context, SOUND));
  assert.equal(out, 'tidy: 10 files read, 0 findings\n');
  assert.equal(status, 0);
});

void test('prints one line a finding in the order of the paths, and ends 1', async (context) => {
  const root = await writeTree(context, {
    ...SOUND,
    'src/model/api.ts': `// An API.\nimport '../dns/server.ts';\n// ${'FIX'}ME\n`,
    'docs/guide.md': '[away](nowhere.md)\n',
  });
  const { status, out } = run(root);
  assert.deepEqual(out.split('\n'), [
    "docs/guide.md:1 doc-links: 'nowhere.md' leads to nothing (docs/nowhere.md)",
    'src/model/api.ts:2 layers: model may not import dns (src/dns/server.ts)',
    `src/model/api.ts:3 todo: '${'FIX'}ME' is not of the form TODO(#123): what is left`,
    'tidy: 12 files read, 3 findings',
    '',
  ]);
  assert.equal(status, 1);
});

void test('reports each file that a rule needs and that is missing, and does not crash', async (context) => {
  const { status, out } = run(await writeTree(context, { 'src/main.ts': '// Main.\n' }));
  assert.deepEqual(out.match(/^\S+ \S+ does not exist/gm), [
    'README.md:1 doc-links: does not exist',
    'docs/dependencies.md:1 dependencies: does not exist',
    'docs/errors.md:1 errors: does not exist',
    'docs/limits.md:1 limits: does not exist',
    'docs/ports.md:1 ports: does not exist',
    'package-lock.json:1 dependencies: does not exist',
    'package.json:1 dependencies: does not exist',
    'src/model/faults.ts:1 errors: does not exist',
    'src/settings/limit-table.ts:1 limits: does not exist',
  ]);
  assert.equal(status, 1);
});

void test('ends 2 when there is no source file, no tree, or no way to finish', async (context) => {
  const rows: readonly (readonly [root: string, says: RegExp])[] = [
    [await writeTree(context, {}), /^tidy: read no source file below .*\/src, so nothing was checked$/m],
    [await writeTree(context, { 'src/a.json': '{}', 'scripts/a.ts': '' }), /^tidy: read no source file/m],
    [join(await writeTree(context, {}), 'gone'), /^tidy: .*gone does not exist$/m],
    [
      await writeTree(context, { ...SOUND, 'tidy/exceptions.ts': 'throw new Error("broken");' }),
      /^tidy: Error: broken/m,
    ],
  ];
  for (const [root, says] of rows) {
    const { status, out, err } = run(root);
    assert.equal(status, 2);
    assert.equal(out, '');
    assert.match(err, says);
  }
});
