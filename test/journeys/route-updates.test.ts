// Routes and their responses after their creation: what a PATCH changes, clears and leaves alone, what is refused whichever way it is
// reached, and that no edit is lost when many come at once.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, conflict, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { SEEDED, seedApi } from '../harness/seeded-api.ts';
import { openSocket, pathForm, RefusedHandshake } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after }, ['--data-dir', await seedApi({ after })]);
const api = gateway.clients.gateway;

/** Has the authorizer and the models. */
const ApiId = SEEDED.apiId;
const AuthorizerId = SEEDED.authorizerId;
const { IntegrationId } = await api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK' }));
const Target = `integrations/${IntegrationId}`;

async function makeApi(more: object = {}): Promise<string> {
  const RouteSelectionExpression = '$request.body.action';
  const request = { Name: 'test', ProtocolType: 'WEBSOCKET', RouteSelectionExpression, ...more } as const;
  return (await api.send(new v2.CreateApiCommand(request))).ApiId!;
}

const createRoute = async (input: Omit<v2.CreateRouteCommandInput, 'ApiId'>, apiId: string = ApiId) =>
  withoutMetadata(await api.send(new v2.CreateRouteCommand({ ApiId: apiId, ...input })));
const updateRoute = async (RouteId: string | undefined, input: object, apiId: string = ApiId) =>
  withoutMetadata(await api.send(new v2.UpdateRouteCommand({ ApiId: apiId, RouteId, ...input })));
const getRoute = async (RouteId: string | undefined, apiId: string = ApiId) =>
  withoutMetadata(await api.send(new v2.GetRouteCommand({ ApiId: apiId, RouteId })));

void test('UpdateRoute changes what it names and leaves the rest alone', async () => {
  const before = await createRoute({
    RouteKey: 'whole',
    Target,
    OperationName: 'Whole',
    RequestModels: { a: 'Message' },
  });
  assert.deepEqual(await updateRoute(before.RouteId, {}), before);
  const changes = {
    RouteKey: 'whole/renamed',
    OperationName: 'Renamed',
    ModelSelectionExpression: '${request.body.kind}',
    RouteResponseSelectionExpression: '$default',
  };
  const after = await updateRoute(before.RouteId, changes);
  assert.deepEqual(after, { ...before, ...changes });
  assert.deepEqual(await getRoute(before.RouteId), after);
});

void test('UpdateRoute merges models by key, and an empty name removes an entry', async () => {
  const { RouteId } = await createRoute({ RouteKey: 'models', RequestModels: { kept: 'Message', removed: 'Other' } });
  const { RequestModels } = await updateRoute(RouteId, { RequestModels: { removed: '', added: 'Other' } });
  assert.deepEqual(RequestModels, { kept: 'Message', added: 'Other' });
});

void test('an empty text clears a member of a route', async () => {
  const full = { Target, OperationName: 'Name', ModelSelectionExpression: '$request.body.a' };
  const { RouteId } = await createRoute({ RouteKey: 'cleared', ...full });
  const cleared = await updateRoute(RouteId, { Target: '', OperationName: '', ModelSelectionExpression: '' });
  assert.deepEqual(Object.keys(cleared).sort(), ['ApiKeyRequired', 'AuthorizationType', 'RouteId', 'RouteKey']);
});

void test('request parameters merge by name and go by DeleteRouteRequestParameter', async () => {
  const apiId = await makeApi();
  const header = 'route.request.header.X-Room';
  const query = 'route.request.querystring.token';
  const { RouteId } = await createRoute(
    { RouteKey: '$connect', RequestParameters: { [header]: { Required: true } } },
    apiId,
  );
  const both = { [header]: { Required: false }, [query]: { Required: true } };
  assert.deepEqual((await updateRoute(RouteId, { RequestParameters: both }, apiId)).RequestParameters, both);
  const remove = new v2.DeleteRouteRequestParameterCommand({ ApiId: apiId, RouteId, RequestParameterKey: header });
  assert.equal((await api.send(remove)).$metadata.httpStatusCode, 204);
  assert.deepEqual((await getRoute(RouteId, apiId)).RequestParameters, { [query]: { Required: true } });
  const again = await refusalOf(api.send(remove));
  assert.deepEqual(again, notFound(`Unable to find RequestParameter by key ${header} within the provided Route`));
});

