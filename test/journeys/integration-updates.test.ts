// Integrations of all five types and their responses: what each must have, what is derived from its type, what a PATCH changes, clears
// and leaves alone, and what is refused by name.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { ask, makeApi as deployApi, mock, openSocket, pathForm } from '../harness/sockets.ts';

const ACCOUNT = '000000000000';
const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;

const { ApiId } = await api.send(
  new v2.CreateApiCommand({ Name: 'a', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
);
const { ApiId: HttpApiId } = await api.send(new v2.CreateApiCommand({ Name: 'http', ProtocolType: 'HTTP' }));

const invocations = (functionArn: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:chat`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/path/caller`;
const URL_OF_BACKEND = 'https://backend.example.com/';

type Input = Omit<v2.CreateIntegrationCommandInput, 'ApiId' | 'IntegrationType'> & { IntegrationType?: string };
const create = async (input: Input) =>
  withoutMetadata(
    await api.send(new v2.CreateIntegrationCommand({ ApiId, ...input } as v2.CreateIntegrationCommandInput)),
  );
const update = async (IntegrationId: string | undefined, input: object) =>
  withoutMetadata(await api.send(new v2.UpdateIntegrationCommand({ ApiId, IntegrationId, ...input })));
const read = async (IntegrationId: string | undefined) =>
  withoutMetadata(await api.send(new v2.GetIntegrationCommand({ ApiId, IntegrationId })));

const COMMON = {
  ConnectionType: 'INTERNET',
  PassthroughBehavior: 'WHEN_NO_MATCH',
  PayloadFormatVersion: '1.0',
  TimeoutInMillis: 29_000,
};
const BY_STATUS = { IntegrationResponseSelectionExpression: '${integration.response.statuscode}' };
const BY_ERROR = { IntegrationResponseSelectionExpression: '${integration.response.body.errorMessage}' };

// ---- the five types ----

const TYPES: readonly (readonly [name: string, input: Input, more: object])[] = [
  ['MOCK', { IntegrationType: 'MOCK' }, BY_STATUS],
  ['HTTP', { IntegrationType: 'HTTP', IntegrationMethod: 'PUT', IntegrationUri: URL_OF_BACKEND }, BY_STATUS],
  ['HTTP_PROXY', { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'GET', IntegrationUri: URL_OF_BACKEND }, {}],
  ['AWS', { IntegrationType: 'AWS', IntegrationMethod: 'POST', IntegrationUri: invocations(FUNCTION) }, BY_ERROR],
  ['AWS_PROXY', { IntegrationType: 'AWS_PROXY', IntegrationUri: invocations(FUNCTION) }, { IntegrationMethod: 'POST' }],
  [
    'AWS_PROXY of an alias, with credentials',
    { IntegrationType: 'AWS_PROXY', IntegrationUri: invocations(`${FUNCTION}:live`), CredentialsArn: ROLE },
    { IntegrationMethod: 'POST' },
  ],
  [
    'AWS_PROXY as the caller',
    { IntegrationType: 'AWS_PROXY', IntegrationUri: invocations(FUNCTION), CredentialsArn: 'arn:aws:iam::*:user/*' },
    { IntegrationMethod: 'POST' },
  ],
  [
    'AWS_PROXY of a function that a stage variable names',
    { IntegrationType: 'AWS_PROXY', IntegrationUri: invocations(FUNCTION.replace('chat', '${stageVariables.name}')) },
    { IntegrationMethod: 'POST' },
  ],
  [
    'AWS_PROXY of a function that is a stage variable',
    { IntegrationType: 'AWS_PROXY', IntegrationUri: invocations('${stageVariables.arn}') },
    { IntegrationMethod: 'POST' },
  ],
  [
    'HTTP to a URL that begins with a stage variable, converted to text',
    {
      IntegrationType: 'HTTP',
      IntegrationMethod: 'POST',
      IntegrationUri: '${stageVariables.backend}/a',
      ContentHandlingStrategy: 'CONVERT_TO_TEXT',
    },
    BY_STATUS,
  ],
];

for (const [name, input, more] of TYPES) {
  void test(`an integration of ${name} has what it was given and what its type says`, async () => {
    const { IntegrationId, ...made } = await create(input);
    assert.deepEqual(made, { ...COMMON, ...more, ...input });
    assert.deepEqual(await read(IntegrationId), { IntegrationId, ...made });
  });
}

// ---- PATCH ----

void test('UpdateIntegration changes what it names and leaves the rest alone', async () => {
  const before = await create({
    IntegrationType: 'HTTP',
    IntegrationMethod: 'POST',
    IntegrationUri: URL_OF_BACKEND,
    Description: 'the first',
    CredentialsArn: ROLE,
    TemplateSelectionExpression: '${request.body.kind}',
    RequestTemplates: { kept: '{}', removed: '{}' },
    RequestParameters: { 'integration.request.header.kept': "'1'", 'integration.request.header.removed': "'2'" },
  });
  assert.deepEqual(await update(before.IntegrationId, {}), before);
  const after = await update(before.IntegrationId, {
    TimeoutInMillis: 50,
    PassthroughBehavior: 'NEVER',
    ContentHandlingStrategy: 'CONVERT_TO_BINARY',
    Description: '',
    CredentialsArn: '',
    RequestTemplates: { removed: '', added: '$input.body' },
    RequestParameters: {
      'integration.request.header.removed': '',
      'integration.request.querystring.id': 'context.requestId',
    },
  });
  const { Description: _, CredentialsArn: __, ...rest } = before;
  assert.deepEqual(after, {
    ...rest,
    TimeoutInMillis: 50,
    PassthroughBehavior: 'NEVER',
    ContentHandlingStrategy: 'CONVERT_TO_BINARY',
    RequestTemplates: { kept: '{}', added: '$input.body' },
    RequestParameters: {
      'integration.request.header.kept': "'1'",
      'integration.request.querystring.id': 'context.requestId',
    },
  });
  assert.deepEqual(await read(before.IntegrationId), after);
});

void test('an integration may change its type when what it has makes sense then', async () => {
  const { IntegrationId } = await create({ IntegrationType: 'MOCK' });
  const bare = await refusalOf(update(IntegrationId, { IntegrationType: 'HTTP_PROXY' }));
  assert.deepEqual(bare, badRequest('IntegrationUri is required for integrations of type HTTP_PROXY.'));
  const changes = { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'POST', IntegrationUri: URL_OF_BACKEND };
  assert.deepEqual(await update(IntegrationId, changes), { IntegrationId, ...COMMON, ...changes });
  const wrong = await refusalOf(update(IntegrationId, { IntegrationType: 'AWS_PROXY' }));
  assert.deepEqual(wrong, badRequest('Invalid ARN specified in the request'));
});

void test('an update is served after the next deployment, by open sockets too', async () => {
  const chat = await deployApi(gateway.clients, { $default: { target: mock('first'), isTwoWay: true } });
  const { Items } = await api.send(new v2.GetIntegrationsCommand({ ApiId: chat.apiId }));
  const inIntegration = { ApiId: chat.apiId, IntegrationId: Items![0]!.IntegrationId };
  const { Items: responses } = await api.send(new v2.GetIntegrationResponsesCommand(inIntegration));
  const client = await openSocket(gateway, pathForm(gateway, chat));
  assert.equal(await ask(client, 'hello'), 'first');
  const { IntegrationResponseId } = responses![0]!;
  const ResponseTemplates = { $default: 'second' };
  await api.send(
    new v2.UpdateIntegrationResponseCommand({ ...inIntegration, IntegrationResponseId, ResponseTemplates }),
  );
  assert.equal(await ask(client, 'hello'), 'first', 'a deployment is frozen');
  await api.send(new v2.CreateDeploymentCommand({ ApiId: chat.apiId, StageName: chat.stage }));
  assert.equal(await ask(client, 'hello'), 'second');
  client.socket.close();
});

// ---- what is refused, whichever way it is reached ----

const BAD = 'BadRequestException';
const NOT_YET = 'NotImplemented';
const PROXY_TO_LAMBDA =
  "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.";
const lambda = (IntegrationUri: string) => ({ IntegrationType: 'AWS_PROXY', IntegrationUri });
const aws = (service: string) => ({
  IntegrationType: 'AWS',
  IntegrationMethod: 'POST',
  IntegrationUri: `arn:aws:apigateway:us-east-1:${service}`,
});
const service = (place: string, more: object = {}) => ({ ...aws(place), CredentialsArn: ROLE, ...more });
const backend = (more: object) => ({
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'POST',
  IntegrationUri: URL_OF_BACKEND,
  ...more,
});

type Refused = readonly [name: string, input: Input, error: string, message: string | RegExp];
// -- One refusal a line: it is read as a table.
// prettier-ignore
const REFUSALS: readonly Refused[] = [
  ['HTTP without a URL', backend({ IntegrationUri: undefined, IntegrationType: 'HTTP' }), BAD, /^IntegrationUri is required/],
  ['HTTP without a method', backend({ IntegrationMethod: undefined }), BAD, /^IntegrationMethod must be one of /],
  ['a method that does not exist', backend({ IntegrationMethod: 'BREW' }), BAD, /is 'BREW'/],
  ['HTTP to what is no URL', backend({ IntegrationUri: invocations(FUNCTION) }), BAD, /^Invalid HTTP endpoint /],
  ['a function by its bare ARN', lambda(FUNCTION), BAD, 'AWS ARN for integration must contain path or action'],
  ['an ARN without path or action', lambda('arn:aws:apigateway:us-east-1:lambda:functions'), BAD, 'AWS ARN for integration must contain path or action'],
  ['a URL for a function', lambda(URL_OF_BACKEND), BAD, 'Invalid ARN specified in the request'],
  ['a path of Lambda that is no invocation', lambda('arn:aws:apigateway:us-east-1:lambda:path/functions'), BAD, 'Invalid ARN specified in the request'],
  ['what is no function', lambda(invocations('chat')), BAD, "Invalid function ARN: 'chat'"],
  ['a function of another account', lambda(invocations(FUNCTION.replace(ACCOUNT, '111122223333'))), BAD, /of the account of its Api, 000000000000, and is of 111122223333/],
  ['AWS_PROXY to another service', lambda('arn:aws:apigateway:us-east-1:sqs:path/000000000000/queue'), BAD, PROXY_TO_LAMBDA],
  ['AWS to a service that cannot be called', service('s3:path/bucket/key'), NOT_YET, /^The service 's3' .*there are lambda, dynamodb, events, /],
  ['AWS to a service by a stage variable', service('${stageVariables.service}:path/a'), BAD, 'Invalid ARN specified in the request'],
  ['AWS to DynamoDB without a role', service('dynamodb:action/PutItem', { CredentialsArn: undefined }), BAD, 'Role ARN must be specified for AWS integrations'],
  ['AWS to SQS as whoever connected', service('sqs:path/000000000000/queue', { CredentialsArn: 'arn:aws:iam::*:user/*' }), NOT_YET, /^CredentialsArn of the caller /],
  ['AWS to SQS under a role of another account', service('sqs:path/0/queue', { CredentialsArn: ROLE.replace(ACCOUNT, '111122223333') }), BAD, 'Cross-account pass role is not allowed.'],
  ['AWS to SQS with neither path nor action', service('sqs:queue'), BAD, 'AWS ARN for integration must contain path or action'],
  ['an action that is none', service('dynamodb:action/Put Item'), BAD, 'Invalid ARN specified in the request'],
  ['a region that is none', service('sqs:path/queue', { IntegrationUri: 'arn:aws:apigateway:evil.example:sqs:path/queue' }), BAD, 'Invalid ARN specified in the request'],
  ['a VPC link that there is not', backend({ ConnectionType: 'VPC_LINK', ConnectionId: 'abcdef' }), BAD, 'Invalid VpcLink identifier specified abcdef'],
  ['a function over a VPC link', { ...lambda(invocations(FUNCTION)), ConnectionType: 'VPC_LINK', ConnectionId: 'abcdef' }, BAD, /^ConnectionType VPC_LINK is for /],
  ['a connection without a VPC link', backend({ ConnectionId: 'abcdef' }), BAD, /^ConnectionId cannot be set /],
  ['payload format 2.0', backend({ PayloadFormatVersion: '2.0' }), BAD, /must be 1\.0 .* '2\.0'/],
  ['an integration subtype', backend({ IntegrationSubtype: 'SQS-SendMessage' }), BAD, 'IntegrationSubtype cannot be set for WEBSOCKET protocol Apis.'],
  ['TLS of HTTP APIs', backend({ TlsConfig: { ServerNameToVerify: 'a' } }), BAD, 'TlsConfig cannot be set for WEBSOCKET protocol Apis.'],
  ['response parameters of HTTP APIs', backend({ ResponseParameters: {} }), BAD, 'ResponseParameters cannot be set for WEBSOCKET protocol Apis.'],
  ['what is no role', backend({ CredentialsArn: 'me' }), BAD, 'Invalid ARN specified in the request'],
  ['a role of another account', backend({ CredentialsArn: ROLE.replace(ACCOUNT, '111122223333') }), BAD, 'Cross-account pass role is not allowed.'],
  ['a timeout of 30 s', backend({ TimeoutInMillis: 30_000 }), BAD, /29000 ms, and is 30000 ms/],
  ['a parameter that leads nowhere', backend({ RequestParameters: { 'method.request.header.a': "'1'" } }), BAD, /^Invalid mapping expression /],
  ['a header that the gateway sets', backend({ RequestParameters: { 'integration.request.header.Host': "'a'" } }), BAD, /Host is set by the gateway/],
  ['a template expression of the answer', backend({ TemplateSelectionExpression: '$integration.response.statuscode' }), BAD, /^Invalid TemplateSelectionExpression: /],
];

const { IntegrationId: refusedId, ...untouched } = await create({ IntegrationType: 'MOCK' });
for (const [name, input, error, message] of REFUSALS) {
  for (const [operation, call] of [
    ['CreateIntegration', () => create(input)],
    ['UpdateIntegration', () => update(refusedId, input)],
  ] as const) {
    void test(`${operation} refuses ${name}`, async () => {
      const refusal = await refusalOf(call());
      assert.deepEqual([refusal.name, refusal.status], [error, error === NOT_YET ? 501 : 400], refusal.message);
      if (typeof message === 'string') assert.equal(refusal.message, message);
      else assert.match(refusal.message, message);
      assert.deepEqual(await read(refusedId), { IntegrationId: refusedId, ...untouched }, 'nothing was changed');
    });
  }
}

void test('an integration of an HTTP Api is a proxy, and of no use here', async () => {
  const ofHttp = (IntegrationType: 'MOCK' | 'HTTP_PROXY') =>
    refusalOf(api.send(new v2.CreateIntegrationCommand({ ApiId: HttpApiId, IntegrationType })));
  assert.deepEqual(
    await ofHttp('MOCK'),
    badRequest(
      'Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)',
    ),
  );
  assert.deepEqual((await ofHttp('HTTP_PROXY')).status, 501);
});

// ---- responses ----

const responseOf = await create({ IntegrationType: 'MOCK' });
const inIntegration = { ApiId, IntegrationId: responseOf.IntegrationId };
const createResponse = async (IntegrationResponseKey: string, more: object = {}) =>
  withoutMetadata(
    await api.send(new v2.CreateIntegrationResponseCommand({ ...inIntegration, IntegrationResponseKey, ...more })),
  );
const updateResponse = async (IntegrationResponseId: string | undefined, changes: object) =>
  withoutMetadata(
    await api.send(new v2.UpdateIntegrationResponseCommand({ ...inIntegration, IntegrationResponseId, ...changes })),
  );

void test('UpdateIntegrationResponse changes what it names and leaves the rest alone', async () => {
  const before = await createResponse('/2\\d\\d/', {
    ContentHandlingStrategy: 'CONVERT_TO_TEXT',
    TemplateSelectionExpression: '${integration.response.statuscode}-${request.body.kind}',
    ResponseTemplates: { kept: 'a', removed: 'b' },
    ResponseParameters: { 'method.response.header.a': 'integration.response.header.a' },
  });
  assert.deepEqual(await updateResponse(before.IntegrationResponseId, {}), before);
  const changes = {
    IntegrationResponseKey: '/3\\d\\d/',
    TemplateSelectionExpression: '${integration.response.multivalueheader.X-Kind}',
    ResponseTemplates: { removed: '', added: '$input.path("$")' },
    ResponseParameters: { 'method.response.header.a': '' },
  };
  const after = await updateResponse(before.IntegrationResponseId, changes);
  const ResponseTemplates = { kept: 'a', added: '$input.path("$")' };
  assert.deepEqual(after, { ...before, ...changes, ResponseTemplates, ResponseParameters: {} });
  const got = new v2.GetIntegrationResponseCommand({
    ...inIntegration,
    IntegrationResponseId: before.IntegrationResponseId,
  });
  assert.deepEqual(withoutMetadata(await api.send(got)), after);
});

const refusedResponse = await createResponse('/refused/');
const RESPONSE_REFUSALS: readonly (readonly [name: string, input: object, message: RegExp])[] = [
  ['a status without slashes', { IntegrationResponseKey: '200' }, /^Invalid IntegrationResponseKey '200': expected /],
  ['a pattern that is none', { IntegrationResponseKey: '/(/' }, /missing closing \)/],
  ['a look-ahead', { IntegrationResponseKey: '/(?=a)a/' }, /not a regular expression of RE2/],
  ['an expression of the context', { TemplateSelectionExpression: '$context.a' }, /'context\.a'/],
  [
    'a parameter that is no header',
    { ResponseParameters: { 'method.response.body': "'a'" } },
    /'method\.response\.body'/,
  ],
  ['a template over 300 KiB', { ResponseTemplates: { a: 'a'.repeat(307_201) } }, /307201 bytes, at most 307200/],
];

for (const [name, input, message] of RESPONSE_REFUSALS) {
  void test(`a response is refused with ${name}`, async () => {
    const { IntegrationResponseKey = '/new/' } = input as { IntegrationResponseKey?: string };
    for (const call of [
      createResponse(IntegrationResponseKey, input),
      updateResponse(refusedResponse.IntegrationResponseId, input),
    ]) {
      const refusal = await refusalOf(call);
      assert.deepEqual([refusal.name, refusal.status], [BAD, 400]);
      assert.match(refusal.message, message);
    }
  });
}

void test('a response cannot take another’s key, and is found in its own integration alone', async () => {
  await createResponse('/taken/');
  const id = refusedResponse.IntegrationResponseId;
  const taken = await refusalOf(updateResponse(id, { IntegrationResponseKey: '/taken/' }));
  assert.deepEqual(taken, conflict('IntegrationResponse with key /taken/ already exists for this Integration'));
  const request = { ApiId, IntegrationId: refusedId, IntegrationResponseId: id };
  const foreign = await refusalOf(api.send(new v2.UpdateIntegrationResponseCommand(request)));
  assert.deepEqual(foreign, notFound(`Invalid IntegrationResponse identifier specified ${id}`));
});
