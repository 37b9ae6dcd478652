// Words that say nothing about what is inside may not be in a path below src/ nor in the name of an exported type.

import { significant, type Token } from '../tokens.ts';
import { isGenerated, programFiles, type Finding, type Tree } from '../tree.ts';

const BANNED = /(?:^|-)(utils?|helpers?|common|misc|shared|base|manager|impl|index|legacy|new|next-?gen|v2)(?=-|$)/;
const WORD = /[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+/g;

export function names(tree: Tree): Finding[] {
  const paths = tree.files.filter((path) => path.startsWith('src/')).flatMap((path) => pathFinding(path));
  const types = programFiles(tree)
    .filter((path) => !isGenerated(path))
    .flatMap((path) => typeFindings(tree, path));
  return [...paths, ...types];
}

function pathFinding(path: string): Finding[] {
  const word = bannedWord(path.slice('src/'.length));
  return word === undefined ? [] : [{ path, line: 1, message: `the word '${word}' is banned in a path` }];
}

function typeFindings(tree: Tree, path: string): Finding[] {
  return exportedTypes(significant(tree.tokens(path))).flatMap(({ text, line }) => {
    const word = bannedWord(text);
    return word === undefined ? [] : [{ path, line, message: `the word '${word}' is banned in a type name (${text})` }];
  });
}

function bannedWord(name: string): string | undefined {
  const words = name.match(WORD) ?? [];
  return BANNED.exec(words.join('-').toLowerCase())?.[1];
}

/** The names of exported classes, interfaces and type aliases; in an export list, the names that begin with a capital. */
function exportedTypes(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || token.text !== 'export') return [];
    const start = skipWords(tokens, at + 1, ['default', 'declare', 'abstract']);
    const next = tokens[start];
    const isList = next?.text === '{' || (next?.text === 'type' && tokens[start + 1]?.text === '{');
    if (isList) return listedNames(tokens, start);
    const isType = ['class', 'interface', 'type', 'enum'].includes(next?.text ?? '');
    const name = tokens[start + 1];
    return isType && name?.kind === 'word' && name.text !== 'extends' ? [name] : [];
  });
}

function skipWords(tokens: readonly Token[], start: number, words: readonly string[]): number {
  let at = start;
  while (words.includes(tokens[at]?.text ?? '')) at += 1;
  return at;
}

function listedNames(tokens: readonly Token[], start: number): Token[] {
  const end = tokens.findIndex((token, at) => at > start && token.text === '}');
  return tokens
    .slice(start, end === -1 ? tokens.length : end)
    .filter((token, at, list) => /^[A-Z]/.test(token.text) && list[at + 1]?.text !== 'as');
}
