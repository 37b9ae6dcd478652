// Selection expressions (websocket-apis 1.11): `$request.body.action`, `${request.body.a}/${request.body.b}`, literals, `\$`.
// Parsed once when a deployment is compiled, evaluated for every message.

import { evaluateJsonPath, parseJsonPath, textOf, type JsonPath } from './json-path.ts';

type Part = string | JsonPath;

export interface SelectionExpression {
  readonly parts: readonly Part[];
  /** True when the expression never looks at the message. */
  readonly isLiteral: boolean;
}

const VARIABLE = /\$\{([^}]*)\}|\$([A-Za-z][\w.\-[\]'"]*)/y;
const BODY = 'request.body';

/** The parsed expression, or a sentence that says what is wrong with it. Variables may name only `request.body`. */
export function parseSelectionExpression(text: string): SelectionExpression | { problem: string } {
  const parts: Part[] = [];
  let literal = '';
  let offset = 0;
  while (offset < text.length) {
    if (text.startsWith('\\$', offset)) {
      literal += '$';
      offset += 2;
      continue;
    }
    if (text[offset] !== '$') {
      literal += text[offset];
      offset += 1;
      continue;
    }
    VARIABLE.lastIndex = offset;
    const match = VARIABLE.exec(text);
    const name = match?.[1] ?? match?.[2];
    if (!match || name === undefined)
      return { problem: `'${text}' has a '$' that starts no variable (write \\$ for a dollar sign)` };
    if (name !== BODY && !name.startsWith(`${BODY}.`) && !name.startsWith(`${BODY}[`)) {
      return { problem: `'${name}' in '${text}' is not a variable of a request; use request.body.{path}` };
    }
    const path = parseJsonPath(name.slice(BODY.length));
    if (!path) return { problem: `'${name}' in '${text}' is not a JSON path` };
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(path);
    offset = VARIABLE.lastIndex;
  }
  if (literal !== '') parts.push(literal);
  return { parts, isLiteral: parts.every((part) => typeof part === 'string') };
}

/** The text that the expression selects for a parsed message. What leads nowhere counts as empty. */
export function evaluateSelection(expression: SelectionExpression, body: unknown): string {
  let text = '';
  for (const part of expression.parts) text += typeof part === 'string' ? part : textOf(evaluateJsonPath(body, part));
  return text;
}
