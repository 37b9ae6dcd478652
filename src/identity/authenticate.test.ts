// From a signature of the SDK's own signer to a caller, and AWS's sentence for each way in which there is none.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2';
import type { SignedRequest } from '../protocol/sigv4.ts';
import { authenticate } from './authenticate.ts';
import { developmentIdentities, type Identities } from './identities.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE = 60_000;
const clock = { now: () => NOW };

const accounts: Identities = {
  isDevelopment: false,
  isOperator: () => false,
  hasOneAccount: true,
  sharesOwner: (one, other) => one === other,
  sharedOwners: () => [],
  backendCredentials: () => undefined,
  find: (accessKeyId) =>
    accessKeyId === 'AKIAONE'
      ? {
          account: '111122223333',
          accessKeyId,
          secret: 'secret-one',
          arn: 'arn:aws:iam::111122223333:root',
        }
      : undefined,
};

interface Made {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: string;
}
interface Signer {
  sign(request: object, options: { signingDate: Date }): Promise<Made>;
  presign(request: object, options: { signingDate: Date; expiresIn: number }): Promise<Made>;
}

interface Parts {
  readonly key?: string;
  readonly secret?: string;
  readonly sessionToken?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** When it is signed, after now. */
  readonly offsetMs?: number;
}

async function signerOf({ key = 'AKIAONE', secret = 'secret-one', sessionToken }: Parts): Promise<Signer> {
  const credentials = { accessKeyId: key, secretAccessKey: secret, ...(sessionToken && { sessionToken }) };
  const client = new ApiGatewayV2Client({ region: 'eu-west-1', endpoint: 'http://localhost', credentials });
  return (await client.config.signer()) as unknown as Signer;
}

const toSign = ({ method = 'GET', body, headers }: Parts) => ({
  method,
  protocol: 'http:',
  hostname: 'localhost',
  path: '/v2/apis',
  query: {},
  headers: { host: 'localhost', ...headers },
  ...(body === undefined ? {} : { body }),
});

async function signed(parts: Parts): Promise<SignedRequest> {
  const signer = await signerOf(parts);
  const made = await signer.sign(toSign(parts), { signingDate: new Date(NOW + (parts.offsetMs ?? 0)) });
  return {
    method: made.method,
    target: made.path,
    headers: lowered(made.headers),
    body: Buffer.from(parts.body ?? ''),
  };
}

