// Stages with autoDeploy: every edit makes a deployment that such a stage follows at once, open sockets included; an edit that cannot
// be deployed is kept, and the stage says why; other stages stay where they are.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { badRequest, refusalOf, withoutMetadata } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';
import { addRoute, ask, mock, openSocket, pathForm } from '../harness/sockets.ts';

const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;
const FOLLOWING = 'following';

async function makeApi(): Promise<string> {
  const request = { Name: 'a', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' } as const;
  return (await api.send(new v2.CreateApiCommand(request))).ApiId!;
}

/** An Api with one route and a stage that follows it. */
async function makeFollowed(): Promise<string> {
  const ApiId = await makeApi();
  await addRoute(gateway.clients, ApiId, '$default', {});
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: FOLLOWING, AutoDeploy: true }));
  return ApiId;
}

const stageOf = async (ApiId: string, StageName = FOLLOWING) =>
  withoutMetadata(await api.send(new v2.GetStageCommand({ ApiId, StageName })));
const deploymentsOf = async (ApiId: string) => (await api.send(new v2.GetDeploymentsCommand({ ApiId }))).Items!;
const updateStage = (ApiId: string, changes: object) =>
  api.send(new v2.UpdateStageCommand({ ApiId, StageName: FOLLOWING, ...changes }));

void test('a stage that is made with autoDeploy has a deployment of what there is', async () => {
  const ApiId = await makeFollowed();
  const { AutoDeploy, DeploymentId, LastDeploymentStatusMessage } = await stageOf(ApiId);
  assert.equal(AutoDeploy, true);
  assert.equal(LastDeploymentStatusMessage, `Successfully deployed stage with deployment ID '${DeploymentId}'`);
  const [deployment, ...others] = await deploymentsOf(ApiId);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [deployment!.DeploymentId, deployment!.AutoDeployed, deployment!.DeploymentStatus],
    [DeploymentId, true, 'DEPLOYED'],
  );
});

void test('every kind of edit is deployed, with itself in it', async () => {
  const ApiId = await makeFollowed();
  let last = (await stageOf(ApiId)).DeploymentId;
  const deploysAfter = async <T>(name: string, command: Promise<T>): Promise<T> => {
    const output = await command;
    const { DeploymentId } = await stageOf(ApiId);
    assert.notEqual(DeploymentId, last, `${name} was deployed`);
    last = DeploymentId;
    return output;
  };
  const { IntegrationId } = await deploysAfter(
    'CreateIntegration',
    api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK' })),
  );
  const inIntegration = { ApiId, IntegrationId };
  const RequestTemplates = { $default: '{"statusCode": 200}' };
  await deploysAfter(
    'UpdateIntegration',
    api.send(new v2.UpdateIntegrationCommand({ ...inIntegration, RequestTemplates })),
  );
  const response = { ...inIntegration, IntegrationResponseKey: '$default', ResponseTemplates: { $default: 'one' } };
  const { IntegrationResponseId } = await deploysAfter(
    'CreateIntegrationResponse',
    api.send(new v2.CreateIntegrationResponseCommand(response)),
  );
  const Target = `integrations/${IntegrationId}`;
  const { RouteId } = await deploysAfter(
    'CreateRoute',
    api.send(new v2.CreateRouteCommand({ ApiId, RouteKey: 'a', Target })),
  );
  const inRoute = { ApiId, RouteId };
  await deploysAfter('UpdateRoute', api.send(new v2.UpdateRouteCommand({ ...inRoute, RouteKey: 'b' })));
  const { RouteResponseId } = await deploysAfter(
    'CreateRouteResponse',
    api.send(new v2.CreateRouteResponseCommand({ ...inRoute, RouteResponseKey: '$default' })),
  );
  const client = await openSocket(gateway, pathForm(gateway, { apiId: ApiId, stage: FOLLOWING }));
  assert.equal(await ask(client, '{"action":"b"}'), 'one', 'the edits are in it');
  const ResponseTemplates = { $default: 'two' };
  const inResponse = { ...inIntegration, IntegrationResponseId };
  await deploysAfter(
    'UpdateIntegrationResponse',
    api.send(new v2.UpdateIntegrationResponseCommand({ ...inResponse, ResponseTemplates })),
  );
  assert.equal(await ask(client, '{"action":"b"}'), 'two', 'an open socket follows');
  const RouteSelectionExpression = '$request.body.kind';
  await deploysAfter('UpdateApi', api.send(new v2.UpdateApiCommand({ ApiId, RouteSelectionExpression })));
  assert.equal(await ask(client, '{"kind":"b"}'), 'two');
  client.socket.close();
  const inRouteResponse = { ...inRoute, RouteResponseId };
  await deploysAfter(
    'UpdateRouteResponse',
    api.send(new v2.UpdateRouteResponseCommand({ ...inRouteResponse, ModelSelectionExpression: 'a' })),
  );
  await deploysAfter('DeleteRouteResponse', api.send(new v2.DeleteRouteResponseCommand(inRouteResponse)));
  await deploysAfter('DeleteRoute', api.send(new v2.DeleteRouteCommand(inRoute)));
  await deploysAfter(
    'DeleteIntegrationResponse',
    api.send(new v2.DeleteIntegrationResponseCommand({ ...inIntegration, IntegrationResponseId })),
  );
  await deploysAfter('DeleteIntegration', api.send(new v2.DeleteIntegrationCommand(inIntegration)));
});

