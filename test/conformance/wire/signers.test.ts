// Four signers that know nothing of each other, or of us, sign requests that nobody chose: botocore, the signer of the AWS SDK, aws4 and
// aws4fetch, in the header and in the query, with and without a session. The verifier takes each, and none of which one bit was changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsV4Signer } from 'aws4fetch';
import aws4 from 'aws4';
import fc from 'fast-check';
import { realClock } from '../../../src/ambient/clock.ts';
import { authenticate } from '../../../src/identity/authenticate.ts';
import { developmentIdentities, type Identities } from '../../../src/identity/identities.ts';
import { createSessionTokens, withSessions } from '../../../src/identity/session-tokens.ts';
import type { SignedRequest } from '../../../src/protocol/sigv4.ts';
import { missing, runPeer } from '../../harness/peers.ts';
import { signerOf } from '../../harness/signer.ts';

const HOST = 'api.example.com:8443';
const SCOPE = { service: 'execute-api', region: 'eu-central-1' } as const;
const KEY = { account: '111122223333', accessKeyId: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const TOKENS = createSessionTokens(Buffer.alloc(32, 9));
const HOUR_MS = 3_600_000;
const IDENTITIES: Identities = withSessions(
  {
    ...developmentIdentities,
    isDevelopment: false,
    find: (id) => (id === KEY.accessKeyId ? { ...KEY, arn: 'arn:aws:iam::111122223333:root' } : undefined),
  },
  TOKENS,
);
const SESSION = TOKENS.issue(KEY.accessKeyId, Date.now() + HOUR_MS);

const RUNS = 150;
const SIGNATURE_BITS = 16;
const SEED = Number(process.env['SALLYPORT_SIGNERS_SEED'] ?? Date.now() % 1_000_000);

interface Wanted {
  readonly method: string;
  /** Segments, not encoded. */
  readonly path: readonly string[];
  /** Names and values, not encoded; a name may come again. */
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly header: string;
  readonly body: Buffer;
  readonly hasSession: boolean;
}

const text = fc.string({
  unit: fc.constantFrom(...'aZ09-._~ !\'()*+,;=:@&$/?#[]%"<>^`{|}é☂'),
  minLength: 1,
  maxLength: 8,
});
const wanted: fc.Arbitrary<Wanted> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  // What is a step in a path is taken by clients before they sign.
  path: fc.array(
    text.filter((segment) => !/^\.{1,2}$/.test(segment)),
    { minLength: 1, maxLength: 4 },
  ),
  query: fc.array(fc.tuple(text, fc.oneof(text, fc.constant(''))), { maxLength: 4 }),
  header: fc.stringMatching(/^[!-~]([ -~]{0,12}[!-~])?$/),
  body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  hasSession: fc.boolean(),
});

const encode = (part: string) =>
  encodeURIComponent(part).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const pathOf = ({ path }: Wanted) => `/${path.map(encode).join('/')}`;
const queryText = (pairs: Wanted['query']) =>
  pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
const targetOf = (one: Wanted) => pathOf(one) + (one.query.length === 0 ? '' : `?${queryText(one.query)}`);
const credentialsOf = ({ hasSession }: Wanted) => (hasSession ? SESSION : { ...KEY, sessionToken: undefined });

