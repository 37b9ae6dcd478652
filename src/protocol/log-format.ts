// The format of an access log (websocket-apis 8.1): a text in which `$context.name` stands for a value. Read once, when a stage is put
// in force; what a name means is not known here.

export interface LogFormat {
  /** Texts as they are, and names in parts: `['authorizer', 'principalId']`. */
  readonly parts: readonly (string | readonly string[])[];
  /** How values are written, so that none of them ends its place early. */
  readonly escape: LogEscape;
}

/** `xml` where the format begins like a document of XML; `json` for JSON, and for every other text. */
export type LogEscape = 'json' | 'xml';

/** A key of an authorizer's context may hold a hyphen; no other name does, and a hyphen behind one is text. */
const VARIABLE = /\$context\.(authorizer\.\w+(?:-+\w+)*|\w+(?:\.\w+)*)/g;

export function parseLogFormat(text: string): LogFormat {
  const parts: (string | readonly string[])[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > end) parts.push(oneLine(text.slice(end, match.index)));
    parts.push(match[1]!.split('.'));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(oneLine(text.slice(end)));
  return { parts, escape: /^\s*</.test(text) ? 'xml' : 'json' };
}

/** A format may be laid out over several lines; an event is one. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n\u2028\u2029]\s*/g, ' ');
}

/** True when lines of it can be told apart: AWS asks for one of the two ids. */
export function namesRequest({ parts }: LogFormat): boolean {
  return parts.some((part) => typeof part !== 'string' && ['requestId', 'extendedRequestId'].includes(part.join('.')));
}

/** What ends a line, moves a terminal, or turns the direction of what stands behind it. */
const UNSEEN = String.raw`\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff`;
const UNSAFE_JSON = new RegExp(String.raw`["\\${UNSEEN}]`, 'u');
const UNSAFE_XML = new RegExp(`["'&<>${UNSEEN}]`, 'u');
const UNSAFE_LINE = new RegExp(`[${UNSEEN}]`, 'u');
const ENTITIES: Readonly<Record<string, string>> = {
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' };

/** A value in its place: it cannot end its quotes, its element or its line, and holds no sign that a terminal obeys. */
export function escapeValue(value: string, escape: LogEscape): string {
  const unsafe = escape === 'xml' ? UNSAFE_XML : UNSAFE_JSON;
  if (!unsafe.test(value)) return value;
  return value.replaceAll(
    new RegExp(unsafe, 'gu'),
    (sign) => (escape === 'xml' ? ENTITIES[sign] : undefined) ?? escaped(sign),
  );
}

/** A whole line: as it is, but for what would end it or move a terminal. */
export function escapeLine(line: string): string {
  return UNSAFE_LINE.test(line) ? line.replaceAll(new RegExp(UNSAFE_LINE, 'gu'), escaped) : line;
}

function escaped(sign: string): string {
  return SHORT[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
