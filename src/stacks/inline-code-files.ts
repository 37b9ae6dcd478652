// Code that stands in templates, as files of this machine: one directory for each piece, called after what it holds.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { InlineCode } from './template/stack-template.ts';

/** Where the code of a stack lies, below the directory of all stacks. */
export function inlineCodeDirectory(below: string, account: string, region: string, stackName: string): string {
  return join(below, account, region, stackName);
}

/** Before functions are made of it. What a running function has is left alone: other code has another directory. */
export function writeInlineCode(codes: readonly InlineCode[]): void {
  for (const { directory, fileName, text } of codes) {
    const path = join(directory, fileName);
    // A save would end the processes of a function that did not change.
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
}

/** Takes away what no function of the stack has any more. */
export function removeOtherInlineCode(below: string, codes: readonly InlineCode[]): void {
  const kept = new Set(codes.map(({ directory }) => basename(directory)));
  for (const name of namesIn(below)) if (!kept.has(name)) rmSync(join(below, name), { recursive: true });
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