const lower = (headers: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

type Sign = (one: Wanted) => SignedRequest | Promise<SignedRequest>;

function smithy(form: 'sign' | 'presign'): Sign {
  return async (one) => {
    const { accessKeyId, secret, sessionToken } = credentialsOf(one);
    const keys = { accessKeyId, secretAccessKey: secret, ...(sessionToken !== undefined && { sessionToken }) };
    const query: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
    for (const [name, value] of one.query) (query[name] ??= []).push(value);
    const request = {
      method: form === 'presign' ? 'GET' : one.method,
      protocol: 'https:',
      hostname: HOST,
      path: pathOf(one),
      query: query as never,
      headers: { host: HOST, 'x-own': one.header },
      ...(form === 'sign' && { body: one.body }),
    };
    const signed = await signerOf(keys, SCOPE.service, SCOPE.region)[form](request);
    const pairs = Object.entries(signed.query).flatMap(([name, values]) =>
      [values].flat().map((value) => [name, value] as const),
    );
    const target = pathOf(one) + (pairs.length === 0 ? '' : `?${queryText(pairs)}`);
    const body = form === 'sign' ? one.body : Buffer.alloc(0);
    return { method: request.method, target, headers: lower(signed.headers), body };
  };
}

function aws4Signed(form: 'sign' | 'presign'): Sign {
  return (one) => {
    const { accessKeyId, secret, sessionToken } = credentialsOf(one);
    const isQuery = form === 'presign';
    const method = isQuery ? 'GET' : one.method;
    const body = isQuery ? Buffer.alloc(0) : one.body;
    const options = {
      ...SCOPE,
      host: HOST,
      method,
      path: targetOf(one),
      headers: { 'X-Own': one.header },
      ...(body.length > 0 && { body }),
      ...(isQuery && { signQuery: true }),
    };
    const keys = { accessKeyId, secretAccessKey: secret, ...(sessionToken !== undefined && { sessionToken }) };
    const { headers, path } = aws4.sign(options as never, keys);
    return { method, target: path!, headers: lower({ Host: HOST, ...headers }), body };
  };
}

function aws4fetch(signQuery: boolean): Sign {
  return async (one) => {
    const { accessKeyId, secret, sessionToken } = credentialsOf(one);
    const method = signQuery ? 'GET' : one.method;
    const body = method === 'GET' ? Buffer.alloc(0) : one.body;
    const signer = new AwsV4Signer({
      ...SCOPE,
      url: `https://${HOST}${targetOf(one)}`,
      method,
      headers: { 'x-own': one.header },
      ...(body.length > 0 && { body }),
      accessKeyId,
      secretAccessKey: secret,
      ...(sessionToken !== undefined && { sessionToken }),
      signQuery,
    });
    const { url, headers } = await signer.sign();
    const { pathname, search } = url;
    return {
      method,
      target: `${pathname}${search}`,
      headers: lower({ host: HOST, ...Object.fromEntries(headers) }),
      body,
    };
  };
}

const accepts = (request: SignedRequest) => {
  const result = authenticate(request, IDENTITIES, realClock);
  return 'caller' in result ? undefined : result.message;
};

function check(request: SignedRequest, bits: fc.GeneratorValue): void {
  assert.equal(accepts(request), undefined, `${request.method} ${request.target}`);
  for (const [where, changed] of changes(request, bits)) {
    assert.notEqual(accepts(changed), undefined, `${where}: ${request.method} ${request.target}`);
  }
}

/** One bit of each signed part, wherever it falls, and some of the signature. */
function* changes(request: SignedRequest, bits: fc.GeneratorValue): Generator<readonly [where: string, SignedRequest]> {
  const { method, target, headers, body } = request;
  const flipped = (value: string) => {
    const bytes = Buffer.from(value, 'latin1');
    const bit = bits(fc.nat, bytes.length * 8 - 1);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    return bytes.toString('latin1');
  };
  yield ['the method', { ...request, method: flipped(method) }];
  const otherTarget = flipped(target);
  if (!isSameTarget(target, otherTarget)) yield ['the target', { ...request, target: otherTarget }];
  if (body.length > 0)
    yield ['the body', { ...request, body: Buffer.from(flipped(Buffer.from(body).toString('latin1')), 'latin1') }];
  const isSigned = (name: string) =>
    new RegExp(`SignedHeaders=[^,&]*\\b${name}\\b`).test(headers['authorization'] ?? target);
  for (const [name, value] of Object.entries(headers)) {
    if (!isSigned(name)) continue;
    const other = flipped(value!);
    if (other.trim() !== value!.trim()) yield [name, { ...request, headers: { ...headers, [name]: other } }];
  }
  const authorization = headers['authorization'];
  if (authorization === undefined) return;
  const [head, signature] = authorization.split('Signature=') as [string, string];
  for (let count = 0; count < SIGNATURE_BITS; count += 1) {
    const other = `${head}Signature=${flipped(signature)}`;
    yield ['the signature', { ...request, headers: { ...headers, authorization: other } }];
  }
}

/** A bit may turn `%2f` into `%2F`, or a parameter without a value into one with an empty one: the same request in other letters. */
function isSameTarget(one: string, other: string): boolean {
  const [path, query] = one.split(/\?(.*)/s);
  const [otherPath, otherQuery] = other.split(/\?(.*)/s);
  const read = (search: string | undefined) =>
    [...new URLSearchParams(search)]
      .map((pair) => pair.join('='))
      .sort()
      .join('&');
  return path === otherPath && read(query) === read(otherQuery);
}

const SIGNERS: Readonly<Record<string, Sign>> = {
  'the SDK’s signer': smithy('sign'),
  'the SDK’s signer, presigned': smithy('presign'),
  aws4: aws4Signed('sign'),
  'aws4, presigned': aws4Signed('presign'),
  aws4fetch: aws4fetch(false),
  'aws4fetch, presigned': aws4fetch(true),
};

for (const [name, sign] of Object.entries(SIGNERS)) {
  test(`${name} and the verifier agree, and no changed bit goes through`, async () => {
    await fc.assert(
      fc.asyncProperty(wanted, fc.gen(), async (one, bits) => check(await sign(one), bits)),
      { numRuns: RUNS, seed: SEED },
    );
  });
}

test('botocore and the verifier agree, and no changed bit goes through', { skip: missing('boto3') }, async () => {
  const all = fc.sample(fc.tuple(wanted, fc.gen()), { numRuns: RUNS * 2, seed: SEED });
  const given = all.map(([one], at) => {
    const form = at % 2 === 0 ? 'header' : 'query';
    const { accessKeyId, secret, sessionToken } = credentialsOf(one);
    return {
      form,
      ...SCOPE,
      accessKeyId,
      secret,
      sessionToken,
      method: form === 'query' ? 'GET' : one.method,
      url: `https://${HOST}${targetOf(one)}`,
      headers: { 'x-own': one.header },
      body: form === 'query' ? '' : one.body.toString('hex'),
      expires: 300,
    };
  });
  const script = new URL('../../peers/botocore_sign.py', import.meta.url).pathname;
  const { code, stdout, stderr } = await runPeer('boto3', [script], {}, JSON.stringify(given));
  assert.equal(code, 0, stderr);
  const signed = JSON.parse(stdout) as { url: string; headers: Record<string, string> }[];
  assert.equal(signed.length, given.length);
  for (const [at, { url, headers }] of signed.entries()) {
    const { method, body } = given[at]!;
    const target = url.slice(`https://${HOST}`.length);
    const request = { method, target, headers: lower({ host: HOST, ...headers }), body: Buffer.from(body, 'hex') };
    check(request, all[at]![1]);
  }
});
