// Each file of src/ that is neither a test nor generated opens with a comment that says what the file is.

import { isGenerated, isTest, programFiles, type Finding, type Tree } from '../tree.ts';

/** Comments that speak to a tool and not to a reader. */
const TO_A_TOOL = /^(?:\/\/\/\s*<|\/[/*]+\s*(?:@ts-|oxlint-|eslint-|prettier-ignore))/;

export function header(tree: Tree): Finding[] {
  return programFiles(tree)
    .filter((path) => !isTest(path) && !isGenerated(path))
    .filter((path) => !opensWithComment(tree, path))
    .map((path) => ({ path, line: 1, message: 'does not open with a comment that says what the file is' }));
}

function opensWithComment(tree: Tree, path: string): boolean {
  const first = tree.tokens(path)[0];
  return first?.kind === 'comment' && /[\p{L}]/u.test(first.text) && !TO_A_TOOL.test(first.text);
}
