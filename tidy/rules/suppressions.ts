// A comment in src/ or test/ that silences a tool says why, after ` -- `. Prettier takes no words beside its own, so its
// reason stands in a comment on the line above or below.

import type { Token } from '../tokens.ts';
import { isSource, type Finding, type Tree } from '../tree.ts';

const DIRECTIVE = /^[\s/*]*(oxlint-disable|eslint-disable|@ts-expect-error|@ts-ignore|@ts-nocheck|prettier-ignore)/;
const REASON = /(?:^|\s)-- +[^\s*]/;

interface CommentLine {
  text: string;
  line: number;
}

export function suppressions(tree: Tree): Finding[] {
  return tree.files
    .filter((path) => isSource(path) && /^(?:src|test)\//.test(path))
    .flatMap((path) => {
      const lines = commentLines(tree.tokens(path));
      return lines.flatMap((comment) => {
        const directive = DIRECTIVE.exec(comment.text)?.[1];
        if (directive === undefined || hasReason(directive, comment, lines)) return [];
        const where = directive === 'prettier-ignore' ? ', in a comment on the line above or below' : '';
        return [{ path, line: comment.line, message: `${directive} has no reason after ' -- '${where}` }];
      });
    });
}

function hasReason(directive: string, { text, line }: CommentLine, lines: readonly CommentLine[]): boolean {
  if (directive !== 'prettier-ignore') return REASON.test(text);
  return lines.some((other) => Math.abs(other.line - line) === 1 && REASON.test(other.text));
}

function commentLines(tokens: readonly Token[]): CommentLine[] {
  return tokens
    .filter((token) => token.kind === 'comment')
    .flatMap((token) =>
      token.text
        .split('\n')
        .map((text, at) => ({ text: text.replace(/^\s*(?:\/\/+|\/?\*+)/, ''), line: token.line + at })),
    );
}
