// REQUEST authorizers: the operations, what a function is told, who is let in, what stays known for the life of the socket; and every way
// in which one can go wrong, none of which lets anybody in (websocket-apis 1.8, 2.5, 6.1–6.3).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { functionArn, invocationsOf, startLambdaServer, type FunctionEnd } from '../harness/lambda-server.ts';
import {
  addRoute,
  ask,
  makeApi,
  openSocket,
  pathForm,
  type RefusedHandshake,
  type Target,
} from '../harness/sockets.ts';

const lambda = await startLambdaServer({ after });
const gateway = await startTestGateway({ after }, lambda.flags);
const api = gateway.clients.gateway;
const uriOf = (name: string) => invocationsOf(functionArn(name));

interface Serving {
  readonly end?: FunctionEnd | ((event: never) => FunctionEnd);
  readonly identitySource?: readonly string[];
  readonly uri?: string;
  readonly routes?: Readonly<Record<string, Target>>;
  readonly variables?: Readonly<Record<string, string>>;
}

let made = 0;

/** An API whose $connect asks a function that ends so, deployed. */
async function serve({ end = { returns: allow() }, identitySource = [], uri, routes = {}, variables }: Serving) {
  const name = `asks${(made += 1)}`;
  lambda.functions.set(name, typeof end === 'function' ? end : () => end);
  const options = Object.fromEntries(Object.entries(routes).map(([key, target]) => [key, { target, isTwoWay: true }]));
  const { apiId: ApiId, stage: StageName } = await makeApi(gateway.clients, { $default: {}, ...options });
  const given = { ApiId, Name: name, AuthorizerType: 'REQUEST' as const, IdentitySource: [...identitySource] };
  const { AuthorizerId } = await api.send(
    new v2.CreateAuthorizerCommand({ ...given, AuthorizerUri: uri ?? uriOf(name) }),
  );
  const RouteId = await addRoute(gateway.clients, ApiId, '$connect', {});
  await api.send(new v2.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId }));
  if (variables) await api.send(new v2.UpdateStageCommand({ ApiId, StageName, StageVariables: variables }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName }));
  const url = pathForm(gateway, { apiId: ApiId, stage: StageName });
  const told = () => lambda.invocations.filter((one) => one.name === name).map(({ event }) => event as Told);
  return { name, apiId: ApiId, stage: StageName, AuthorizerId, RouteId, url, told };
}

interface Told {
  readonly type: string;
  readonly methodArn: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters: object;
  readonly stageVariables: object;
  readonly requestContext: Readonly<Record<string, unknown>>;
}

function policy(Effect: string, Resource = '*', Action = 'execute-api:Invoke') {
  return { Version: '2012-10-17', Statement: [{ Effect, Action, Resource }] };
}
function allow(more: object = {}, policyDocument: unknown = policy('Allow')) {
  return { principalId: 'anne', policyDocument, ...more };
}

async function refused(serving: Serving, query = ''): Promise<RefusedHandshake & { told: Told[] }> {
  const { url, told } = await serve(serving);
  try {
    (await openSocket(gateway, `${url}${query}`)).socket.terminate();
  } catch (error) {
    return Object.assign(error as RefusedHandshake, { told: told() });
  }
  assert.fail('the handshake was accepted');
}

// ---- the operations ----

const { apiId: ApiId } = await makeApi(gateway.clients, { $default: {} });
const create = (more: object) =>
  api.send(
    new v2.CreateAuthorizerCommand({
      ApiId,
      Name: 'a',
      AuthorizerType: 'REQUEST',
      IdentitySource: ['route.request.header.Auth'],
      AuthorizerUri: uriOf('a'),
      ...more,
    }),
  );

