// What of a request must stand in no log: the values of headers and query parameters that say who somebody is, wherever else they turn
// up. By their names, since values look like anything.

export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

export const REDACTED = '[REDACTED]';

const SECRET_NAME =
  /authori[sz]ation|cookie|api-?_?key|access-?_?key|token|secret|passw|credential|signature|session|(?:^|[-_])(?:auth|jwt|key|sig|code)$/i;
/** Names that fit the pattern and hold no secret. */
const HARMLESS = new Set(['sec-websocket-key', 'x-amz-signedheaders', 'access-control-allow-credentials']);
/** In any text: the parameters of a signature in a query, and the signature of a header. */
const SIGNED = /((?:X-Amz-(?:Signature|Security-Token|Credential)|Signature|Credential)=)[^&\s",}]+/gi;
/** A signed token (RFC 7519), wherever a client puts it: browsers can set no header but the subprotocol. */
// Not within a run of such signs: each run is looked through once.
const TOKEN = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*){0,3}/g;
/** What a header of authorization holds (RFC 6750, RFC 7617), wherever it is repeated. */
const CREDENTIALS = /\b(Bearer|Basic)\s+[\w.~+/=-]{7,}[\w~+/=-]/gi;
/** `https://user:password@host`. */
const USER_INFO = /(\w:\/\/)[^/\s@]+@/g;
/** Shorter values stand in texts by chance. */
const CHARACTERS_MIN = 8;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !HARMLESS.has(name.toLowerCase());
}

/** More of them are not looked for: whoever sends a thousand cookies must not keep everybody waiting. */
const SECRETS_MAX = 48;

/** The secret values among names and values: as they are, behind a scheme (`Bearer …`), and of each cookie; the longest first. */
export function secretValues(pairs: Iterable<readonly [name: string, value: string]>): string[] {
  const found = new Set<string>();
  for (const [name, value] of pairs) {
    if (!isSecretName(name)) continue;
    const parts = [value, ...value.split(/[;,]?\s+/).flatMap((part) => [part, part.slice(part.indexOf('=') + 1)])];
    for (const part of parts) if (part.length >= CHARACTERS_MIN) found.add(part);
  }
  // One may be a part of another.
  return [...found].toSorted((a, b) => b.length - a.length).slice(0, SECRETS_MAX);
}

/** A text in which none of the secrets stands, however JSON, a URL or Base64 spells them, nor what looks like one anywhere. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let redacted = text
    .replaceAll(SIGNED, `$1${REDACTED}`)
    .replaceAll(TOKEN, REDACTED)
    .replaceAll(CREDENTIALS, `$1 ${REDACTED}`)
    .replaceAll(USER_INFO, `$1${REDACTED}@`);
  for (const secret of secrets) {
    for (const spelling of spellingsOf(secret)) redacted = redacted.replaceAll(spelling, REDACTED);
  }
  return redacted;
}

/** The beginning of a text, at most so long, without the beginning of a secret at its end: what is cut off is not found any more. */
export function clipText(text: string, charactersMax: number, secrets: readonly string[] = []): string {
  if (text.length <= charactersMax) return text;
  let clipped = text.slice(0, charactersMax);
  for (const secret of secrets) {
    for (const spelling of spellingsOf(secret)) {
      const start = spelling.slice(0, CHARACTERS_MIN);
      for (let at = clipped.indexOf(start); at >= 0; at = clipped.indexOf(start, at + 1)) {
        if (!spelling.startsWith(clipped.slice(at))) continue;
        clipped = clipped.slice(0, at);
        break;
      }
    }
  }
  return clipped;
}

function spellingsOf(secret: string): Set<string> {
  const quoted = JSON.stringify(secret).slice(1, -1);
  const ofUrl = encodeURIComponent(secret.toWellFormed());
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return new Set([secret, quoted, ofUrl, ofUrl.replaceAll('%20', '+'), base64]);
}

/** `{name=value, name=value}`, as AWS writes headers, without the values of secret names. */
export function headersText(headers: HeaderValues): string {
  const parts = Object.entries(headers).map(
    ([name, value]) => `${name}=${isSecretName(name) ? REDACTED : shown(value)}`,
  );
  return `{${parts.join(', ')}}`;
}

function shown(value: HeaderValues[string]): string {
  return Array.isArray(value) ? value.join(',') : String(value ?? '');
}

/** A URI without the values of secret parameters in its query, and without a login. */
export function redactUri(uri: string): string {
  const question = uri.indexOf('?');
  const path = (question < 0 ? uri : uri.slice(0, question)).replaceAll(USER_INFO, `$1${REDACTED}@`);
  if (question < 0) return path;
  const parameters = uri.slice(question + 1).split('&');
  return `${path}?${parameters.map(redactParameter).join('&')}`;
}

function redactParameter(parameter: string): string {
  const equals = parameter.indexOf('=');
  if (equals < 0) return parameter;
  const name = parameter.slice(0, equals);
  return isSecretName(decoded(name)) ? `${name}=${REDACTED}` : parameter;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not spelled as a URL spells: it is looked at as it is.
    return text;
  }
}
