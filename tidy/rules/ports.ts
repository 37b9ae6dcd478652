// docs/ports.md has one table row for each port. A port is an exported interface with a comment directly above it that
// carries the tag `@port` and the port's name.

import { compareReadings, readTable, type Reading } from '../listings.ts';
import type { Token } from '../tokens.ts';
import { isTest, programFiles, type Finding, type Tree } from '../tree.ts';

const TAG = /(?<=^|[\s*/])@port(?![\w-])(?:[ \t]+([A-Za-z\d-]+))?/g;

export function ports(tree: Tree): Finding[] {
  return compareReadings(readTags(tree), readTable(tree, 'docs/ports.md'));
}

function readTags(tree: Tree): Reading {
  const tags = programFiles(tree)
    .filter((path) => !isTest(path))
    .flatMap((path) => tagsIn(tree.tokens(path)).map((tag) => ({ path, ...tag })));
  const findings = tags.flatMap(({ path, line, name, marksInterface }) => {
    if (name === '') return [{ path, line, message: 'the tag @port has no name' }];
    return marksInterface ? [] : [{ path, line, message: `@port ${name} is not directly above an exported interface` }];
  });
  const entries = tags.filter((tag) => tag.name !== '');
  return { listing: { noun: 'port', where: 'src/', entries }, findings };
}

function tagsIn(tokens: readonly Token[]): { name: string; line: number; marksInterface: boolean }[] {
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'comment') return [];
    const marksInterface = isAboveInterface(tokens, at);
    return [...token.text.matchAll(TAG)].map((match) => ({
      name: match[1] ?? '',
      line: token.line + token.text.slice(0, match.index).split('\n').length - 1,
      marksInterface,
    }));
  });
}

/** True when nothing but further comments, and no empty line, stands between the comment and `export interface`. */
function isAboveInterface(tokens: readonly Token[], comment: number): boolean {
  let at = comment;
  const adjoins = (): boolean => (tokens[at + 1]?.line ?? Infinity) - (tokens[at]?.endLine ?? 0) <= 1;
  while (tokens[at + 1]?.kind === 'comment' && adjoins()) at += 1;
  return adjoins() && tokens[at + 1]?.text === 'export' && tokens[at + 2]?.text === 'interface';
}
