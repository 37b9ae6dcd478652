// Finds every way a file can name another file: import and export declarations, import types, dynamic imports,
// `new URL('…', import.meta.url)` (workers), `import.meta.resolve`, `require` and reference comments.

import { posix } from 'node:path';
import { significant, type Token } from './tokens.ts';
import type { Tree } from './tree.ts';

export interface Import {
  specifier: string;
  line: number;
  kind: 'declaration' | 'call' | 'url' | 'reference';
}

export function scanImports(all: readonly Token[]): Import[] {
  const tokens = significant(all);
  const found = references(all);
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || isProperty(tokens, at)) return;
    const hit = READERS.get(token.text)?.(tokens, at);
    if (hit) found.push({ ...hit, line: token.line });
  });
  return found.sort((a, b) => a.line - b.line);
}

/** The file a relative specifier means, relative to the root; undefined for packages and other schemes. */
export function resolveImport(tree: Tree, from: string, specifier: string): string | undefined {
  if (!/^\.\.?(?:\/|$)/.test(specifier)) return undefined;
  const path = posix.join(posix.dirname(from), specifier.replace(/[?#].*$/, ''));
  const candidates = [path, path.replace(/\.([mc]?)js$/, '.$1ts'), `${path}.ts`];
  return candidates.find((candidate) => tree.has(candidate)) ?? path;
}

type Hit = Omit<Import, 'line'>;
type Reader = (tokens: readonly Token[], at: number) => Hit | undefined;

const READERS = new Map<string, Reader>([
  ['import', readImport],
  ['export', readExport],
  ['require', (tokens, at) => argument(tokens, at + 1, 'call')],
  ['new', readUrl],
]);

function readImport(tokens: readonly Token[], at: number): Hit | undefined {
  const next = tokens[at + 1];
  if (next?.kind === 'string') return { specifier: next.text, kind: 'declaration' };
  if (isPunct(next, '(')) return argument(tokens, at + 1, 'call');
  if (!isPunct(next, '.')) return clause(tokens, at + 1);
  const property = tokens[at + 2]?.text;
  if (property === 'defer' || property === 'source') return argument(tokens, at + 3, 'call');
  return property === 'meta' && tokens[at + 4]?.text === 'resolve' ? argument(tokens, at + 5, 'url') : undefined;
}

function readExport(tokens: readonly Token[], at: number): Hit | undefined {
  const start = tokens[at + 1]?.text === 'type' ? at + 2 : at + 1;
  return isPunct(tokens[start], '{') || isPunct(tokens[start], '*') ? clause(tokens, start) : undefined;
}

function readUrl(tokens: readonly Token[], at: number): Hit | undefined {
  const base = tokens.slice(at + 4, at + 10).map((token) => token.text);
  if (tokens[at + 1]?.text !== 'URL' || !base.join('').startsWith(',import.meta.url')) return undefined;
  return argument(tokens, at + 2, 'url');
}

/** The string in `( '…'`, where the bracket stands at `at`. */
function argument(tokens: readonly Token[], at: number, kind: Hit['kind']): Hit | undefined {
  const value = tokens[at + 1];
  return isPunct(tokens[at], '(') && value?.kind === 'string' ? { specifier: value.text, kind } : undefined;
}

/** Follows an import or export clause to the string after its `from`. */
function clause(tokens: readonly Token[], start: number): Hit | undefined {
  let inBraces = false;
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at];
    const next = tokens[at + 1];
    if (isPunct(token, '{')) inBraces = true;
    else if (isPunct(token, '}')) {
      inBraces = false;
      if (next?.text !== 'from') return undefined;
    } else if (!inBraces && token?.kind === 'word' && token.text === 'from' && next?.kind === 'string') {
      return { specifier: next.text, kind: 'declaration' };
    } else if (token?.kind !== 'word' && !isPunct(token, ',') && !isPunct(token, '*') && !inBraces) return undefined;
  }
  return undefined;
}

function references(all: readonly Token[]): Import[] {
  return all.flatMap(({ kind, text, line }) => {
    const path = kind === 'comment' ? /^\/\/\/\s*<reference\s+path\s*=\s*["']([^"']+)["']/.exec(text)?.[1] : undefined;
    return path === undefined
      ? []
      : [{ specifier: /^\.\.?\//.test(path) ? path : `./${path}`, line, kind: 'reference' }];
  });
}

function isProperty(tokens: readonly Token[], at: number): boolean {
  return isPunct(tokens[at - 1], '.') || isPunct(tokens[at - 1], '?.');
}

function isPunct(token: Token | undefined, text: string): boolean {
  return token?.kind === 'punct' && token.text === text;
}
