// Reads the keys of an exported object literal out of the tokens of a file.

import { missing, type Entry } from './listings.ts';
import { significant, type Token } from './tokens.ts';
import type { Finding, Tree } from './tree.ts';

export interface Keys {
  entries: Entry[];
  findings: Finding[];
}

/** The keys at depth one of `export const name = {`, but those of objects spread into it; what cannot be read is a finding. */
export function readKeys(tree: Tree, path: string, name: string): Keys {
  if (!tree.has(path)) return { entries: [], findings: [missing(path)] };
  const tokens = significant(tree.tokens(path));
  const at = tokens.findIndex(
    (token, i) => token.text === 'export' && tokens[i + 1]?.text === 'const' && tokens[i + 2]?.text === name,
  );
  const open = at === -1 ? -1 : literalAfter(tokens, at + 3);
  if (open !== -1) return keysFrom(tokens, open, path);
  const message = `has no object literal \`export const ${name} = {\``;
  return { entries: [], findings: [{ path, line: tokens[at]?.line ?? 1, message }] };
}

/** The index of the `{` that opens the value, past a type annotation and a call around it; -1 when there is none. */
function literalAfter(tokens: readonly Token[], start: number): number {
  let depth = 0;
  let equals = start;
  while (equals < tokens.length && !(tokens[equals]?.text === '=' && depth === 0)) {
    depth += depthChange(tokens[equals]);
    equals += 1;
  }
  const open = tokens.findIndex(
    (token, at) => at > equals && token.kind !== 'word' && !['.', '('].includes(token.text),
  );
  return tokens[open]?.kind === 'punct' && tokens[open]?.text === '{' ? open : -1;
}

function keysFrom(tokens: readonly Token[], open: number, path: string): Keys {
  const keys: Keys = { entries: [], findings: [] };
  let depth = 1;
  let atKey = true;
  for (let at = open + 1; at < tokens.length && depth > 0; at += 1) {
    const token = tokens[at];
    if (!token) break;
    const { kind, text: name, line } = token;
    if (atKey && name !== '}') {
      const isName = kind === 'word' || kind === 'string' || kind === 'number';
      if (isName) keys.entries.push({ name, path, line });
      else if (name !== '...')
        keys.findings.push({ path, line, message: `a key that begins with \`${name}\` cannot be read` });
    }
    depth += depthChange(token);
    atKey = depth === 1 && kind === 'punct' && name === ',';
  }
  if (keys.entries.length === 0) keys.findings.push({ path, line: tokens[open]?.line ?? 1, message: 'lists no key' });
  return keys;
}

function depthChange(token: Token | undefined): number {
  if (token?.kind === 'template') return (token.text.endsWith('${') ? 1 : 0) - (token.text.startsWith('}') ? 1 : 0);
  if (token?.kind !== 'punct') return 0;
  if (['{', '(', '['].includes(token.text)) return 1;
  return ['}', ')', ']'].includes(token.text) ? -1 : 0;
}
