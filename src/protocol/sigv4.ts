// AWS Signature Version 4, the verifying side, without I/O: reads what a request claims, and says whether the signature is the
// one that a given secret makes. Whose secret it is, and what the caller may do, is decided in identity/.

import { hash, timingSafeEqual } from 'node:crypto';
import { HmacSha256 } from './hmac-sha256.ts';

/** The parts of an HTTP request that are signed, exactly as they came over the wire. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query as sent, undecoded. */
  readonly target: string;
  /** Lower-case names; repeated headers joined with `,`. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

export interface Claim {
  readonly form: 'header' | 'query';
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` as sent. */
  readonly timestamp: string;
  /** The same moment in milliseconds since the epoch. */
  readonly timeMs: number;
  readonly expiresSeconds: number | undefined;
  /** What temporary credentials come with. */
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const DATE_CHARACTERS = 8;
const TIMESTAMP = /^(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3])([0-5]\d)([0-5]\d)Z$/;
const EMPTY_HASH = hash('sha256', '', 'hex');

/** The claim that a request carries; `'none'` when it is not signed; a sentence that says what is wrong with it otherwise. */
export function readClaim(request: SignedRequest): Claim | 'none' | { problem: string } {
  const authorization = request.headers['authorization'];
  if (authorization !== undefined) return readHeaderClaim(authorization, request);
  const query = new URLSearchParams(queryOf(request.target));
  return query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature') ? readQueryClaim(query) : 'none';
}