void test('$connect is authorized by an authorizer of its Api or by IAM, and NONE clears the authorizer', async () => {
  const { RouteId, ...custom } = await createRoute({ RouteKey: '$connect', AuthorizationType: 'CUSTOM', AuthorizerId });
  assert.deepEqual([custom.AuthorizationType, custom.AuthorizerId], ['CUSTOM', AuthorizerId]);
  const none = await updateRoute(RouteId, { AuthorizationType: 'NONE' });
  assert.deepEqual([none.AuthorizationType, none.AuthorizerId], ['NONE', undefined]);
  const bare = await refusalOf(updateRoute(RouteId, { AuthorizationType: 'CUSTOM' }));
  assert.deepEqual([bare.name, bare.status], ['BadRequestException', 400], 'the link is really gone');
  assert.match(bare.message, /requires a valid authorizer/);
  assert.equal((await updateRoute(RouteId, { AuthorizationType: 'CUSTOM', AuthorizerId })).AuthorizerId, AuthorizerId);
  const renamed = await refusalOf(updateRoute(RouteId, { RouteKey: 'other' }));
  assert.deepEqual(renamed, badRequest('Currently, authorization is restricted to the $connect route only'));
  assert.equal((await updateRoute(RouteId, { AuthorizationType: 'AWS_IAM' })).AuthorizationType, 'AWS_IAM');
  await api.send(new v2.DeleteRouteCommand({ ApiId, RouteId }));
});

void test('an authorizer without an authorization type may stand on another route, and does nothing there', async () => {
  const { RouteId, ...route } = await createRoute({ RouteKey: 'linked', AuthorizerId });
  assert.deepEqual([route.AuthorizationType, route.AuthorizerId], ['NONE', AuthorizerId]);
  assert.equal((await updateRoute(RouteId, { OperationName: 'Linked' })).AuthorizerId, AuthorizerId);
});

void test('a $connect that asks for authorization lets nobody in who has none', async () => {
  const apiId = await makeApi();
  await createRoute({ RouteKey: '$connect', AuthorizationType: 'AWS_IAM' }, apiId);
  await api.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: 'test' }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId: apiId, StageName: 'test' }));
  await assert.rejects(openSocket(gateway, pathForm(gateway, { apiId, stage: 'test' })), (error: RefusedHandshake) => {
    assert.equal(error.status, 403);
    return true;
  });
});

void test('models of a route need not exist where schema validation is disabled', async () => {
  const apiId = await makeApi({ DisableSchemaValidation: true });
  const route = await createRoute({ RouteKey: 'a', RequestModels: { $default: 'Later' } }, apiId);
  assert.deepEqual(route.RequestModels, { $default: 'Later' });
  const deploy = () => api.send(new v2.CreateDeploymentCommand({ ApiId: apiId }));
  assert.equal((await deploy()).DeploymentStatus, 'DEPLOYED');
  await api.send(new v2.UpdateApiCommand({ ApiId: apiId, DisableSchemaValidation: false }));
  assert.deepEqual(await refusalOf(deploy()), badRequest('Invalid Model identifier specified Later'));
});

void test('UpdateRouteResponse changes what it names; its models are kept as they are', async () => {
  const { RouteId } = await createRoute({ RouteKey: 'replying' });
  const create = { ApiId, RouteId, RouteResponseKey: '$default', ResponseModels: { a: 'Any', b: 'Other' } };
  const before = withoutMetadata(await api.send(new v2.CreateRouteResponseCommand(create)));
  const update = async (changes: object) => {
    const input = { ApiId, RouteId, RouteResponseId: before.RouteResponseId, ...changes };
    return withoutMetadata(await api.send(new v2.UpdateRouteResponseCommand(input)));
  };
  assert.deepEqual(await update({}), before);
  const changes = { ModelSelectionExpression: '$request.body.kind', ResponseModels: { b: '', c: 'New' } };
  const after = await update(changes);
  assert.deepEqual(after, { ...before, ...changes, ResponseModels: { a: 'Any', c: 'New' } });
  const read = new v2.GetRouteResponseCommand({ ApiId, RouteId, RouteResponseId: before.RouteResponseId });
  assert.deepEqual(withoutMetadata(await api.send(read)), after);
  const wrong = await refusalOf(update({ RouteResponseKey: '200' }));
  assert.deepEqual(wrong, badRequest("Invalid RouteResponseKey '200'. Only $default is supported."));
  const parameters = { 'route.response.header.a': { Required: true } };
  const header = await refusalOf(update({ ResponseParameters: parameters }));
  assert.deepEqual([header.name, header.status], ['NotImplemented', 501]);
  assert.deepEqual(
    await refusalOf(updateRoute(RouteId, { RouteKey: '$disconnect' })),
    badRequest('The $disconnect route can be one-way only.'),
  );
});

// ---- what is refused, whichever way it is reached ----

