// The codecs of `$util` that Java has and JavaScript has otherwise: StringEscapeUtils.escapeJavaScript, URLEncoder and URLDecoder.

const ESCAPED = /["'\\/]|[^ -~]/g;
const SHORT: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\n': '\\n',
  '\t': '\\t',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
  '/': '\\/',
};

/** Escapes quotes of both kinds, backslashes, slashes, and whatever is not printable ASCII. `\'` is not JSON: that is AWS's way. */
export function escapeJavaScript(text: string): string {
  return text.replace(
    ESCAPED,
    (character) => SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

/** `application/x-www-form-urlencoded`: a space is a plus sign. */
export function urlEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** The reverse. A percent sign that begins no octet stands for itself, and octets that are no UTF-8 become U+FFFD. */
export function urlDecode(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (octets) => Buffer.from(octets.replaceAll('%', ''), 'hex').toString('utf8'));
}