void test('an authorizer is read as it was made, listed, changed and deleted', async () => {
  const created = withoutMetadata(await create({ IdentityValidationExpression: '.*' }));
  const { AuthorizerId } = created;
  assert.match(AuthorizerId!, /^[a-z0-9]{6}$/);
  assert.deepEqual(created, {
    AuthorizerId,
    AuthorizerType: 'REQUEST',
    AuthorizerUri: uriOf('a'),
    IdentitySource: ['route.request.header.Auth'],
    Name: 'a',
  });
  assert.deepEqual(withoutMetadata(await api.send(new v2.GetAuthorizerCommand({ ApiId, AuthorizerId }))), created);
  assert.deepEqual((await api.send(new v2.GetAuthorizersCommand({ ApiId }))).Items, [created]);
  const changes = { ApiId, AuthorizerId, Name: 'b', IdentitySource: [] };
  const changed = withoutMetadata(await api.send(new v2.UpdateAuthorizerCommand(changes)));
  assert.deepEqual(changed, { ...created, Name: 'b', IdentitySource: [] });
  await api.send(new v2.DeleteAuthorizerCommand({ ApiId, AuthorizerId }));
  const gone = await refusalOf(api.send(new v2.GetAuthorizerCommand({ ApiId, AuthorizerId })));
  assert.deepEqual(gone, notFound(`Invalid Authorizer identifier specified ${AuthorizerId}`));
});

const HTTP_ONLY = 'cannot be set for WEBSOCKET protocol Apis.';
const WRONG: readonly (readonly [name: string, more: object, message: string | RegExp])[] = [
  ['a TTL of 0', { AuthorizerResultTtlInSeconds: 0 }, `AuthorizerResultTtlInSeconds ${HTTP_ONLY}`],
  ['simple responses that are off', { EnableSimpleResponses: false }, `EnableSimpleResponses ${HTTP_ONLY}`],
  ['a payload format', { AuthorizerPayloadFormatVersion: '1.0' }, `AuthorizerPayloadFormatVersion ${HTTP_ONLY}`],
  ['an empty JWT configuration', { JwtConfiguration: {} }, `JwtConfiguration ${HTTP_ONLY}`],
  [
    'a JWT authorizer',
    { AuthorizerType: 'JWT' },
    'Invalid authorizer type. Only REQUEST authorizer type is supported on WEBSOCKET protocol Apis.',
  ],
  [
    'an identity source that is none',
    { IdentitySource: ['$request.header.Auth'] },
    /^Invalid request identity source expression: \$request\.header\.Auth\. The sources must/,
  ],
  [
    'a function of another account',
    { AuthorizerUri: invocationsOf(functionArn('a', '111122223333')) },
    /must be of the account of its Api/,
  ],
  ['no URI', { AuthorizerUri: undefined }, 'AuthorizerUri is required for authorizers of type REQUEST.'],
  ['a role that is none', { AuthorizerCredentialsArn: 'arn:aws:iam::x' }, 'Invalid role ARN'],
];
for (const [name, more, message] of WRONG) {
  void test(`refused: ${name}`, async () => {
    const refusal = await refusalOf(create(more));
    if (typeof message === 'string') assert.deepEqual(refusal, badRequest(message));
    else assert.match(refusal.message, message);
  });
}

void test('one that a route uses is not deleted', async () => {
  const { apiId, AuthorizerId, name } = await serve({});
  const refusal = await refusalOf(api.send(new v2.DeleteAuthorizerCommand({ ApiId: apiId, AuthorizerId })));
  assert.deepEqual(refusal, conflict(`Cannot delete authorizer '${name}', is referenced in route: $connect`));
});

// ---- what it is told, and what stays ----

void test('it is told of the whole handshake, in AWS’s members and order', async () => {
  const { url, told, apiId, stage } = await serve({});
  const client = await openSocket(gateway, `${url}?a=1`, { headers: { 'X-Mine': 'b' } });
  client.socket.terminate();
  const [event] = told();
  assert.deepEqual(Object.keys(event!), [
    'type',
    'methodArn',
    'headers',
    'multiValueHeaders',
    'queryStringParameters',
    'multiValueQueryStringParameters',
    'stageVariables',
    'requestContext',
  ]);
  assert.equal(event!.type, 'REQUEST');
  assert.equal(event!.methodArn, `arn:aws:execute-api:us-east-1:000000000000:${apiId}/${stage}/$connect`);
  assert.deepEqual([event!.queryStringParameters, event!.stageVariables], [{ a: '1' }, {}]);
  const { Connection, Upgrade, 'content-length': length } = event!.headers;
  assert.deepEqual({ Connection, Upgrade, length }, { Connection: 'upgrade', Upgrade: 'websocket', length: '0' });
  const names = Object.keys(event!.headers).map((name) => name.toLowerCase());
  assert.deepEqual(names, names.toSorted());
  assert.equal(event!.headers['X-Mine'], 'b');
  assert.equal(event!.requestContext['eventType'], 'CONNECT');
  assert.equal(event!.requestContext['authorizer'], undefined);
});

