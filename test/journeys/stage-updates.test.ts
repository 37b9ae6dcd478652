// Stages and deployments after their creation: throttling and variables as they are kept, what goes by an operation of its own, the
// bounds of both, and what of a stage is refused.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, notFound, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';

const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;

async function makeApi(routeKeys: readonly string[] = ['$default']): Promise<string> {
  const request = { Name: 'a', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const;
  const { ApiId } = await api.send(new v2.CreateApiCommand(request));
  for (const RouteKey of routeKeys) await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey }));
  return ApiId!;
}

const ApiId = await makeApi(['$default', 'join', 'a/b']);
const StageName = 'test';
const inStage = { ApiId, StageName };
await api.send(new v2.CreateStageCommand(inStage));
const read = async () => withoutMetadata(await api.send(new v2.GetStageCommand(inStage)));
const update = async (changes: object) =>
  withoutMetadata(await api.send(new v2.UpdateStageCommand({ ...inStage, ...changes })));

void test('throttling is kept as it was given, zero too, and merges by route and member', async () => {
  await update({ DefaultRouteSettings: { ThrottlingBurstLimit: 0, ThrottlingRateLimit: 0 } });
  await update({ RouteSettings: { join: { ThrottlingRateLimit: 0.5 }, 'a/b': { ThrottlingBurstLimit: 7 } } });
  await update({ RouteSettings: { join: { ThrottlingBurstLimit: 3, DetailedMetricsEnabled: true } } });
  const { DefaultRouteSettings, RouteSettings } = await read();
  assert.deepEqual(DefaultRouteSettings, {
    DataTraceEnabled: false,
    DetailedMetricsEnabled: false,
    LoggingLevel: 'OFF',
    ThrottlingBurstLimit: 0,
    ThrottlingRateLimit: 0,
  });
  assert.deepEqual(RouteSettings, {
    join: { ThrottlingRateLimit: 0.5, ThrottlingBurstLimit: 3, DetailedMetricsEnabled: true },
    'a/b': { ThrottlingBurstLimit: 7 },
  });
  const created = await api.send(
    new v2.CreateStageCommand({
      ApiId,
      StageName: 'throttled',
      DefaultRouteSettings: { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 2.5 },
    }),
  );
  assert.partialDeepStrictEqual(created.DefaultRouteSettings, { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 2.5 });
});

void test('DeleteRouteSettings takes those of one route, once', async () => {
  await update({ RouteSettings: { 'a/b': { ThrottlingBurstLimit: 7 }, $default: { ThrottlingBurstLimit: 8 } } });
  const remove = () => api.send(new v2.DeleteRouteSettingsCommand({ ...inStage, RouteKey: 'a/b' }));
  assert.equal((await remove()).$metadata.httpStatusCode, 204);
  const { RouteSettings } = await read();
  assert.deepEqual([RouteSettings!['a/b'], RouteSettings!['$default']], [undefined, { ThrottlingBurstLimit: 8 }]);
  const again = await refusalOf(remove());
  assert.deepEqual(again, notFound('Unable to find Route by key a/b within the provided RouteSettings'));
});

void test('DeleteAccessLogSettings answers for a stage that has none', async () => {
  const remove = (name: string) => api.send(new v2.DeleteAccessLogSettingsCommand({ ApiId, StageName: name }));
  assert.equal((await remove(StageName)).$metadata.httpStatusCode, 204);
  assert.deepEqual(await refusalOf(remove('nowhere')), notFound('Invalid stage identifier specified'));
});

void test('UpdateDeployment changes the description and nothing else', async () => {
  const { $metadata: _, ...before } = await api.send(new v2.CreateDeploymentCommand({ ApiId, Description: 'first' }));
  const inDeployment = { ApiId, DeploymentId: before.DeploymentId };
  const described = async (more: object) =>
    withoutMetadata(await api.send(new v2.UpdateDeploymentCommand({ ...inDeployment, ...more })));
  assert.deepEqual(await described({}), before);
  assert.deepEqual(await described({ Description: 'second' }), { ...before, Description: 'second' });
  const got = withoutMetadata(await api.send(new v2.GetDeploymentCommand(inDeployment)));
  assert.equal(got.Description, 'second');
  const none = api.send(new v2.UpdateDeploymentCommand({ ApiId, DeploymentId: 'nosuch' }));
  assert.deepEqual(await refusalOf(none), notFound('Invalid Deployment identifier specified nosuch'));
});

