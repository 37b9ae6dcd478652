// `npm run generate` writes every generated file; `--check` names those that are not up to date and fails.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePages } from './generate-pages.ts';
import { generateWireModel } from './generate-wire-model.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');

/** Tables are laid out by the formatter, so a page is compared without its blanks. */
const essence = (text: string) => text.replace(/[ -]+/g, '');

function isUpToDate(path: string, content: string): boolean {
  try {
    return essence(readFileSync(join(root, path), 'utf8')) === essence(content);
  } catch {
    // Not there yet.
    return false;
  }
}

const stale: string[] = [];
for (const [path, content] of [...(await generateWireModel()), ...generatePages()]) {
  if (isUpToDate(path, content)) continue;
  stale.push(path);
  if (!isCheck) writeFileSync(join(root, path), content);
}
for (const path of stale) console.log(isCheck ? `${path} is not up to date: run npm run generate` : `wrote ${path}`);
if (stale.length === 0) console.log('all generated files are up to date');
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