void test('what a deployment does not freeze makes none', async () => {
  const ApiId = await makeFollowed();
  const { DeploymentId } = await stageOf(ApiId);
  await api.send(new v2.UpdateApiCommand({ ApiId, Name: 'renamed', Description: 'told' }));
  await updateStage(ApiId, { Description: 'told', StageVariables: { a: '1' } });
  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  await api.send(new v2.TagResourceCommand({ ResourceArn, Tags: { a: '1' } }));
  await api.send(new v2.TagResourceCommand({ ResourceArn: `${ResourceArn}/stages/${FOLLOWING}`, Tags: { a: '1' } }));
  assert.equal((await stageOf(ApiId)).DeploymentId, DeploymentId);
  assert.equal((await deploymentsOf(ApiId)).length, 1);
});

void test('a stage without autoDeploy stays where it is', async () => {
  const ApiId = await makeFollowed();
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: 'fixed' }));
  const { DeploymentId } = await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName: 'fixed' }));
  await addRoute(gateway.clients, ApiId, 'more', {});
  assert.equal((await stageOf(ApiId, 'fixed')).DeploymentId, DeploymentId);
  assert.notEqual((await stageOf(ApiId)).DeploymentId, DeploymentId);
});

void test('stages that follow one Api share its deployments', async () => {
  const ApiId = await makeFollowed();
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: 'second', AutoDeploy: true }));
  await addRoute(gateway.clients, ApiId, 'more', {});
  assert.equal((await stageOf(ApiId, 'second')).DeploymentId, (await stageOf(ApiId)).DeploymentId);
});

void test('an Api that cannot be deployed is told by its stage, and keeps its edits and its last deployment', async () => {
  const ApiId = await makeApi();
  const failed = 'Deployment attempt failed: At least one route is required before deploying the Api';
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: FOLLOWING, AutoDeploy: true }));
  const empty = await stageOf(ApiId);
  assert.deepEqual([empty.DeploymentId, empty.LastDeploymentStatusMessage], [undefined, failed]);
  const RouteId = await addRoute(gateway.clients, ApiId, '$default', {});
  const { DeploymentId } = await stageOf(ApiId);
  assert.notEqual(DeploymentId, undefined);
  await api.send(new v2.DeleteRouteCommand({ ApiId, RouteId }));
  const after = await stageOf(ApiId);
  assert.deepEqual([after.DeploymentId, after.LastDeploymentStatusMessage], [DeploymentId, failed]);
  assert.deepEqual((await api.send(new v2.GetRoutesCommand({ ApiId }))).Items, []);
});