void test('principal and context reach every event of the socket, as texts', async () => {
  lambda.functions.set('echoes', (event: { requestContext: { authorizer: object } }) => ({
    returns: { statusCode: 200, body: JSON.stringify(event.requestContext.authorizer) },
  }));
  const echo: Target = { IntegrationType: 'AWS_PROXY', IntegrationUri: uriOf('echoes') };
  const mapped: Target = {
    IntegrationType: 'MOCK',
    RequestTemplates: { $default: '{"statusCode": 200}' },
    responses: { $default: '$context.authorizer.principalId $context.authorizer.level $context.authorizer.absent' },
  };
  const end = { returns: allow({ context: { level: 3, isOwner: true, name: 'Anne' } }) };
  const { url, told } = await serve({ end, routes: { echo, mapped } });
  const client = await openSocket(gateway, url);
  const seen = JSON.parse(await ask(client, '{"action":"echo"}')) as Record<string, unknown>;
  const { integrationLatency, ...rest } = seen;
  assert.deepEqual(rest, { level: '3', isOwner: 'true', name: 'Anne', principalId: 'anne' });
  assert.equal(typeof integrationLatency, 'number');
  assert.equal(await ask(client, '{"action":"mapped"}'), 'anne 3 ');
  assert.equal(told().length, 1, 'messages ask nobody');
  client.socket.terminate();
});

void test('each handshake asks again: nothing is kept', async () => {
  const { url, told } = await serve({});
  for (let times = 0; times < 3; times += 1) (await openSocket(gateway, url)).socket.terminate();
  assert.equal(told().length, 3);
});

// ---- identity sources ----

const SOURCES: readonly (readonly [source: string, query: string, options: object])[] = [
  ['route.request.header.Auth', '', { headers: { auth: 'x' } }],
  ['route.request.querystring.token', '?token=x', {}],
  ['stageVariables.kind', '', {}],
  ['context.connectionId', '', {}],
];
for (const [source, query, options] of SOURCES) {
  void test(`${source} is found`, async () => {
    const { url } = await serve({ identitySource: [source], variables: { kind: 'a' } });
    (await openSocket(gateway, `${url}${query}`, options)).socket.terminate();
  });
}
for (const source of [
  'route.request.header.Auth',
  'route.request.querystring.token',
  'stageVariables.absent',
  'context.eventType',
]) {
  void test(`without ${source} it is 401, and nobody is asked`, async () => {
    const { status, body, told } = await refused({ identitySource: ['context.connectionId', source] }, '?token=');
    assert.equal(status, 401);
    assert.match(body, /^\{"message": "Unauthorized", "connectionId":"[^"]+", "requestId":"[^"]+"\}$/);
    assert.equal(told.length, 0);
  });
}

// ---- every way to be refused ----

const NO_POLICY =
  'User is not authorized to access this resource because no identity-based policy allows the execute-api:Invoke action';
const DENIED = 'User is not authorized to access this resource with an explicit deny in an identity-based policy';
const both = { Statement: [policy('Allow').Statement[0], policy('Deny').Statement[0]] };
const large = { principalId: 'a', policyDocument: policy('Allow'), context: { text: 'x'.repeat(8_192) } };
const throws = (errorMessage: string): FunctionEnd => ({ throws: { errorType: 'Error', errorMessage } });

