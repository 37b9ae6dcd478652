// The text of Fn::Sub: what stands in it as it is, and what is asked for by `${Name}`. `${!Name}` is a literal `${Name}`.

import { ProblemAt } from './problem-list.ts';

const VARIABLE = /\$\{([^{}]*)\}/g;
const NAME = /^[A-Za-z0-9_.:]+$/;

export function partsOfSub(text: string, line: number): readonly (string | { readonly name: string })[] {
  const parts: (string | { readonly name: string })[] = [];
  let literal = '';
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const inside = match[1]!;
    literal += text.slice(end, match.index);
    end = match.index + match[0].length;
    if (inside.startsWith('!')) {
      literal += `\${${inside.slice(1)}}`;
      continue;
    }
    const name = inside.trim();
    if (!NAME.test(name))
      throw new ProblemAt(
        line,
        `Fn::Sub finds \${${name}}: a name has letters, digits, '.', '_' and ':' alone; a literal is written \${!…}`,
      );
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push({ name });
  }
  literal += text.slice(end);
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return parts;
}
