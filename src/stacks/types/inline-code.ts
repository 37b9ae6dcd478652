// Code of a function that stands in the template itself: written below the gateway's data directory, in a directory that is called after
// what it holds, so that other code is another directory.

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperationProblem } from '../wire-call.ts';

const OWNER_ALONE = { directory: 0o700, file: 0o600 };
const DIGEST_CHARACTERS = 16;

/** The directory. `dataDir`: the gateway's, undefined where it is not known. */
export function writeInlineCode(code: string, isPython: boolean, named: string, dataDir: string | undefined): string {
  if (dataDir === undefined) {
    const text =
      'its code stands in the template, and is written into the data directory of the gateway: give its --data-dir';
    throw new OperationProblem('NoDataDirectory', 400, text);
  }
  const digest = createHash('sha256').update(code).digest('hex').slice(0, DIGEST_CHARACTERS);
  const directory = join(dataDir, 'functions', 'inline', `${named}-${digest}`);
  mkdirSync(directory, { recursive: true, mode: OWNER_ALONE.directory });
  writeFileSync(join(directory, isPython ? 'index.py' : 'index.js'), code, { mode: OWNER_ALONE.file });
  // Else one of the user's, further up, would say what kind of module it is.
  writeFileSync(join(directory, 'package.json'), '{}\n', { mode: OWNER_ALONE.file });
  return directory;
}
