// Every relative link in the pages at the root and below docs/ leads to a file or folder of the tree, and its anchor
// to a heading.

import { posix } from 'node:path';
import { anchors, links } from '../markdown.ts';
import type { Finding, Tree } from '../tree.ts';

export function docLinks(tree: Tree): Finding[] {
  const pages = tree.files.filter((path) => /^(?:docs\/.*|[^/]*)\.md$/.test(path));
  if (pages.length === 0) return [{ path: 'README.md', line: 1, message: 'does not exist, nor any other page' }];
  return pages.flatMap((path) =>
    links(tree.read(path)).flatMap(({ target, line }) => {
      const message = complaint(tree, path, target);
      return message === undefined ? [] : [{ path, line, message }];
    }),
  );
}

function complaint(tree: Tree, page: string, link: string): string | undefined {
  if (link === '') return 'a link without a target';
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(link)) return undefined;
  const hash = link.includes('#') ? link.indexOf('#') : link.length;
  const file = decoded(link.slice(0, hash)).replace(/\?.*$/, '');
  const anchor = decoded(link.slice(hash + 1));
  const target = file === '' ? page : targetOf(page, file);
  if (target.startsWith('..')) return `'${link}' leads out of the repository`;
  if (!tree.has(target)) return isFolder(tree, target) ? undefined : `'${link}' leads to nothing (${target})`;
  if (anchor === '' || !target.endsWith('.md') || anchors(tree.read(target)).has(anchor)) return undefined;
  return `'${link}': ${target} has no heading with the anchor '${anchor}'`;
}

function targetOf(page: string, file: string): string {
  const path = file.startsWith('/') ? file.slice(1) : posix.join(posix.dirname(page), file);
  return posix.normalize(path).replace(/\/$/, '');
}

function isFolder(tree: Tree, path: string): boolean {
  return path === '.' || tree.hasFolder(path);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign: the text stands for itself.
    return text;
  }
}
