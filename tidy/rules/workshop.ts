// Paths of the machine the project was written on mean nothing to a reader, so no file of the tree names one.

import type { Finding, Tree } from '../tree.ts';

/** Built from parts, so that this file does not find itself. */
const WORDS = [
  ['/work', '/'],
  ['/tmp/bash', '_jobs'],
  ['../sha', 'red/'],
].map((parts) => parts.join(''));
/** A path below some other folder is not one of these, nor is a longer word. */
const INNER = /[\w.-]$/;

export function workshop(tree: Tree): Finding[] {
  return tree.files.flatMap((path) => {
    const text = tree.read(path);
    if (text.includes('\0')) return [];
    return text.split('\n').flatMap((content, at) =>
      WORDS.filter((word) => names(content, word)).map((word) => ({
        path,
        line: at + 1,
        message: `'${word}' is a path of the workshop`,
      })),
    );
  });
}

function names(content: string, word: string): boolean {
  for (let at = content.indexOf(word); at !== -1; at = content.indexOf(word, at + 1)) {
    if (word.startsWith('.') || !INNER.test(content.slice(0, at))) return true;
  }
  return false;
}