void test('autoDeploy can be turned on and off; only while it is off a deployment can be chosen', async () => {
  const ApiId = await makeFollowed();
  const { DeploymentId: first } = await stageOf(ApiId);
  await addRoute(gateway.clients, ApiId, 'more', {});
  const chosen = badRequest(
    `The deployment of stage ${FOLLOWING} cannot be chosen while AutoDeploy is enabled. Set AutoDeploy to false first.`,
  );
  assert.deepEqual(await refusalOf(updateStage(ApiId, { DeploymentId: first })), chosen);
  const deploy = () => api.send(new v2.CreateDeploymentCommand({ ApiId, StageName: FOLLOWING }));
  assert.deepEqual(await refusalOf(deploy()), chosen);
  await updateStage(ApiId, { AutoDeploy: false, DeploymentId: first });
  assert.equal((await stageOf(ApiId)).DeploymentId, first, 'back to the first');
  await addRoute(gateway.clients, ApiId, 'other', {});
  assert.equal((await stageOf(ApiId)).DeploymentId, first, 'edits are no longer followed');
  assert.deepEqual(await refusalOf(updateStage(ApiId, { AutoDeploy: true, DeploymentId: first })), chosen);
  await updateStage(ApiId, { AutoDeploy: true });
  assert.notEqual((await stageOf(ApiId)).DeploymentId, first, 'turned on, it follows at once');
});

void test('of automatic deployments the last ten are kept, and those that somebody made', async () => {
  const ApiId = await makeFollowed();
  const { DeploymentId: made } = await api.send(new v2.CreateDeploymentCommand({ ApiId }));
  const { DeploymentId: oldest } = await stageOf(ApiId);
  for (let count = 0; count < 12; count += 1) await addRoute(gateway.clients, ApiId, `route ${count}`, {});
  const kept = await deploymentsOf(ApiId);
  assert.equal(kept.filter((one) => one.AutoDeployed).length, 10);
  const ids = kept.map((one) => one.DeploymentId);
  assert.deepEqual([ids.includes(made), ids.includes(oldest), ids.length], [true, false, 11]);
  assert.ok(ids.includes((await stageOf(ApiId)).DeploymentId), 'the current one is among them');
});

void test('an automatic deployment that another stage was pointed to is kept', async () => {
  const ApiId = await makeFollowed();
  const { DeploymentId: first } = await stageOf(ApiId);
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: 'fixed', DeploymentId: first }));
  for (let count = 0; count < 12; count += 1) await addRoute(gateway.clients, ApiId, `route ${count}`, {});
  const read = await api.send(new v2.GetDeploymentCommand({ ApiId, DeploymentId: first }));
  assert.equal(read.AutoDeployed, true);
});

void test('of sixty that edit at once every edit is in the last deployment', async () => {
  const ApiId = await makeFollowed();
  const keys = Array.from({ length: 60 }, (_, number) => `key ${number}`);
  const target = {
    IntegrationId: (await api.send(new v2.CreateIntegrationCommand({ ApiId, ...mockOf('here') }))).IntegrationId,
  };
  const answer = { ApiId, ...target, IntegrationResponseKey: '$default', ResponseTemplates: { $default: 'here' } };
  await api.send(new v2.CreateIntegrationResponseCommand(answer));
  const Target = `integrations/${target.IntegrationId}`;
  await Promise.all(
    keys.map(async (RouteKey) => {
      const { RouteId } = await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey, Target }));
      await api.send(new v2.CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }));
    }),
  );
  const client = await openSocket(gateway, pathForm(gateway, { apiId: ApiId, stage: FOLLOWING }));
  for (const action of keys) assert.equal(await ask(client, JSON.stringify({ action })), 'here', action);
  client.socket.close();
});

function mockOf(reply: string) {
  const { responses: _, ...integration } = mock(reply);
  return integration;
}

void test('an Api with a stage that follows it is deleted with everything', async () => {
  const ApiId = await makeFollowed();
  await api.send(new v2.DeleteApiCommand({ ApiId }));
  assert.equal((await refusalOf(api.send(new v2.GetStageCommand({ ApiId, StageName: FOLLOWING })))).status, 404);
});

void test('an HTTP Api is not deployed here, so none of its stages can follow it', async () => {
  const { ApiId } = await api.send(new v2.CreateApiCommand({ Name: 'http', ProtocolType: 'HTTP' }));
  const create = new v2.CreateStageCommand({ ApiId, StageName: FOLLOWING, AutoDeploy: true });
  const refusal = await refusalOf(api.send(create));
  assert.deepEqual([refusal.name, refusal.status], ['NotImplemented', 501]);
  assert.match(refusal.message, /^AutoDeploy of a Stage of an HTTP API /);
});
