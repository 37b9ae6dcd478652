// Signature Version 4 as its users send it: the published test vectors, requests that the SDK's own clients put on the wire,
// and what somebody without the secret could change about them.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ACMClient, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  GetApisCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-apigatewayv2';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { readClaim, verifySignature, type SignedRequest } from './sigv4.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const KEY_ID = 'AKIDEXAMPLE';

function verifies(request: SignedRequest, secret = SECRET): boolean {
  const claim = readClaim(request);
  assert.ok(claim !== 'none', 'the request is not signed');
  return !('problem' in claim) && verifySignature(request, claim, secret);
}

// Vectors of the AWS Signature Version 4 test suite.

const VECTOR_HEADERS = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };

const VECTORS: readonly (readonly [
  name: string,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  signature: string,
])[] = [
  ['get-vanilla', 'GET', '/', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    {},
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-unreserved',
    'GET',
    '/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
    {},
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  ['get-utf8', 'GET', '/ሴ', {}, '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85'],
  [
    'get-header-value-trim',
    'GET',
    '/',
    { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  ['post-vanilla', 'POST', '/', {}, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
];

for (const [name, method, target, headers, signature] of VECTORS) {
  void test(`verifies the vector ${name}`, () => {
    const all = { ...VECTOR_HEADERS, ...headers };
    const signed = Object.keys(all).sort().join(';');
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${KEY_ID}/20150830/us-east-1/service/aws4_request, ` +
      `SignedHeaders=${signed}, Signature=${signature}`;
    const request = { method, target, headers: { ...all, authorization }, body: Buffer.alloc(0) };
    assert.equal(verifies(request), true);
    assert.equal(verifies({ ...request, method: 'PUT' }), false);
  });
}

// Requests of the SDK's clients, as they arrive.

interface Signer {
  presign(request: object, options?: object): Promise<{ path: string; query: Record<string, string | string[]> }>;
}

/** Runs `send` against a server that answers nothing of use, and gives the request as it came. */
async function capture(send: (endpoint: string) => Promise<unknown>): Promise<SignedRequest> {
  let seen: SignedRequest | undefined;
  const server = createServer((incoming, response) => {
    void readWhole(incoming).then((request) => {
      seen = request;
      response.writeHead(400).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await send(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).catch((error: Error) => {
      if (!seen) throw error;
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
  assert.ok(seen, 'nothing was sent');
  return seen;
}

async function readWhole(incoming: IncomingMessage): Promise<SignedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(incoming.headersDistinct)) headers[name] = values!.join(',');
  return { method: incoming.method!, target: incoming.url!, headers, body: Buffer.concat(chunks) };
}

const OPTIONS = { region: 'eu-central-1', maxAttempts: 1 };
const CREDENTIALS = { accessKeyId: KEY_ID, secretAccessKey: SECRET };
const SESSION = { ...CREDENTIALS, sessionToken: 'token/with+signs=' };

const apis = (endpoint: string, credentials = CREDENTIALS) =>
  new ApiGatewayV2Client({ ...OPTIONS, endpoint, credentials });
const connections = (endpoint: string) =>
  new ApiGatewayManagementApiClient({ ...OPTIONS, endpoint: `${endpoint}/dev`, credentials: CREDENTIALS });

const GENUINE: readonly (readonly [name: string, send: (endpoint: string) => Promise<unknown>])[] = [
  ['a GET without a query', (at) => apis(at).send(new GetApisCommand({}))],
  [
    'a query that needs encoding',
    (at) => apis(at).send(new GetApisCommand({ MaxResults: '2', NextToken: "a b+c/é*'!" })),
  ],
  ['a session token', (at) => apis(at, SESSION).send(new GetApisCommand({ MaxResults: '10' }))],
  ['a JSON body', (at) => apis(at).send(new CreateApiCommand({ Name: 'é☂', ProtocolType: 'WEBSOCKET' }))],
  [
    'a path with = % @ * and /',
    (at) =>
      apis(at).send(new TagResourceCommand({ ResourceArn: 'arn:aws:apigateway::/a=b/50%/@c/*é', Tags: { a: 'b' } })),
  ],
  [
    'a repeated query name',
    (at) =>
      apis(at).send(new UntagResourceCommand({ ResourceArn: 'arn:x', TagKeys: ['b', 'a b', 'a', 'B', 'é', 'a'] })),
  ],
  [
    'a target header',
    (at) =>
      new ACMClient({ ...OPTIONS, endpoint: at, credentials: SESSION }).send(
        new RequestCertificateCommand({ DomainName: '*.example.com' }),
      ),
  ],
  [
    'an XML body',
    (at) =>
      new Route53Client({ ...OPTIONS, endpoint: at, credentials: CREDENTIALS }).send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: '/hostedzone/Z1',
          ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: { Name: '\\052.example.com', Type: 'A' } }] },
        }),
      ),
  ],
  [
    'bytes for a connection',
    (at) =>
      connections(at).send(
        new PostToConnectionCommand({ ConnectionId: 'gbgHN0-zjQAYKEjhgA==', Data: new Uint8Array([0, 255, 10, 13]) }),
      ),
  ],
  [
    'no bytes for a connection',
    (at) =>
      connections(at).send(
        new PostToConnectionCommand({ ConnectionId: 'gbgHN0-zjQAYKEjhgA==', Data: new Uint8Array() }),
      ),
  ],
  ['a DELETE', (at) => connections(at).send(new DeleteConnectionCommand({ ConnectionId: 'L0SM9cOFvHcCIhw=' }))],
  ['a presigned GET', (at) => presigned(at, CREDENTIALS)],
  ['a presigned GET with a session token', (at) => presigned(at, SESSION)],
];

/** A presigned URL of the SDK's signer, fetched. */
async function presigned(endpoint: string, credentials: typeof CREDENTIALS): Promise<unknown> {
  const signer = (await apis(endpoint, credentials).config.signer()) as unknown as Signer;
  const { hostname, port } = new URL(endpoint);
  const query = { 'X-Custom': ['b', 'a'], stage: 'é b' };
  const request = { method: 'GET', protocol: 'http:', hostname, port: Number(port), path: '/dev/%2A=@', query };
  const signed = await signer.presign({ ...request, headers: { host: new URL(endpoint).host } }, { expiresIn: 60 });
  return fetch(`${endpoint}${signed.path}?${queryText(signed.query)}`);
}

function queryText(query: Record<string, string | string[]>): string {
  return Object.entries(query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    .join('&');
}

/** Every way to change a signed request without the secret: what was changed, and the request after it. */
function* changes(request: SignedRequest): Generator<readonly [what: string, changed: SignedRequest]> {
  const claim = readClaim(request);
  assert.ok(claim !== 'none' && !('problem' in claim));
  const [path = '', query] = request.target.split('?');
  const signedWhere = claim.form === 'header' ? 'headers' : 'target';
  /** The request with `from` replaced in the place that carries the signature. */
  const inClaim = (from: string, to: string): SignedRequest => {
    if (signedWhere === 'target') return { ...request, target: replaced(request.target, from, to) };
    return withHeader('authorization', replaced(request.headers['authorization']!, from, to));
  };
  const withHeader = (name: string, value: string | undefined): SignedRequest => ({
    ...request,
    headers: { ...request.headers, [name]: value },
  });
  for (const at of request.body.length === 0 ? [] : [0, request.body.length - 1]) {
    const body = Buffer.from(request.body);
    body[at]! ^= 1;
    yield [`byte ${at} of the body`, { ...request, body }];
  }
  if (claim.form === 'header')
    yield ['a longer body', { ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }];
  yield ['the method', { ...request, method: request.method === 'PUT' ? 'POST' : 'PUT' }];
  yield ['the path', { ...request, target: `${flipLast(path)}${query === undefined ? '' : `?${query}`}` }];
  yield ['a longer path', { ...request, target: `${path}/x${query === undefined ? '' : `?${query}`}` }];
  yield ['a query name more', { ...request, target: `${request.target}${query === undefined ? '?' : '&'}x` }];
  for (const part of query?.split('&') ?? []) {
    yield [
      `the query value ${part.slice(0, 20)}`,
      { ...request, target: replaced(request.target, part, flipLast(part)) },
    ];
  }
  for (const name of claim.signedHeaders) {
    yield [`the header ${name}`, withHeader(name, `${request.headers[name]}x`)];
    yield [`the header ${name} left out`, withHeader(name, undefined)];
  }
  if (claim.form === 'header') yield ['an x-amz-* header that is not signed', withHeader('x-amz-other', '1')];
  const day = claim.date === '20200101' ? '20200102' : '20200101';
  const separator = claim.form === 'header' ? '/' : '%2F';
  const scope = (parts: readonly string[]): string => ['', ...parts, 'aws4_request'].join(separator);
  const genuine = scope([claim.date, claim.region, claim.service]);
  yield ['the day of the scope', inClaim(genuine, scope([day, claim.region, claim.service]))];
  yield ['the region of the scope', inClaim(genuine, scope([claim.date, 'us-east-1', claim.service]))];
  yield ['the service of the scope', inClaim(genuine, scope([claim.date, claim.region, 'sts']))];
  for (const at of [0, 63]) {
    const digit = claim.signature[at] === 'a' ? 'b' : 'a';
    const signature = claim.signature.slice(0, at) + digit + claim.signature.slice(at + 1);
    yield [`digit ${at} of the signature`, inClaim(claim.signature, signature)];
  }
  yield ['a shorter signature', inClaim(claim.signature, claim.signature.slice(1))];
  yield ['a longer signature', inClaim(claim.signature, `${claim.signature}0`)];
  yield ['the signature in capitals', inClaim(claim.signature, claim.signature.toUpperCase())];
}

function flipLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');
}

function replaced(text: string, from: string, to: string): string {
  assert.ok(text.includes(from), `'${from}' is not in '${text}'`);
  return text.replace(from, () => to);
}

for (const [name, send] of GENUINE) {
  void test(`verifies ${name}, and refuses any change to it`, async (context) => {
    const request = await capture(send);
    assert.equal(verifies(request), true);
    assert.equal(verifies(request, `${SECRET}x`), false);
    let count = 0;
    for (const [what, changed] of changes(request)) {
      await context.test(`refuses ${what}`, () => assert.equal(verifies(changed), false));
      count += 1;
    }
    assert.ok(count >= 15, `only ${count} changes were made`);
  });
}

void test('reads the claim that a client makes', async () => {
  const request = await capture((at) => apis(at).send(new GetApisCommand({})));
  const timestamp = request.headers['x-amz-date']!;
  const claim = readClaim(request);
  assert.ok(claim !== 'none' && !('problem' in claim));
  const { signature, signedHeaders, timeMs, ...rest } = claim;
  assert.match(signature, /^[0-9a-f]{64}$/);
  assert.ok(signedHeaders.includes('host') && signedHeaders.includes('x-amz-date'));
  assert.deepEqual(rest, {
    form: 'header',
    accessKeyId: KEY_ID,
    date: timestamp.slice(0, 8),
    region: 'eu-central-1',
    service: 'apigateway',
    timestamp,
    expiresSeconds: undefined,
    sessionToken: undefined,
  });
  assert.ok(Math.abs(timeMs - Date.now()) < 60_000);
});

// Requests that no SDK makes, signed by hand.

interface HandWritten {
  readonly method?: string;
  readonly target?: string;
  /** The path as signed; twice encoded when left out. */
  readonly canonicalPath?: string;
  readonly canonicalQuery?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signedHeaders?: readonly string[];
  readonly body?: string;
  readonly payloadHash?: string;
  readonly timestamp?: string;
  readonly date?: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** A request signed without any of the code under test. */
function signByHand(parts: HandWritten): SignedRequest {
  const { method = 'GET', target = '/', body = '', timestamp = '20260102T030405Z' } = parts;
  const { date = timestamp.slice(0, 8), canonicalPath = target, canonicalQuery = '' } = parts;
  const headers: Record<string, string> = { host: 'localhost', 'x-amz-date': timestamp, ...parts.headers };
  const signedHeaders = parts.signedHeaders ?? Object.keys(headers).sort();
  const lines = signedHeaders.map((name) => `${name}:${Object.hasOwn(headers, name) ? headers[name] : ''}\n`).join('');
  const list = signedHeaders.join(';');
  const canonical = [method, canonicalPath, canonicalQuery, lines, list, parts.payloadHash ?? sha256(body)].join('\n');
  const scope = `${date}/us-east-1/execute-api/aws4_request`;
  const key = [date, 'us-east-1', 'execute-api', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${SECRET}`);
  const signature = hmac(key as Buffer, `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`).toString(
    'hex',
  );
  const authorization = `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope},SignedHeaders=${list},Signature=${signature}`;
  return { method, target, headers: { ...headers, authorization }, body: Buffer.from(body) };
}

const STREAMING = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';

const BY_HAND: readonly (readonly [name: string, parts: HandWritten, want: boolean])[] = [
  ['the plain request', {}, true],
  ['a path encoded twice', { target: '/dev/@c/a%3D', canonicalPath: '/dev/%40c/a%253D' }, true],
  ['a path encoded once', { target: '/dev/@c/a%3D', canonicalPath: '/dev/@c/a%3D' }, true],
  ['a raw =', { target: '/dev/@c/a=', canonicalPath: '/dev/%40c/a%3D' }, true],
  ['a path that was decoded', { target: '/dev/@c/a%3D', canonicalPath: '/dev/@c/a=' }, false],
  ['a query name without =', { target: '/?b&a', canonicalPath: '/', canonicalQuery: 'a=&b=' }, true],
  ['a value with =', { target: '/?a=b=c', canonicalPath: '/', canonicalQuery: 'a=b%3Dc' }, true],
  ['lower-case percent signs', { target: '/?a=%c3%a9', canonicalPath: '/', canonicalQuery: 'a=%C3%A9' }, true],
  ['a name that comes twice', { target: '/?a=2&a=1&b=0', canonicalPath: '/', canonicalQuery: 'a=1&a=2&b=0' }, true],
  ['a query out of order', { target: '/?b=1&a=2', canonicalPath: '/', canonicalQuery: 'b=1&a=2' }, false],
  ['a broken percent sign in the query', { target: '/?a=%zz', canonicalPath: '/', canonicalQuery: 'a=%25zz' }, true],
  ['a declared body hash', { body: 'abc', headers: { 'x-amz-content-sha256': sha256('abc') } }, true],
  [
    'a declared hash of another body',
    { body: 'abc', headers: { 'x-amz-content-sha256': sha256('abd') }, payloadHash: sha256('abd') },
    false,
  ],
  [
    'a body of chunks with signatures of their own',
    { method: 'POST', body: 'abc', headers: { 'x-amz-content-sha256': STREAMING }, payloadHash: STREAMING },
    false,
  ],
  [
    'a body that is said to be unsigned',
    { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }, payloadHash: 'UNSIGNED-PAYLOAD', body: 'abc' },
    true,
  ],
  ['a Host that is not signed', { signedHeaders: ['x-amz-date'] }, false],
  ['a date that is not signed', { signedHeaders: ['host'] }, false],
];

for (const [name, parts, want] of BY_HAND) {
  void test(`${want ? 'verifies' : 'refuses'} ${name}`, () => assert.equal(verifies(signByHand(parts)), want));
}

void test('a plus sign in the query is not taken for the %2B that was signed', () => {
  const canonicalQuery = 'a=b%2Bc';
  const signed = signByHand({ target: '/?a=b%2Bc', canonicalPath: '/', canonicalQuery });
  assert.equal(verifies(signed), true);
  // Read as a form, this says 'b c'.
  assert.equal(verifies({ ...signed, target: '/?a=b+c' }), false);
});

// Claims that cannot be read.

const GOOD = signByHand({});
const CREDENTIAL = `${KEY_ID}/20260102/us-east-1/execute-api/aws4_request`;
const HEADER = `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=host;x-amz-date,Signature=00`;
const QUERY = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${CREDENTIAL}&X-Amz-Date=20260102T030405Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;

const header = (authorization: string, more: Record<string, string | undefined> = {}): SignedRequest => ({
  ...GOOD,
  headers: { ...GOOD.headers, authorization, ...more },
});
const query = (text: string): SignedRequest => ({ ...GOOD, target: `/?${text}`, headers: { host: 'localhost' } });

const UNREADABLE: readonly (readonly [name: string, request: SignedRequest, problem: RegExp | 'none'])[] = [
  ['nothing', query(''), 'none'],
  ['another scheme', header('Bearer abc'), 'none'],
  ['no credential', header(HEADER.replace(/Credential=[^,]*,/, '')), /'Credential' parameter/],
  ['no signed headers', header(HEADER.replace(/SignedHeaders=[^,]*,/, '')), /'SignedHeaders' parameter/],
  ['no signature', header(HEADER.replace(/,Signature=.*/, '')), /'Signature' parameter/],
  ['no date', header(HEADER, { 'x-amz-date': undefined }), /'X-Amz-Date'/],
  ['a scope of four parts', header(HEADER.replace('/us-east-1', '')), /must have 5 parts ending in aws4_request/],
  ['a scope that ends otherwise', header(HEADER.replace('aws4_request', 'aws5')), /must have 5 parts ending in/],
  ['a day that is not the date', header(HEADER.replace('20260102', '20260103')), /Date in Credential scope/],
  ['a day cut short', header(HEADER.replace('20260102', '2026')), /Date in Credential scope/],
  ['a date in another form', header(HEADER, { 'x-amz-date': '2026-01-02T03:04:05Z' }), /Date in Credential scope/],
  [
    'a date that no calendar has',
    header(HEADER.replace('20260102', '20261399'), { 'x-amz-date': '20261399T030405Z' }),
    /Date in Credential scope/,
  ],
  ['another algorithm in the query', query(QUERY.replace('HMAC-SHA256', 'ECDSA')), /Unsupported X-Amz-Algorithm/],
  ['a query without an algorithm', query(QUERY.replace(/^[^&]*&/, '')), /Unsupported X-Amz-Algorithm/],
  ['a query without a credential', query(QUERY.replace('X-Amz-Credential', 'x')), /'Credential' parameter/],
  ['a query without signed headers', query(QUERY.replace('X-Amz-SignedHeaders', 'x')), /'SignedHeaders' parameter/],
  ['a query without a date', query(QUERY.replace('X-Amz-Date', 'x')), /Date in Credential scope/],
  ['an expiry that is no number', query(`${QUERY}&X-Amz-Expires=soon`), /X-Amz-Expires 'soon' is not a number/],
  ['two signatures', query(`${QUERY}&X-Amz-Signature=11`), /X-Amz-Signature may be given once/],
  ['two expiries', query(`${QUERY}&X-Amz-Expires=60&X-Amz-Expires=600`), /X-Amz-Expires may be given once/],
  ['two tokens', query(`${QUERY}&X-Amz-Security-Token=a&X-Amz-Security-Token=b`), /X-Amz-Security-Token may be given/],
  ['an expiry below zero', query(`${QUERY}&X-Amz-Expires=-1`), /X-Amz-Expires '-1' is not a number/],
];

for (const [name, request, problem] of UNREADABLE) {
  void test(`${name}: ${problem === 'none' ? 'is not signed' : 'is told what is wrong'}`, () => {
    const claim = readClaim(request);
    if (problem === 'none') return assert.equal(claim, 'none');
    assert.ok(typeof claim === 'object' && 'problem' in claim, `it was read as ${JSON.stringify(claim)}`);
    assert.match(claim.problem, problem);
  });
}

for (const name of ['constructor', 'toString', '__proto__']) {
  void test(`refuses a signed header called ${name} like any other that was not sent`, () => {
    assert.equal(verifies(header(HEADER.replace('host;', `${name};host;`))), false);
  });
}

void test('an access key id may hold slashes, since the scope is read from its end', () => {
  const claim = readClaim(header(HEADER.replace(KEY_ID, 'a/b')));
  assert.equal(typeof claim === 'object' && 'accessKeyId' in claim && claim.accessKeyId, 'a/b');
});

void test('a query without an expiry lasts five minutes', () => {
  const claim = readClaim(query(QUERY));
  assert.equal(typeof claim === 'object' && 'expiresSeconds' in claim && claim.expiresSeconds, 300);
});