// ---- bounds ----

const variables = (count: number, value = 'a') =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`v${number}`, value]));

void test('a stage has up to 100 variables, of names up to 64 and values up to 512 characters', async () => {
  const apiId = await makeApi([]);
  const create = (name: string, StageVariables: Record<string, string>) =>
    api.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: name, StageVariables }));
  const longest = { ...variables(99), ['n'.repeat(64)]: 'a'.repeat(512) };
  assert.deepEqual((await create('full', longest)).StageVariables, longest);
  for (const [StageVariables, message] of [
    [variables(101), /at most 100 variables, and would have 101/],
    [{ ['n'.repeat(65)]: 'a' }, /has 65 characters, at most 64/],
    [{ a: 'a'.repeat(513) }, /'a' has 513 characters, at most 512/],
  ] as const) {
    const refusal = await refusalOf(create('over', StageVariables));
    assert.deepEqual([refusal.name, refusal.status], ['BadRequestException', 400]);
    assert.match(refusal.message, message);
  }
  const more = api.send(new v2.UpdateStageCommand({ ApiId: apiId, StageName: 'full', StageVariables: { more: 'a' } }));
  assert.match((await refusalOf(more)).message, /would have 101/, 'what an update adds counts with what there is');
});

void test('an Api has so many stages, and the text says how many', async () => {
  const apiId = await makeApi([]);
  const create = (number: number) => api.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: `stage${number}` }));
  for (let number = 0; number < 50; number += 1) await create(number);
  const { name, status, message } = await refusalOf(create(50));
  assert.deepEqual([name, status], ['TooManyRequestsException', 429]);
  const text =
    'Maximum number of Stages for this API has been reached.  Please contact AWS if you need additional Stages.';
  assert.equal(message, `${text} (This server allows 50: stagesPerApiMax.)`);
});

// ---- what is refused ----

const BAD = 'BadRequestException';
const NOT_YET = 'NotImplemented';
const LOG = 'arn:aws:logs:us-east-1:000000000000:log-group:';
const accessLog = (DestinationArn?: string, Format: string | undefined = '$context.requestId') => ({
  AccessLogSettings: { DestinationArn, Format },
});
const settings = (one: object) => ({ DefaultRouteSettings: one });

const REFUSALS: readonly (readonly [name: string, changes: object, error: string, message: RegExp])[] = [
  ['a burst below zero', settings({ ThrottlingBurstLimit: -1 }), BAD, /throttlingBurstLimit/],
  ['a rate below zero', settings({ ThrottlingRateLimit: -0.5 }), BAD, /throttlingRateLimit/],
  ['an access log without a format', accessLog(`${LOG}a`, ''), BAD, /^Access Log value missing\. /],
  ['a client certificate', { ClientCertificateId: 'abcdef' }, NOT_YET, /^ClientCertificateId /],
  ['a variable with a dollar', { StageVariables: { a: '$b' } }, BAD, /'a' may hold only/],
  ['settings of no route', { RouteSettings: { nobody: {} } }, 'NotFoundException', /by key nobody within/],
];
const STATUS: Readonly<Record<string, number>> = { [BAD]: 400, NotFoundException: 404, [NOT_YET]: 501 };

for (const [name, changes, error, message] of REFUSALS) {
  void test(`a stage is refused ${name}, when it is made and when it is updated`, async () => {
    const before = await read();
    const create = new v2.CreateStageCommand({ ApiId, StageName: 'new', ...changes });
    for (const call of [api.send(create), update(changes)]) {
      const refusal = await refusalOf(call);
      assert.deepEqual([refusal.name, refusal.status], [error, STATUS[error]], refusal.message);
      assert.match(refusal.message, message);
    }
    assert.deepEqual(await read(), before, 'nothing was changed');
  });
}

void test('UpdateStage of none is not found before all else', async () => {
  const call = api.send(new v2.UpdateStageCommand({ ApiId, StageName: 'nowhere', DeploymentId: 'nosuch' }));
  assert.deepEqual(await refusalOf(call), notFound('Invalid stage identifier specified'));
  const named = api.send(new v2.CreateStageCommand({ ApiId, StageName: '$default' }));
  assert.deepEqual(
    await refusalOf(named),
    badRequest('A stage named $default cannot be used by WEBSOCKET protocol Apis: its URL could not be called.'),
  );
});
