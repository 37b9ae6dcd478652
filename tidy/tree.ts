// The files under one root as the rules see them: paths relative to the root with forward slashes, read and split
// into tokens at most once. What git ignores is not part of the tree.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SizeException } from './exceptions.ts';
import { tokenize, type Token } from './tokens.ts';

export interface Finding {
  path: string;
  line: number;
  message: string;
}

export interface Tree {
  /** Sorted. */
  readonly files: readonly string[];
  /** The list in the tree's own `tidy/exceptions.ts`; empty when it has none. */
  readonly sizeExceptions: Readonly<Record<string, SizeException>>;
  has(path: string): boolean;
  hasFolder(path: string): boolean;
  read(path: string): string;
  tokens(path: string): readonly Token[];
  filesRead(): number;
}

export type Rule = (tree: Tree) => Finding[];

const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.git', 'sallyport-data']);
const EXCEPTIONS = 'tidy/exceptions.ts';

export async function openTree(root: string): Promise<Tree> {
  const files = walk(root, '').sort();
  const present = new Set(files);
  const folders = new Set(files.flatMap(foldersOf));
  const texts = new Map<string, string>();
  const tokens = new Map<string, readonly Token[]>();
  const read = (path: string): string => memo(texts, path, () => readFileSync(join(root, path), 'utf8'));
  return {
    files,
    sizeExceptions: present.has(EXCEPTIONS) ? await loadExceptions(join(root, EXCEPTIONS)) : {},
    has: (path) => present.has(path),
    hasFolder: (path) => folders.has(path),
    read,
    tokens: (path) => memo(tokens, path, () => tokenize(read(path))),
    filesRead: () => texts.size,
  };
}

export function isSource(path: string): boolean {
  return /\.[mc]?[jt]s$/.test(path);
}

/** Source files of the program, its unit tests included. */
export function programFiles(tree: Tree): string[] {
  return tree.files.filter((path) => path.startsWith('src/') && isSource(path));
}

export function isTest(path: string): boolean {
  return isSource(path) && (/\.test\.[mc]?[jt]s$/.test(path) || path.startsWith('test/'));
}

export function isGenerated(path: string): boolean {
  return /^src\/protocol\/wire\/shapes-[^/]*\.ts$/.test(path);
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : walk(root, path);
    return isFile(join(root, path)) && !entry.name.endsWith('.tgz') ? [path] : [];
  });
}

/** Follows a link to a file; a link to a folder or to nothing is no file. */
function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

async function loadExceptions(path: string): Promise<Tree['sizeExceptions']> {
  const loaded = (await import(pathToFileURL(path).href)) as { SIZE_EXCEPTIONS?: Tree['sizeExceptions'] };
  return loaded.SIZE_EXCEPTIONS ?? {};
}

function memo<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const made = make();
  cache.set(key, made);
  return made;
}
