// What claims to be signed: every claim is read or refused, in both forms; what was signed is verified, and nothing that was changed
// afterwards is.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { authenticate } from '../../src/identity/authenticate.ts';
import { developmentIdentities } from '../../src/identity/identities.ts';
import {
  readClaim,
  signedHeadersOf,
  signRequest,
  verifySignature,
  type SignedRequest,
} from '../../src/protocol/sigv4.ts';
import { signerOf } from '../harness/signer.ts';
import { fuzz, textOf } from './fuzzing.ts';

const { property } = fuzz('signatures');

const NOW_MS = Date.parse('2026-11-26T12:00:00Z');
const clock = { now: () => NOW_MS };
const HASH = 'a'.repeat(64);
const REASONS = ['missing', 'incomplete', 'unknown-key', 'mismatch', 'expired'];

const AUTHORIZATIONS = textOf(
  'AWS4-HMAC-SHA256 ',
  'Credential=',
  'test/20261126/us-east-1/acm/aws4_request',
  ', ',
  'SignedHeaders=',
  'host;x-amz-date',
  'Signature=',
  HASH,
  '=',
  ',',
  '/',
  ';',
  'test',
  '__proto__',
  'aws4_request',
  'AWS4-HMAC-SHA256',
  'Bearer x',
);
const DATES = fc.oneof(
  fc.constantFrom(
    '20261126T120000Z',
    '20261126T115900Z',
    '20261301T000000Z',
    '00000000T000000Z',
    '99991231T235959Z',
    '',
  ),
  fc.string(),
);
const QUERIES = textOf(
  'X-Amz-Algorithm=AWS4-HMAC-SHA256',
  '&',
  'X-Amz-Credential=test%2F20261126%2Fus-east-1%2Facm%2Faws4_request',
  '&X-Amz-Date=',

  '20261126T120000Z',
  '&X-Amz-Expires=',
  '300',
  '-1',
  '9999999',
  '&X-Amz-SignedHeaders=host',
  `&X-Amz-Signature=${HASH}`,
  '%',
  '%ff',
  '+',
  '=',
);
/** As Node has a request line: octets. */
const octets = (text: string) =>
  Buffer.from(text)
    .toString('latin1')
    .replaceAll(/[\r\n]/g, '');

function assertRefused(request: SignedRequest): void {
  const claim = readClaim(request);
  if (claim !== 'none' && 'problem' in claim) assert.ok(claim.problem.length > 0);
  const result = authenticate(request, developmentIdentities, clock);
  assert.ok('unauthenticated' in result, `let in: ${JSON.stringify(request)}`);
  assert.ok(REASONS.includes(result.unauthenticated) && result.message.length > 0);
}

property(
  'a claim in the header that nobody signed is refused with a reason',
  fc.record({
    authorization: AUTHORIZATIONS,
    date: DATES,
    target: QUERIES,
    method: fc.constantFrom('GET', 'POST', ''),
    host: fc.string(),
  }),
  ({ authorization, date, target, method, host }) => {
    const headers = { authorization: octets(authorization), 'x-amz-date': octets(date), host: octets(host) };
    assertRefused({ method, target: octets(`/v2/apis?${target}`), headers, body: Buffer.alloc(0) });
  },
);

property(
  'a claim in the query that nobody signed is refused with a reason',
  fc.record({ query: QUERIES, method: fc.constantFrom('GET', 'POST'), host: fc.string() }),
  ({ query, method, host }) => {
    assertRefused({ method, target: octets(`/?${query}`), headers: { host: octets(host) }, body: Buffer.alloc(0) });
  },
);

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly header: string;
  readonly body: Uint8Array;
}
const word = fc.string({
  unit: fc.constantFrom('a', 'B', '1', '-', '_', '.', '~', ' ', '+', '%', '/', '=', '&', 'é', '\u{1f600}', "'", '*'),
});
const ASKED: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  // The SDK leaves out empty segments before it signs.
  path: fc
    .array(
      word.filter((one) => !['', '.', '..'].includes(one)),
      { maxLength: 3 },
    )
    .map((parts) => `/${parts.map(encodeURIComponent).join('/')}`),
  query: fc.dictionary(
    word.filter((name) => name !== '' && !/^x-amz/i.test(name)),
    word,
    { maxKeys: 3, noNullPrototype: true },
  ),
  header: fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '"'), maxLength: 8 }),
  body: fc.uint8Array({ maxLength: 20 }),
});
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const signer = signerOf(CREDENTIALS, 'acm', 'us-east-1');

