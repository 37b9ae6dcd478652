// Selection expressions (websocket-apis 1.11): `$request.body.action`, `${request.body.a}/${request.body.b}`, literals, `\$`.
// Parsed once when a deployment is compiled, evaluated for every message. Which variables there are depends on what is selected.

import { evaluateJsonPath, parseJsonPath, textOf, type JsonPath } from './json-path.ts';

/**
 * The variables of an expression: of a message alone (`request.body`), or also of the answer of a backend
 * (`integration.response.statuscode`, `.header.X`, `.multivalueheader.X`).
 */
export type VariableSet = 'request' | 'response';

/** What a backend answered. Names of headers are in lower case. */
export interface AnsweredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

type ResponseVariable =
  { readonly of: 'statuscode' } | { readonly of: 'header' | 'multivalueheader'; readonly name: string };
type Part = string | JsonPath | ResponseVariable;

export interface SelectionExpression {
  readonly parts: readonly Part[];
  /** True when the expression never looks at the message. */
  readonly isLiteral: boolean;
}

const VARIABLE = /\$\{([^}]*)\}|\$([A-Za-z][\w.\-[\]'"]*)/y;
const BODY = 'request.body';
const RESPONSE = /^integration\.response\.(?:(statuscode)|(header|multivalueheader)\.([A-Za-z0-9._$-]+))$/;

/** The parsed expression, or a sentence that says what is wrong with it. */
export function parseSelectionExpression(
  text: string,
  variables: VariableSet = 'request',
): SelectionExpression | { problem: string } {
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
    const part = parseVariable(name, variables);
    if (typeof part === 'string') return { problem: `'${name}' in '${text}' is ${part}` };
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
    offset = VARIABLE.lastIndex;
  }
  if (literal !== '') parts.push(literal);
  return { parts, isLiteral: parts.every((part) => typeof part === 'string') };
}

/** The part that a variable is, or what it is instead of one. */
function parseVariable(name: string, variables: VariableSet): Exclude<Part, string> | string {
  if (name === BODY || name.startsWith(`${BODY}.`) || name.startsWith(`${BODY}[`)) {
    return parseJsonPath(name.slice(BODY.length)) ?? 'not a JSON path';
  }
  if (variables === 'request') return 'not a variable of a request; use request.body.{path}';
  const [, status, of, header] = RESPONSE.exec(name) ?? [];
  if (status !== undefined) return { of: 'statuscode' };
  if (of === undefined || header === undefined) {
    return 'not a variable of a response; use integration.response.statuscode, .header.{name} or .multivalueheader.{name}';
  }
  return { of: of as 'header' | 'multivalueheader', name: header.toLowerCase() };
}

/**
 * The text that the expression selects for a parsed message, and the answer of a backend when its variables are there. What leads
 * nowhere counts as empty.
 */
export function evaluateSelection(expression: SelectionExpression, body: unknown, response?: AnsweredResponse): string {
  let text = '';
  for (const part of expression.parts) {
    if (typeof part === 'string') text += part;
    else if ('of' in part) text += response === undefined ? '' : textOf(valueOf(part, response));
    else text += textOf(evaluateJsonPath(body, part));
  }
  return text;
}

function valueOf(variable: ResponseVariable, { status, headers }: AnsweredResponse): unknown {
  if (variable.of === 'statuscode') return String(status);
  if (!Object.hasOwn(headers, variable.name)) return undefined;
  const value = headers[variable.name];
  const values = typeof value === 'string' ? [value] : (value ?? []);
  return variable.of === 'header' ? values.at(-1) : values;
}