const ROUTE_REFUSALS: readonly (readonly [name: string, input: object, message: string | RegExp])[] = [
  ['a reserved key', { RouteKey: '$other' }, /'\$other'/],
  [
    'authorization',
    { AuthorizationType: 'AWS_IAM' },
    'Currently, authorization is restricted to the $connect route only',
  ],
  ['JWT', { AuthorizationType: 'JWT' }, 'JWT authorization is not supported on WEBSOCKET protocol Apis.'],
  ['scopes', { AuthorizationScopes: ['a'] }, 'AuthorizationScopes cannot be set for WEBSOCKET protocol Apis.'],
  ['an authorizer of nobody', { AuthorizerId: 'nosuch' }, 'Invalid Authorizer identifier specified nosuch'],
  ['a model of nobody', { RequestModels: { a: 'Nobody' } }, 'Invalid Model identifier specified Nobody'],
  [
    'another response expression',
    { RouteResponseSelectionExpression: '$request.body.a' },
    /Only \$default is supported/,
  ],
  [
    'a model expression that means nothing',
    { ModelSelectionExpression: '$context.a' },
    /^Invalid ModelSelectionExpression: /,
  ],
  ['a required parameter', { RequestParameters: { 'route.request.header.a': {} } }, /on the \$connect route only/],
  ['a target of nobody', { Target: 'integrations/nosuch0' }, 'Invalid Integration identifier specified nosuch0'],
  ['what is no target', { Target: 'https://example.com/' }, /^Invalid target /],
];

const refusedRoute = await createRoute({ RouteKey: 'refused' });
for (const [name, input, message] of ROUTE_REFUSALS) {
  for (const [operation, call] of [
    ['CreateRoute', () => createRoute({ RouteKey: 'refused-new', ...input })],
    ['UpdateRoute', () => updateRoute(refusedRoute.RouteId, input)],
  ] as const) {
    void test(`${operation} refuses ${name} on a message route`, async () => {
      const refusal = await refusalOf(call());
      assert.deepEqual([refusal.name, refusal.status], ['BadRequestException', 400], refusal.message);
      if (typeof message === 'string') assert.equal(refusal.message, message);
      else assert.match(refusal.message, message);
      assert.deepEqual(await getRoute(refusedRoute.RouteId), refusedRoute, 'nothing was changed');
    });
  }
}

void test('UpdateRoute cannot take another route’s key, and finds no route of another Api', async () => {
  await createRoute({ RouteKey: 'taken' });
  const taken = await refusalOf(updateRoute(refusedRoute.RouteId, { RouteKey: 'taken' }));
  assert.deepEqual(taken, conflict('Route with key taken already exists for this API'));
  const apiId = await makeApi();
  const foreign = await refusalOf(updateRoute(refusedRoute.RouteId, {}, apiId));
  assert.deepEqual(foreign, notFound(`Invalid Route identifier specified ${refusedRoute.RouteId}`));
  const key = await refusalOf(updateRoute(refusedRoute.RouteId, { RouteKey: '' }));
  assert.deepEqual([key.name, key.status], ['BadRequestException', 400]);
});

// ---- many at once ----

const AT_ONCE = 20;
const many = Array.from({ length: AT_ONCE }, (_, number) => number);

void test('of twenty that create routes at once nobody loses one, and nobody makes a key twice', async () => {
  const apiId = await makeApi();
  // Each key is asked for by two clients.
  const asked = [...many, ...many].map((number) => createRoute({ RouteKey: `key ${number}` }, apiId));
  const outcomes = await Promise.allSettled(asked);
  const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.RouteKey] : []));
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).name] : []));
  assert.deepEqual([new Set(made).size, made.length], [AT_ONCE, AT_ONCE]);
  assert.deepEqual([refused.length, new Set(refused)], [AT_ONCE, new Set(['ConflictException'])]);
  const { Items } = await api.send(new v2.GetRoutesCommand({ ApiId: apiId }));
  assert.deepEqual(new Set(Items!.map((route) => route.RouteKey)), new Set(made));
});

void test('of twenty that add to one route at once every edit stays', async () => {
  const apiId = await makeApi();
  const { RouteId } = await createRoute({ RouteKey: '$connect' }, apiId);
  const name = (number: number) => `route.request.querystring.p${number}`;
  const edits = many.map((number) =>
    updateRoute(RouteId, { RequestParameters: { [name(number)]: { Required: true } } }, apiId),
  );
  await Promise.all(edits);
  const { RequestParameters } = await getRoute(RouteId, apiId);
  assert.deepEqual(new Set(Object.keys(RequestParameters!)), new Set(many.map(name)));
});

void test('of twenty that rename routes to one key at once, one has it', async () => {
  const apiId = await makeApi();
  const routes = await Promise.all(many.map((number) => createRoute({ RouteKey: `old ${number}` }, apiId)));
  const outcomes = await Promise.allSettled(
    routes.map(({ RouteId }) => updateRoute(RouteId, { RouteKey: 'wanted' }, apiId)),
  );
  assert.equal(outcomes.filter((one) => one.status === 'fulfilled').length, 1);
  const { Items } = await api.send(new v2.GetRoutesCommand({ ApiId: apiId }));
  assert.deepEqual([Items!.length, Items!.filter((route) => route.RouteKey === 'wanted').length], [AT_ONCE, 1]);
});