function spell(query: Readonly<Record<string, string>>): string {
  const strict = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return Object.entries(query)
    .map(([name, value]) => `${strict(name)}=${strict(value)}`)
    .join('&');
}

async function signedBySdk({ method, path, query, header, body }: Asked): Promise<SignedRequest> {
  const headers = { host: 'h.example', 'x-any': header };
  const request = { method, protocol: 'http:', hostname: 'h.example', path, query, headers, body };
  const signed = await signer.sign(request, { signingDate: new Date(NOW_MS) });
  const target = Object.keys(query).length === 0 ? path : `${path}?${spell(query)}`;
  const lower = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { method, target, headers: Object.fromEntries(lower) as Record<string, string>, body };
}

/** Each way to tell a lie about a request that was signed. */
const LIES: readonly ((request: SignedRequest, octet: number) => SignedRequest)[] = [
  (request) => ({ ...request, method: request.method === 'GET' ? 'POST' : 'GET' }),
  (request) => ({ ...request, target: request.target.replace('/', '/x') }),
  (request) => ({ ...request, target: `${request.target}${request.target.includes('?') ? '&' : '?'}z=1` }),
  (request) => ({ ...request, body: Buffer.concat([request.body, Buffer.from('x')]) }),
  (request) => ({ ...request, headers: { ...request.headers, host: 'other.example' } }),
  (request) => ({ ...request, headers: { ...request.headers, 'x-amz-meta': 'unsigned' } }),
  (request, octet) => {
    const text = request.headers['authorization']!;
    const at = text.length - 1 - (octet % 64);
    const other = text[at] === '0' ? '1' : '0';
    return {
      ...request,
      headers: { ...request.headers, authorization: text.slice(0, at) + other + text.slice(at + 1) },
    };
  },
  (request) => ({ ...request, headers: { ...request.headers, 'x-amz-date': '20261126T120001Z' } }),
];

property(
  'what the SDK signs is verified, and nothing that was changed afterwards',
  fc.tuple(ASKED, fc.nat(255)),
  async ([asked, octet]) => {
    const request = await signedBySdk(asked);
    const result = authenticate(request, developmentIdentities, clock);
    assert.ok('caller' in result, `${JSON.stringify(result)} ${JSON.stringify(asked)}`);
    for (const [number, lie] of LIES.entries()) {
      const answer = authenticate(lie(request, octet), developmentIdentities, clock);
      assert.ok('unauthenticated' in answer, `lie ${number} about ${JSON.stringify(asked)} was believed`);
    }
  },
  150,
);

property(
  'what we sign ourselves is verified, with its own secret alone',
  fc.tuple(ASKED, fc.string()),
  ([asked, secret]) => {
    const target = Object.keys(asked.query).length === 0 ? asked.path : `${asked.path}?${spell(asked.query)}`;
    const plain = { method: asked.method, target, host: 'h.example', body: asked.body };
    const headers = {
      host: 'h.example',
      ...signRequest(plain, { accessKeyId: 'key', secret }, { region: 'us-east-1', service: 'acm' }, NOW_MS),
    };
    const request = { ...plain, headers };
    const claim = readClaim(request);
    assert.ok(claim !== 'none' && !('problem' in claim));
    assert.ok(verifySignature(request, claim, secret));
    assert.ok(!verifySignature(request, claim, `${secret}x`));
  },
);

property(
  'headers of any names are joined, and none is lost or made up',
  fc.array(fc.tuple(textOf('Host', '__proto__', 'x'), fc.string()), { maxLength: 6 }),
  (pairs) => {
    const headers = signedHeadersOf(pairs.flat());
    assert.equal(Object.getPrototypeOf(headers), null);
    const values = (name: string) => pairs.filter(([one]) => one.toLowerCase() === name).map(([, value]) => value);
    for (const name of new Set(pairs.map(([one]) => one.toLowerCase())))
      assert.equal(headers[name], values(name).join(','));
  },
);
