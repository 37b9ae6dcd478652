// The committed wire model is what the SDK's schemas give today, byte for byte, and nobody has edited it by hand.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateWireModel } from '../../../scripts/generate-wire-model.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDER = 'src/protocol/wire';

void test('the generated files are the committed ones', async () => {
  const generated = await generateWireModel();
  const committed = readdirSync(join(ROOT, FOLDER)).filter((file) => /^(?:model\.json|shapes-.*\.ts)$/.test(file));
  assert.deepEqual(
    [...generated.keys()].sort(),
    committed.map((file) => `${FOLDER}/${file}`).sort(),
    'the list of generated files has changed: run `npm run generate`',
  );
  for (const [path, content] of generated) {
    const isSame = readFileSync(join(ROOT, path), 'utf8') === content;
    assert.ok(isSame, `${path} is not what the SDK's schemas give: run \`npm run generate\` and commit the result`);
  }
});
