// What is left to do names its ticket, `TODO(#123): what`; the other marks of unfinished work are never left behind.

import { isSource, type Finding, type Tree } from '../tree.ts';

const MARK = /\b(?:TODO|FIXME|XXX)\b/g;
const GOOD = /^TODO\(#\d+\): \S/;

export function todo(tree: Tree): Finding[] {
  return tree.files.filter(isSource).flatMap((path) =>
    tree
      .tokens(path)
      .filter((token) => token.kind === 'comment')
      .flatMap((token) => token.text.split('\n').map((text, at) => ({ text, line: token.line + at })))
      .flatMap(({ text, line }) =>
        [...text.matchAll(MARK)]
          .filter((match) => !GOOD.test(text.slice(match.index)))
          .map(([mark]) => ({ path, line, message: `'${mark}' is not of the form TODO(#123): what is left` })),
      ),
  );
}