async function presigned(parts: Parts, expiresIn: number): Promise<SignedRequest> {
  const signer = await signerOf(parts);
  const made = await signer.presign(toSign(parts), { signingDate: new Date(NOW + (parts.offsetMs ?? 0)), expiresIn });
  const query = Object.entries(made.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return {
    method: made.method,
    target: `${made.path}?${query.join('&')}`,
    headers: { host: 'localhost' },
    body: Buffer.alloc(0),
  };
}

function lowered(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

const ACCEPTED: readonly (readonly [name: string, request: () => Promise<SignedRequest>])[] = [
  ['a signature of now', () => signed({})],
  ['a session token', () => signed({ sessionToken: 'token+/=' })],
  ['a body', () => signed({ method: 'POST', body: '{"name":"é"}' })],
  ['a signature five minutes old', () => signed({ offsetMs: -5 * MINUTE })],
  ['a signature five minutes ahead', () => signed({ offsetMs: 5 * MINUTE })],
  ['a presigned GET', () => presigned({}, 60)],
  ['a presigned GET with a session token', () => presigned({ sessionToken: 'token+/=' }, 60)],
  ['a presigned GET in its last second', () => presigned({ offsetMs: -MINUTE }, 60)],
  ['a presigned GET of an hour, 59 minutes old', () => presigned({ offsetMs: -59 * MINUTE }, 3_600)],
  ['a presigned GET of seven days', () => presigned({}, 604_800)],
];

for (const [name, request] of ACCEPTED) {
  void test(`finds the caller of ${name}`, async () => {
    const result = authenticate(await request(), accounts, clock);
    assert.ok('caller' in result, 'message' in result ? result.message : '');
    assert.deepEqual(result.caller, {
      account: '111122223333',
      accessKeyId: 'AKIAONE',
      arn: 'arn:aws:iam::111122223333:root',
    });
    assert.deepEqual([result.claim.region, result.claim.service], ['eu-west-1', 'apigateway']);
  });
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
  'signing method. Consult the service documentation for details.';
const INVALID_TOKEN = 'The security token included in the request is invalid.';

const altered = async (request: Promise<SignedRequest>, change: Partial<SignedRequest>): Promise<SignedRequest> => ({
  ...(await request),
  ...change,
});
const withHeader = async (request: Promise<SignedRequest>, name: string, value: string | undefined) => {
  const { headers } = await request;
  return altered(request, { headers: { ...headers, [name]: value } });
};

type Refusal = readonly [name: string, request: () => Promise<SignedRequest>, kind: string, message: string];

const REFUSED: readonly Refusal[] = [
  ['no signature', () => withHeader(signed({}), 'authorization', undefined), 'missing', 'Missing Authentication Token'],
  [
    'another scheme',
    () => withHeader(signed({}), 'authorization', 'Bearer x'),
    'missing',
    'Missing Authentication Token',
  ],
  [
    'a header without parts',
    () => withHeader(signed({}), 'authorization', 'AWS4-HMAC-SHA256 Credential='),
    'incomplete',
    "Authorization requires 'Credential' parameter.",
  ],
  [
    'no date',
    () => withHeader(signed({}), 'x-amz-date', undefined),
    'incomplete',
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
  ],
  [
    'a query signature on a POST',
    () => presigned({ method: 'POST' }, 60),
    'incomplete',
    'A signature in the query string counts for GET only, not for POST.',
  ],
  [
    'a query signature on a DELETE',
    () => presigned({ method: 'DELETE' }, 60),
    'incomplete',
    'A signature in the query string counts for GET only, not for DELETE.',
  ],
  ['an unknown key', () => signed({ key: 'AKIATWO' }), 'unknown-key', INVALID_TOKEN],
  ['the development key', () => signed({ key: 'test', secret: 'test' }), 'unknown-key', INVALID_TOKEN],
  ['an unknown key out of time', () => signed({ key: 'AKIATWO', offsetMs: -6 * MINUTE }), 'unknown-key', INVALID_TOKEN],
  ['another secret', () => signed({ secret: 'secret-two' }), 'mismatch', MISMATCH],
  [
    'another body',
    () => altered(signed({ body: 'a', method: 'PUT' }), { body: Buffer.from('b') }),
    'mismatch',
    MISMATCH,
  ],
  ['another path', () => altered(signed({}), { target: '/v2/apis/x' }), 'mismatch', MISMATCH],
  ['an x-amz-* header that is not signed', () => withHeader(signed({}), 'x-amz-extra', '1'), 'mismatch', MISMATCH],
  [
    'a body of signed chunks',
    () =>
      signed({ body: 'a', method: 'PUT', headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' } }),
    'mismatch',
    MISMATCH,
  ],
  [
    'a signature more than five minutes old',
    () => signed({ offsetMs: -5 * MINUTE - 1_000 }),
    'expired',
    'Signature expired: 20260102T025904Z is now earlier than 20260102T025905Z (20260102T030405Z - 5 min.)',
  ],
  [
    'a signature more than five minutes ahead',
    () => signed({ offsetMs: 5 * MINUTE + 1_000 }),
    'expired',
    'Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)',
  ],
  [
    'a presigned GET more than five minutes ahead',
    () => presigned({ offsetMs: 5 * MINUTE + 1_000 }, 604_800),
    'expired',
    'Signature not yet current: 20260102T030906Z is still later than 20260102T030905Z (20260102T030405Z + 5 min.)',
  ],
];

for (const [name, request, unauthenticated, message] of REFUSED) {
  void test(`refuses ${name}`, async () => {
    assert.deepEqual(authenticate(await request(), accounts, clock), { unauthenticated, message });
  });
}

void test('refuses a presigned GET after its last second', async () => {
  const result = authenticate(await presigned({ offsetMs: -MINUTE - 1_000 }, 60), accounts, clock);
  assert.equal('unauthenticated' in result && result.unauthenticated, 'expired');
  assert.match(
    'message' in result ? result.message : '',
    /^Signature expired: 20260102T030304Z is now earlier than 20260102T030305Z/,
  );
});

void test('refuses a presigned GET of more than seven days, before it looks at the signature', async () => {
  // The SDK makes none, so one of seven days is made longer.
  const request = await presigned({}, 604_800);
  const result = authenticate({ ...request, target: request.target.replace('=604800', '=604801') }, accounts, clock);
  assert.deepEqual(result, { unauthenticated: 'expired', message: 'X-Amz-Expires must be less than 604800 seconds' });
});

void test('the development credentials are a caller of the account that the key names', async () => {
  for (const [key, account] of [
    ['test', '000000000000'],
    ['123456789012', '123456789012'],
  ] as const) {
    const result = authenticate(await signed({ key, secret: 'test' }), developmentIdentities, clock);
    assert.deepEqual('caller' in result && result.caller, {
      account,
      accessKeyId: key,
      arn: `arn:aws:iam::${account}:root`,
    });
  }
});