const REFUSALS: readonly (readonly [name: string, serving: Serving, status: number, message: string | null])[] = [
  ['a policy that denies', { end: { returns: allow({}, policy('Deny')) } }, 403, DENIED],
  ['a policy that allows and denies', { end: { returns: allow({}, both) } }, 403, DENIED],
  [
    'a policy for another API',
    { end: { returns: allow({}, policy('Allow', 'arn:aws:execute-api:*:*:other/*')) } },
    403,
    NO_POLICY,
  ],
  [
    'the resources of a REST API',
    { end: { returns: allow({}, policy('Allow', 'arn:aws:execute-api:*:*:*/test/*/*')) } },
    403,
    NO_POLICY,
  ],
  [
    'a policy for another action',
    { end: { returns: allow({}, policy('Allow', '*', 'execute-api:ManageConnections')) } },
    403,
    NO_POLICY,
  ],
  ['one that throws Unauthorized', { end: throws('Unauthorized') }, 401, 'Unauthorized'],
  ['one that throws anything else', { end: throws('unauthorized!') }, 500, 'Internal server error'],
  ['one that is cut off', { end: 'resets' }, 500, 'Internal server error'],
  [
    'one that Lambda refuses to run',
    { end: { refuses: { status: 403, type: 'AccessDeniedException', message: '' } } },
    500,
    'Internal server error',
  ],
  ['one that is not there', { uri: uriOf('absent') }, 500, 'Internal server error'],
  [
    'one of another account by a stage variable',
    { uri: invocationsOf('${stageVariables.arn}'), variables: { arn: functionArn('a', '111122223333') } },
    500,
    null,
  ],
  ['no principalId', { end: { returns: { policyDocument: policy('Allow') } } }, 500, null],
  [
    'a principalId that is no text',
    { end: { returns: { principalId: 1, policyDocument: policy('Allow') } } },
    500,
    null,
  ],
  ['no policy', { end: { returns: { principalId: 'a' } } }, 500, null],
  ['an empty policy', { end: { returns: allow({}, {}) } }, 500, null],
  [
    'a policy without an effect',
    { end: { returns: allow({}, { Statement: [{ Action: '*', Resource: '*' }] }) } },
    500,
    null,
  ],
  [
    'a policy with a condition that is none',
    {
      end: {
        returns: allow({}, { Statement: [{ ...policy('Allow').Statement[0], Condition: { Sometimes: { a: 'b' } } }] }),
      },
    },
    500,
    null,
  ],
  ['the answer of an HTTP API', { end: { returns: { isAuthorized: true } } }, 500, null],
  ['an object in the context', { end: { returns: allow({ context: { a: {} } }) } }, 500, null],
  ['a list in the context', { end: { returns: allow({ context: { a: [1] } }) } }, 500, null],
  ['a null in the context', { end: { returns: allow({ context: { a: null } }) } }, 500, null],
  ['a result that is too large', { end: { returns: large } }, 500, null],
  ['null', { end: { returns: null } }, 500, null],
  ['a list', { end: { returns: [] } }, 500, null],
  ['a text', { end: { returns: 'Allow' } }, 500, null],
  ['what is no JSON', { end: { sends: '{"principalId"' } }, 500, null],
  ['nothing', { end: { sends: '' } }, 500, null],
];
for (const [name, serving, status, message] of REFUSALS) {
  void test(`never lets in: ${name} (${status})`, async () => {
    const refusal = await refused(serving);
    assert.equal(refusal.status, status);
    const { connectionId, requestId } = JSON.parse(refusal.body) as Record<string, string>;
    const words = JSON.stringify(message);
    assert.equal(refusal.body, `{"message": ${words}, "connectionId":"${connectionId}", "requestId":"${requestId}"}`);
    assert.equal(refusal.headers['x-amz-apigw-id'], requestId);
  });
}

void test('a route that asks nobody any more lets everybody in from its next deployment on', async () => {
  const { apiId, stage, RouteId, AuthorizerId, url, told } = await serve({});
  await api.send(new v2.UpdateRouteCommand({ ApiId: apiId, RouteId, AuthorizationType: 'NONE' }));
  await api.send(new v2.DeleteAuthorizerCommand({ ApiId: apiId, AuthorizerId }));
  (await openSocket(gateway, url)).socket.terminate();
  assert.equal(told().length, 1, 'the deployment keeps its copy of the authorizer');
  await api.send(new v2.CreateDeploymentCommand({ ApiId: apiId, StageName: stage }));
  (await openSocket(gateway, url)).socket.terminate();
  assert.equal(told().length, 1);
});
