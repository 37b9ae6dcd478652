// The control port refuses in the words of each service, before anything else happens: signatures, scopes, bodies, hosts and
// origins. Every refusal has a request id and one log line that names the step, and the process stays up.

import assert from 'node:assert/strict';
import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { eventually } from '../harness/eventually.ts';
import { startTestGateway } from '../harness/gateway.ts';

const MEBIBYTE = 1_048_576;
const BODY_MAX = 4 * MEBIBYTE;
const MINUTE_MS = 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const gateway = await startTestGateway({ after });
const [controlHost, controlPort] = gateway.ready.control[0]!.split(':') as [string, string];
const OWN_HOST = `${controlHost}:${controlPort}`;

// ---- requests as bytes, signed by hand ----

interface Request {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send({ method = 'GET', target, headers = {}, body = '' }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: controlHost, port: controlPort, method, path: target, headers, agent: false },
      (incoming) => {
        const { statusCode: status = 0, headers: received } = incoming;
        buffer(incoming).then((bytes) => resolve({ status, headers: received, text: bytes.toString() }), reject);
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

interface Signer {
  readonly service: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  readonly secret?: string;
  readonly atMs?: number;
}

/** The request with a SigV4 `Authorization` header. Targets here have nothing that would be encoded twice. */
function signed(request: Request, signer: Signer): Request {
  const { service, region = 'us-east-1', accessKeyId = 'test', secret = 'test', atMs = Date.now() } = signer;
  const { method = 'GET', target, body = '' } = request;
  const stamp = new Date(atMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = { host: OWN_HOST, 'x-amz-date': stamp, ...request.headers };
  const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const [path, query = ''] = target.split('?') as [string, string?];
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = [method, path, query, lines, names.join(';'), sha256(body)].join('\n');
  const scope = [stamp.slice(0, 8), region, service, 'aws4_request'];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope.join('/'), sha256(canonical)].join('\n')).toString(
    'hex',
  );
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

const GET_APIS: Request = { target: '/v2/apis' };
const LIST_ZONES: Request = { target: '/2013-04-01/hostedzone' };

function acm(operation: string, body: string | Buffer = '{}'): Request {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `CertificateManager.${operation}` };
  return { method: 'POST', target: '/', headers, body };
}

function createApi(body: string | Buffer): Request {
  return { method: 'POST', target: '/v2/apis', headers: { 'content-type': 'application/json' }, body };
}

function changeRecords(body: string): Request {
  return { method: 'POST', target: '/2013-04-01/hostedzone/Z0/rrset', body };
}

function moveClock(body: string): Request {
  return { method: 'POST', target: '/_sallyport/clock', body };
}

const FORM = {
  apigateway: { service: 'apigateway' },
  acm: { service: 'acm' },
  route53: { service: 'route53' },
  sallyport: { service: 'sallyport' },
} as const satisfies Record<string, Signer>;

void test('a request signed by hand is answered by each service', async () => {
  const apis = await send(signed(GET_APIS, FORM.apigateway));
  assert.deepEqual([apis.status, JSON.parse(apis.text)], [200, { items: [] }]);
  const certificates = await send(signed(acm('ListCertificates'), FORM.acm));
  assert.deepEqual([certificates.status, JSON.parse(certificates.text)], [200, { CertificateSummaryList: [] }]);
  const zones = await send(signed(LIST_ZONES, FORM.route53));
  assert.equal(zones.status, 200);
  assert.match(zones.text, /<ListHostedZonesResponse /);
});

void test('a signature within five minutes of now counts, before and after', async () => {
  for (const minutes of [-4, 4]) {
    const answer = await send(signed(GET_APIS, { ...FORM.apigateway, atMs: Date.now() + minutes * MINUTE_MS }));
    assert.equal(answer.status, 200, `${minutes} minutes from now: ${answer.text}`);
  }
});

// ---- refusals ----

type Step = 'foreign-request' | 'read' | 'service' | 'route' | 'signature' | 'input' | 'operation' | 'operator';

interface Refusal {
  readonly name: string;
  readonly request: () => Request;
  readonly status: number;
  /** As the service spells it on the wire. */
  readonly code: string;
  readonly step: Step;
  readonly message: RegExp;
}

const ago = (minutes: number) => Date.now() - minutes * MINUTE_MS;
const MISMATCH = /^The request signature we calculated does not match the signature you provided\./;

const SIGNATURES: readonly Refusal[] = [
  {
    name: 'a signature of another secret, to API Gateway',
    request: () => signed(GET_APIS, { ...FORM.apigateway, secret: 'guess' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'a signature of another secret, to ACM',
    request: () => signed(acm('ListCertificates'), { ...FORM.acm, secret: 'guess' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'a signature of another secret, to Route 53',
    request: () => signed(LIST_ZONES, { ...FORM.route53, secret: 'guess' }),
    status: 403,
    code: 'SignatureDoesNotMatch',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'a body that was changed after signing',
    request: () => ({ ...signed(createApi('{"name":"a"}'), FORM.apigateway), body: '{"name":"b"}' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'a target that was changed after signing',
    request: () => ({ ...signed(GET_APIS, FORM.apigateway), target: '/v2/domainnames' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'an access key that does not exist, to API Gateway',
    request: () => signed(GET_APIS, { ...FORM.apigateway, accessKeyId: 'AKIDNOBODY' }),
    status: 403,
    code: 'UnrecognizedClientException',
    step: 'signature',
    message: /^The security token included in the request is invalid\.$/,
  },
  {
    name: 'an access key that does not exist, to Route 53',
    request: () => signed(LIST_ZONES, { ...FORM.route53, accessKeyId: 'AKIDNOBODY' }),
    status: 403,
    code: 'InvalidClientTokenId',
    step: 'signature',
    message: /^The security token included in the request is invalid\.$/,
  },
  {
    name: 'a signature of six minutes ago',
    request: () => signed(GET_APIS, { ...FORM.apigateway, atMs: ago(6) }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z /,
  },
  {
    name: 'a signature of six minutes from now',
    request: () => signed(acm('ListCertificates'), { ...FORM.acm, atMs: ago(-6) }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z /,
  },
  {
    name: 'no signature, to API Gateway',
    request: () => GET_APIS,
    status: 403,
    code: 'MissingAuthenticationTokenException',
    step: 'signature',
    message: /^Missing Authentication Token$/,
  },
  {
    name: 'no signature, to ACM',
    request: () => acm('ListCertificates'),
    status: 403,
    code: 'MissingAuthenticationTokenException',
    step: 'signature',
    message: /^Missing Authentication Token$/,
  },
  {
    name: 'no signature, to Route 53',
    request: () => LIST_ZONES,
    status: 403,
    code: 'MissingAuthenticationToken',
    step: 'signature',
    message: /^Missing Authentication Token$/,
  },
  {
    name: 'a signature without a date',
    request: () => {
      const { 'x-amz-date': _, ...headers } = signed(GET_APIS, FORM.apigateway).headers!;
      return { ...GET_APIS, headers };
    },
    status: 400,
    code: 'IncompleteSignatureException',
    step: 'signature',
    message: /'X-Amz-Date'/,
  },
  {
    name: 'a signature in the query string of a POST',
    request: () => ({
      ...createApi('{}'),
      target:
        '/v2/apis?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fapigateway%2Faws4_request' +
        '&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00',
    }),
    status: 400,
    code: 'IncompleteSignatureException',
    step: 'signature',
    message: /counts for GET only/,
  },
  {
    name: 'a signature for another service',
    request: () => signed(GET_APIS, { service: 's3' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Credential should be scoped to correct service: 'apigateway'\.$/,
  },
  {
    name: 'a target of ACM under a signature for API Gateway',
    request: () => signed(acm('ListCertificates'), FORM.apigateway),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Credential should be scoped to correct service: 'acm'\.$/,
  },
  {
    name: 'a signature for something that is no region',
    request: () => signed(GET_APIS, { ...FORM.apigateway, region: 'nowhere' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Credential should be scoped to a valid region, not 'nowhere'\.$/,
  },
];

const OPERATIONS: readonly Refusal[] = [
  {
    name: 'a path of no service',
    request: () => ({ target: '/' }),
    status: 404,
    code: 'UnknownOperationException',
    step: 'service',
    message: /^GET \/ is for no service of this port\./,
  },
  {
    name: 'an operation that API Gateway does not have',
    request: () => signed({ target: '/v2/nothings' }, FORM.apigateway),
    status: 404,
    code: 'UnknownOperationException',
    step: 'route',
    message: /'GET \/v2\/nothings'/,
  },
  {
    name: 'a method that a path does not have',
    request: () => signed({ method: 'PUT', target: '/v2/domainnames' }, FORM.apigateway),
    status: 404,
    code: 'UnknownOperationException',
    step: 'route',
    message: /'PUT \/v2\/domainnames'/,
  },
  {
    name: 'a path that is not UTF-8',
    request: () => signed({ target: '/v2/apis/%FF' }, FORM.apigateway),
    status: 404,
    code: 'UnknownOperationException',
    step: 'route',
    message: /'GET \/v2\/apis\/%FF'/,
  },
  {
    name: 'an operation that ACM does not have',
    request: () => signed(acm('MakeCertificate'), FORM.acm),
    status: 404,
    code: 'UnknownOperationException',
    step: 'route',
    message: /'CertificateManager\.MakeCertificate'/,
  },
  {
    name: 'an operation that Route 53 does not have',
    request: () => signed({ target: '/2013-04-01/nothing' }, FORM.route53),
    status: 404,
    code: 'InvalidAction',
    step: 'route',
    message: /'GET \/2013-04-01\/nothing'/,
  },
  {
    name: 'an operation of API Gateway that is not available here',
    request: () => signed({ method: 'GET', target: '/v2/domainnames/a/routingrules' }, FORM.apigateway),
    status: 501,
    code: 'NotImplemented',
    step: 'operation',
    message: /^ListRoutingRules is not available/,
  },
  {
    name: 'an operation of ACM that is not available here',
    request: () => signed(acm('RevokeCertificate'), FORM.acm),
    status: 501,
    code: 'NotImplemented',
    step: 'operation',
    message: /^RevokeCertificate is not available/,
  },
  {
    name: 'an operation of Route 53 that is not available here',
    request: () => signed({ target: '/2013-04-01/healthcheckcount' }, FORM.route53),
    status: 501,
    code: 'NotImplemented',
    step: 'operation',
    message: /^GetHealthCheckCount is not available/,
  },
  {
    name: 'what does not exist',
    request: () => signed({ target: '/v2/apis/nosuchapi0' }, FORM.apigateway),
    status: 404,
    code: 'NotFoundException',
    step: 'operation',
    message: /^Invalid API identifier specified 000000000000:nosuchapi0$/,
  },
];

const BODIES: readonly Refusal[] = [
  {
    name: 'JSON that does not parse, to API Gateway',
    request: () => signed(createApi('{"name": '), FORM.apigateway),
    status: 400,
    code: 'BadRequestException',
    step: 'input',
    message: /^The request body is not JSON: /,
  },
  {
    name: 'JSON that is no object',
    request: () => signed(createApi('[]'), FORM.apigateway),
    status: 400,
    code: 'BadRequestException',
    step: 'input',
    message: /^The request body must be a JSON object\.$/,
  },
  {
    name: 'a body that is not UTF-8',
    request: () => signed(createApi(Buffer.from('7b226e616d65223a22fffe227d', 'hex')), FORM.apigateway),
    status: 400,
    code: 'BadRequestException',
    step: 'input',
    message: /^The request body is not UTF-8$/,
  },
  {
    name: 'a member of another type',
    request: () => signed(createApi('{"name":5,"protocolType":"WEBSOCKET"}'), FORM.apigateway),
    status: 400,
    code: 'BadRequestException',
    step: 'input',
    message: /^Name must be a string$/,
  },
  {
    name: 'a body without the members that are required',
    request: () => signed(createApi('{}'), FORM.apigateway),
    status: 400,
    code: 'BadRequestException',
    step: 'input',
    message:
      /^2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; /,
  },
  {
    name: 'JSON that does not parse, to ACM',
    request: () => signed(acm('ListCertificates', '{'), FORM.acm),
    status: 400,
    code: 'SerializationException',
    step: 'input',
    message: /^The request body is not JSON: /,
  },
  {
    name: 'a required member that is missing, to ACM',
    request: () => signed(acm('RequestCertificate'), FORM.acm),
    status: 400,
    code: 'ValidationException',
    step: 'input',
    message: /^1 validation error detected: Value null at 'domainName' failed to satisfy constraint: /,
  },
  {
    name: 'XML that does not parse',
    request: () => signed(changeRecords('<ChangeResourceRecordSetsRequest>'), FORM.route53),
    status: 400,
    code: 'MalformedInput',
    step: 'input',
    message: /^Invalid XML ; /,
  },
  {
    name: 'no XML where it is required',
    request: () => signed(changeRecords(''), FORM.route53),
    status: 400,
    code: 'InvalidInput',
    step: 'input',
    message: /Value null at 'changeBatch' failed to satisfy constraint: Member must not be null/,
  },
  {
    name: 'a body that is declared one byte over 4 MiB, unread',
    request: () => ({ ...createApi(''), headers: { 'content-length': String(BODY_MAX + 1) } }),
    status: 413,
    code: 'RequestEntityTooLargeException',
    step: 'read',
    message: /^The request body of 4194305 bytes exceeds 4194304\.$/,
  },
  {
    name: 'a body that turns out one byte over 4 MiB',
    request: () => ({ ...createApi(Buffer.alloc(BODY_MAX + 1)), headers: { 'transfer-encoding': 'chunked' } }),
    status: 413,
    code: 'RequestEntityTooLargeException',
    step: 'read',
    message: /^The request body of more than 4194304 bytes exceeds 4194304\.$/,
  },
];

/** Signed as the host that each names, so that the host alone is wrong. */
const FOREIGN: readonly Refusal[] = [
  {
    name: 'a Host that is not of this port',
    request: () => signed({ ...GET_APIS, headers: { host: 'rebound.example.com' } }, FORM.apigateway),
    status: 403,
    code: 'ForeignRequestException',
    step: 'foreign-request',
    message: /^The Host 'rebound\.example\.com' is not a name of this control port\./,
  },
  {
    name: 'a foreign Host, even for what is open',
    request: () => ({ target: '/_sallyport/health', headers: { host: 'rebound.example.com' } }),
    status: 403,
    code: 'ForeignRequestException',
    step: 'foreign-request',
    message: /^The Host 'rebound\.example\.com' is not a name of this control port\./,
  },
  {
    name: 'an Origin of another site',
    request: () => signed({ ...GET_APIS, headers: { origin: 'https://example.com' } }, FORM.apigateway),
    status: 403,
    code: 'ForeignRequestException',
    step: 'foreign-request',
    message: /the Origin 'https:\/\/example\.com' is foreign\.$/,
  },
  {
    name: 'a page of another site that sends no Origin',
    request: () => signed({ ...GET_APIS, headers: { 'sec-fetch-site': 'cross-site' } }, FORM.apigateway),
    status: 403,
    code: 'ForeignRequestException',
    step: 'foreign-request',
    message: /Sec-Fetch-Site is 'cross-site'\.$/,
  },
];

const OPERATOR: readonly Refusal[] = [
  {
    name: 'moving the clock without a signature',
    request: () => moveClock('{"advance":"10m"}'),
    status: 403,
    code: 'MissingAuthenticationTokenException',
    step: 'signature',
    message: /^Missing Authentication Token$/,
  },
  {
    name: 'moving the clock with a signature of another secret',
    request: () => signed(moveClock('{"advance":"10m"}'), { ...FORM.sallyport, secret: 'guess' }),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: MISMATCH,
  },
  {
    name: 'moving the clock with a signature for API Gateway',
    request: () => signed(moveClock('{"advance":"10m"}'), FORM.apigateway),
    status: 403,
    code: 'InvalidSignatureException',
    step: 'signature',
    message: /^Credential should be scoped to correct service: 'sallyport'\.$/,
  },
  {
    name: 'moving a clock that is real',
    request: () => signed(moveClock('{"advance":"10m"}'), FORM.sallyport),
    status: 400,
    code: 'BadRequestException',
    step: 'operator',
    message: /--clock movable/,
  },
  {
    name: "a page that the operator's surface does not have",
    request: () => ({ target: '/_sallyport/nothing' }),
    status: 501,
    code: 'NotImplemented',
    step: 'operator',
    message: /^GET \/_sallyport\/nothing is not available\. There are: /,
  },
];

/** The error as the body and headers tell it, in either language. */
function errorOf({ headers, text }: Answer): { code: string; message: string } {
  if (text.startsWith('<')) {
    const inside = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(text)?.[1] ?? '';
    return { code: inside('Code'), message: inside('Message').replaceAll('&#39;', "'") };
  }
  const body = JSON.parse(text) as { __type?: string; message: string };
  if (body.__type !== undefined) assert.equal(body.__type, headers['x-amzn-errortype']);
  return { code: String(headers['x-amzn-errortype']), message: body.message };
}

const requestIds = new Set<string>();

for (const row of [...SIGNATURES, ...OPERATIONS, ...BODIES, ...FOREIGN, ...OPERATOR]) {
  void test(`refuses ${row.name} at the step ${row.step}`, async () => {
    const answer = await send(row.request());
    const { code, message } = errorOf(answer);
    assert.deepEqual([answer.status, code], [row.status, row.code], answer.text);
    assert.match(message, row.message);

    const requestId = String(answer.headers['x-amzn-requestid']);
    assert.match(requestId, UUID);
    assert.equal(requestIds.has(requestId), false, 'a request id of its own');
    requestIds.add(requestId);
    if (answer.text.startsWith('<'))
      assert.ok(answer.text.includes(`<RequestId>${requestId}</RequestId>`), answer.text);
    const line = await eventually(`the log tells of request ${requestId}`, () =>
      gateway.logged().find((one) => one['requestId'] === requestId),
    );
    assert.deepEqual(
      { message: line['message'], step: line['step'], reason: line['reason'] },
      { message: 'control request refused', step: row.step, reason: message },
    );
  });
}

void test('a client that sends all of a body over 4 MiB reads the 413', async () => {
  const body = Buffer.alloc(BODY_MAX + 1);
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    const { status } = await send({ ...createApi(body), headers: { 'content-length': String(body.length) } });
    assert.equal(status, 413, `attempt ${attempt}`);
  }
});

void test('a body of 4 MiB is read', async () => {
  const body = `{"name":"${'n'.repeat(BODY_MAX - 11)}"}`;
  assert.equal(body.length, BODY_MAX);
  const answer = await send(signed(createApi(body), FORM.apigateway));
  assert.equal(answer.status, 400);
  assert.match(errorOf(answer).message, /at 'name' failed to satisfy constraint: Member must have length less than/);
});

// ---- what is open ----

const HEALTH = {
  status: 'ok',
  services: {
    apigatewayv2: 'running',
    apigateway: 'running',
    acm: 'running',
    route53: 'running',
    sts: 'running',
    lambda: 'running',
    apigatewaymanagementapi: 'running',
  },
};

for (const target of ['/_sallyport/health', '/_localstack/health']) {
  void test(`${target} is open, and names the services`, async () => {
    const { status, headers, text } = await send({ target });
    assert.equal(status, 200);
    assert.match(String(headers['x-amzn-requestid']), UUID);
    const { version, ...rest } = JSON.parse(text) as Record<string, unknown>;
    assert.match(String(version), /^\d+\.\d+\.\d+/);
    assert.deepEqual(rest, HEALTH);
  });
}

void test('/_sallyport/ready is open, and its revision grows with every change', async () => {
  const look = async () => JSON.parse((await send({ target: '/_sallyport/ready' })).text) as Record<string, unknown>;
  const before = await look();
  assert.deepEqual([before['ready'], before['openConnections']], [true, 0]);
  const api = '{"name":"n","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action"}';
  assert.equal((await send(signed(createApi(api), FORM.apigateway))).status, 201);
  assert.ok(Number((await look())['revision']) > Number(before['revision']));
});

void test("/_sallyport/ca.pem is open, and is the local authority's root", async () => {
  const { status, headers, text } = await send({ target: '/_sallyport/ca.pem' });
  assert.deepEqual([status, headers['content-type']], [200, 'application/x-pem-file']);
  const root = new X509Certificate(text);
  assert.equal(root.ca, true);
  assert.ok(root.verify(root.publicKey), 'signed by itself');
});

void test('the host names of this machine are welcome, with any port', async () => {
  for (const host of ['localhost', 'localhost:4566', 'gateway.localhost', '127.0.0.1', '[::1]:4566']) {
    const answer = await send(signed({ ...GET_APIS, headers: { host } }, FORM.apigateway));
    assert.equal(answer.status, 200, `${host}: ${answer.text}`);
  }
});

void test('a page of this port is welcome', async () => {
  const headers = { origin: `http://${OWN_HOST}`, 'sec-fetch-site': 'same-origin' };
  assert.equal((await send({ target: '/_sallyport/health', headers })).status, 200);
});

void test('after all of that the process is the same one, and nothing failed that was not foreseen', async () => {
  const answer = await send(signed(GET_APIS, FORM.apigateway));
  assert.equal(answer.status, 200);
  assert.deepEqual([gateway.child.exitCode, gateway.child.signalCode], [null, null]);
  const unforeseen = gateway.logged().filter((line) => line['level'] === 'error');
  assert.deepEqual(unforeseen, []);
});