function readHeaderClaim(authorization: string, request: SignedRequest): Claim | 'none' | { problem: string } {
  if (!authorization.startsWith(`${ALGORITHM} `)) return 'none';
  const fields = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const equals = part.indexOf('=');
    fields.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const timestamp = request.headers['x-amz-date'];
  if (!timestamp) {
    return { problem: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header." };
  }
  return readFields({
    form: 'header',
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    timestamp,
    expires: undefined,
    sessionToken: request.headers['x-amz-security-token'],
  });
}

/** What signs a request in its query: each at most once, for of two nobody could say which one counts. */
const QUERY_FIELDS = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature', 'Security-Token'];

function readQueryClaim(query: URLSearchParams): Claim | { problem: string } {
  const twice = QUERY_FIELDS.find((name) => query.getAll(`X-Amz-${name}`).length > 1);
  if (twice !== undefined) return { problem: `The parameter X-Amz-${twice} may be given once.` };
  const algorithm = query.get('X-Amz-Algorithm');
  if (algorithm !== ALGORITHM) return { problem: `Unsupported X-Amz-Algorithm: ${algorithm}` };
  return readFields({
    form: 'query',
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    timestamp: query.get('X-Amz-Date') ?? '',
    expires: query.get('X-Amz-Expires') ?? '300',
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
  });
}

interface ClaimFields {
  readonly form: 'header' | 'query';
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly timestamp: string;
  readonly expires: string | undefined;
  readonly sessionToken: string | undefined;
}

function readFields(fields: ClaimFields): Claim | { problem: string } {
  const { form, credential, signedHeaders, signature, timestamp, expires, sessionToken } = fields;
  if (!credential) return { problem: "Authorization requires 'Credential' parameter." };
  if (!signature) return { problem: "Authorization requires 'Signature' parameter." };
  if (!signedHeaders) return { problem: "Authorization requires 'SignedHeaders' parameter." };
  const scope = credential.split('/');
  if (scope.length < 5 || scope.at(-1) !== 'aws4_request') {
    return { problem: `Credential must have 5 parts ending in aws4_request, and has '${credential}'.` };
  }
  const [date, region, service] = scope.slice(-4) as [string, string, string];
  const timeMs = timestampMs(timestamp);
  if (!timestamp.startsWith(date) || date.length !== DATE_CHARACTERS || Number.isNaN(timeMs)) {
    return {
      problem: `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: '${timestamp}'.`,
    };
  }
  if (expires !== undefined && !/^\d{1,6}$/.test(expires))
    return { problem: `X-Amz-Expires '${expires}' is not a number.` };
  return {
    form,
    accessKeyId: scope.slice(0, -4).join('/'),
    date,
    region,
    service,
    signedHeaders: signedHeaders.split(';'),
    signature,
    timestamp,
    timeMs,
    expiresSeconds: expires === undefined ? undefined : Number(expires),
    sessionToken,
  };
}

/** NaN for what is not a moment written `YYYYMMDDTHHMMSSZ`. */
function timestampMs(t: string): number {
  const [, year, month, day, hour, minute, second] = TIMESTAMP.exec(t) ?? [];
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

/**
 * True when the signature is the one that `secret` makes over this request. The path is signed as sent and encoded once more;
 * hand-written clients that sign it encoded once are accepted too (websocket-apis 5.1). A declared body hash must be the
 * body's. `host` must be among the signed headers, and every `x-amz-*` header sent must be signed.
 */
export function verifySignature(request: SignedRequest, claim: Claim, secret: string): boolean {
  if (!claim.signedHeaders.includes('host')) return false;
  if (claim.form === 'header' && !areAmzHeadersSigned(request, claim)) return false;
  const bodyHash = payloadHash(request, claim);
  if (bodyHash === undefined) return false;
  const given = Buffer.from(claim.signature, 'utf8');
  const key = signingKey(secret, claim);
  const isMade = (canonicalPath: string) => {
    const expected = Buffer.from(signatureOf(request, claim, canonicalPath, bodyHash, key), 'utf8');
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  const path = pathOf(request.target);
  const encoded = encodePath(path);
  return isMade(encoded) || (encoded !== path && isMade(path));
}

function areAmzHeadersSigned({ headers }: SignedRequest, { signedHeaders }: Claim): boolean {
  for (const name in headers) if (name.startsWith('x-amz-') && !signedHeaders.includes(name)) return false;
  return true;
}

function payloadHash(request: SignedRequest, claim: Claim): string | undefined {
  const declared = request.headers['x-amz-content-sha256'];
  if (declared === UNSIGNED_PAYLOAD) return UNSIGNED_PAYLOAD;
  if (declared?.startsWith('STREAMING-')) return undefined;
  const actual = request.body.length === 0 ? EMPTY_HASH : hash('sha256', request.body, 'hex');
  if (declared !== undefined && declared !== actual) return undefined;
  return claim.form === 'query' && declared === undefined && request.method === 'GET' ? EMPTY_HASH : actual;
}

function signatureOf(
  request: SignedRequest,
  claim: Claim,
  canonicalPath: string,
  bodyHash: string,
  key: HmacSha256,
): string {
  let headers = '';
  for (const name of claim.signedHeaders) headers += `${name}:${trimAll(headerOf(request, name))}\n`;
  const query = canonicalQuery(queryOf(request.target), claim.form);
  const canonical = `${request.method}\n${canonicalPath}\n${query}\n${headers}\n${claim.signedHeaders.join(';')}\n${bodyHash}`;
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const digest = hash('sha256', canonical, 'hex');
  return key.hex(`${ALGORITHM}\n${claim.timestamp}\n${scope}\n${digest}`);
}

/** Spaces at the ends are not signed, and of several within one is. */
function trimAll(value: string): string {
  if (!/^[ \t]|[ \t]$| {2}/.test(value)) return value;
  return value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/ +/g, ' ');
}

function headerOf(request: SignedRequest, name: string): string {
  return Object.hasOwn(request.headers, name) ? (request.headers[name] ?? '') : '';
}

/** Header values as they are signed: repeated ones joined with a comma. Takes Node's `rawHeaders`, names and values in turn. */
export function signedHeadersOf(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let position = 0; position < rawHeaders.length; position += 2) {
    const name = rawHeaders[position]!.toLowerCase();
    const value = rawHeaders[position + 1]!;
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return headers;
}

const SIGNING_KEYS_MAX = 256;
const signingKeys = new Map<string, HmacSha256>();

/** The day's key for a secret and scope. Kept in a bounded cache: four codes more a call would be most of the cost of verifying. */
function signingKey(secret: string, claim: Claim): HmacSha256 {
  const name = `${secret}\n${claim.date}/${claim.region}/${claim.service}`;
  let key = signingKeys.get(name);
  if (!key) {
    key = new HmacSha256(Buffer.from(`AWS4${secret}`));
    for (const part of [claim.date, claim.region, claim.service, 'aws4_request'])
      key = new HmacSha256(key.digest(part));
    if (signingKeys.size >= SIGNING_KEYS_MAX) signingKeys.clear();
    signingKeys.set(name, key);
  }
  return key;
}

function pathOf(target: string): string {
  const question = target.indexOf('?');
  return (question < 0 ? target : target.slice(0, question)) || '/';
}

function queryOf(target: string): string {
  const question = target.indexOf('?');
  return question < 0 ? '' : target.slice(question + 1);
}

/** RFC 3986 encoding of everything but unreserved characters and `/`. */
function encodePath(path: string): string {
  return path.replace(/[^\w.~/-]+/g, encode);
}

function encode(text: string): string {
  if (!/[^\w.~-]/.test(text)) return text;
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string): string {
  try {
    // A plus is a space to whoever reads the query, so it is signed as one.
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Not an encoding of UTF-8: it is signed as it stands, and then does not match.
    return text;
  }
}

function canonicalQuery(query: string, form: 'header' | 'query'): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (form === 'query' && name === 'X-Amz-Signature') continue;
    pairs.push([encode(decode(name)), equals < 0 ? '' : encode(decode(part.slice(equals + 1)))]);
  }
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** The headers that sign a request with its `host`, the date, the token of a session and the `headers` that are given: for requests of our own. */
export function signRequest(
  request: {
    readonly method: string;
    readonly target: string;
    readonly host: string;
    readonly body: Uint8Array;
    readonly sessionToken?: string | undefined;
    /** Further ones to sign, by lower-case name; they are sent by the caller. */
    readonly headers?: Readonly<Record<string, string>> | undefined;
  },
  credentials: { readonly accessKeyId: string; readonly secret: string },
  scope: { readonly region: string; readonly service: string },
  nowMs: number,
): Record<string, string> {
  const timestamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const { sessionToken } = request;
  const token = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
  const headers: Record<string, string> = { ...request.headers, host: request.host, 'x-amz-date': timestamp, ...token };
  // Those that are always there come in their order.
  const signedHeaders = request.headers ? Object.keys(headers).sort() : Object.keys(headers);
  const claim: Claim = {
    form: 'header',
    accessKeyId: credentials.accessKeyId,
    date: timestamp.slice(0, 8),
    ...scope,
    signedHeaders,
    signature: '',
    timestamp,
    timeMs: nowMs,
    expiresSeconds: undefined,
    sessionToken,
  };
  const signed: SignedRequest = { ...request, headers };
  const path = encodePath(pathOf(request.target));
  const signature = signatureOf(
    signed,
    claim,
    path,
    payloadHash(signed, claim)!,
    signingKey(credentials.secret, claim),
  );
  const credential = `${claim.accessKeyId}/${claim.date}/${scope.region}/${scope.service}/aws4_request`;
  return {
    'x-amz-date': timestamp,
    ...token,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`,
  };
}
