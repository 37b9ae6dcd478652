// The texts that clients match on (websocket-apis 1.12), each row by the call that meets it, and everything that a WebSocket API is
// refused because only HTTP APIs have it. Texts of logging need the logs, which are refused by name; of authorizers and models,
// their own operations.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { refusalOf } from '../harness/control-answers.ts';
import { startTestGateway } from '../harness/gateway.ts';

const gateway = await startTestGateway({ after });
const api = gateway.clients.gateway;
const NONE = 'nosuch0';

async function makeApi(ProtocolType: v2.ProtocolType, RouteSelectionExpression?: string): Promise<string> {
  return (await api.send(new v2.CreateApiCommand({ Name: 'a', ProtocolType, RouteSelectionExpression }))).ApiId!;
}

const ApiId = await makeApi('WEBSOCKET', '$request.body.action');
const emptyApiId = await makeApi('WEBSOCKET', '$request.body.action');
const httpApiId = await makeApi('HTTP');
const { IntegrationId } = await api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK' }));
const Target = `integrations/${IntegrationId}`;
const { RouteId } = await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey: 'join', Target }));
await api.send(new v2.CreateStageCommand({ ApiId, StageName: 'prod' }));
const { DeploymentId } = await api.send(new v2.CreateDeploymentCommand({ ApiId, StageName: 'prod' }));

const BAD = 'BadRequestException';
const GONE = 'NotFoundException';
const TAKEN = 'ConflictException';
const NOT_YET = 'NotImplemented';
const STATUS: Readonly<Record<string, number>> = { [BAD]: 400, [GONE]: 404, [TAKEN]: 409, [NOT_YET]: 501 };
const ARN = 'arn:aws:apigateway:us-east-1:lambda';
const LOG_GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:a b';

const route = (input: object) => api.send(new v2.CreateRouteCommand({ ApiId, RouteKey: 'new', ...input }));
const integration = (IntegrationUri: string) =>
  api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri }));
const ofHttp = (IntegrationType: v2.IntegrationType) =>
  api.send(new v2.CreateIntegrationCommand({ ApiId: httpApiId, IntegrationType }));
const stage = (input: object) => api.send(new v2.CreateStageCommand({ ApiId, StageName: 'new', ...input }));
const logged = { DefaultRouteSettings: { LoggingLevel: 'INFO' as const } };
const accessLog = (AccessLogSettings: object) => stage({ AccessLogSettings });

type Row = readonly [error: string, text: string, call: () => Promise<unknown>];

// -- One text a line: it is read as a table.
// prettier-ignore
const CATALOGUE: readonly Row[] = [
  [GONE, `Invalid API identifier specified 000000000000:${NONE}`, () => api.send(new v2.GetApiCommand({ ApiId: NONE }))],
  [GONE, `Invalid Route identifier specified ${NONE}`, () => api.send(new v2.UpdateRouteCommand({ ApiId, RouteId: NONE }))],
  [GONE, `Invalid RouteResponse identifier specified ${NONE}`, () => api.send(new v2.UpdateRouteResponseCommand({ ApiId, RouteId, RouteResponseId: NONE }))],
  [GONE, `Invalid Integration identifier specified ${NONE}`, () => api.send(new v2.UpdateIntegrationCommand({ ApiId, IntegrationId: NONE }))],
  [GONE, `Invalid IntegrationResponse identifier specified ${NONE}`, () => api.send(new v2.UpdateIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseId: NONE }))],
  [GONE, 'Invalid stage identifier specified', () => api.send(new v2.GetStageCommand({ ApiId, StageName: NONE }))],
  [GONE, 'Unable to find Route by key nobody within the provided RouteSettings', () => stage({ RouteSettings: { nobody: {} } })],
  [GONE, 'Unable to find Route by key join within the provided RouteSettings', () => api.send(new v2.DeleteRouteSettingsCommand({ ApiId, StageName: 'prod', RouteKey: 'join' }))],
  [BAD, 'Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]', () => makeApi('TCP' as never)],
  [TAKEN, 'Route with key join already exists for this API', () => route({ RouteKey: 'join' })],
  [TAKEN, `Cannot delete Integration because it is referenced by the following Routes with Ids: [${RouteId}]`, () => api.send(new v2.DeleteIntegrationCommand({ ApiId, IntegrationId }))],
  [TAKEN, 'Stage already exists', () => stage({ StageName: 'prod' })],
  [BAD, 'Active stages pointing to this deployment must be moved or deleted', () => api.send(new v2.DeleteDeploymentCommand({ ApiId, DeploymentId }))],
  [BAD, 'Currently, authorization is restricted to the $connect route only', () => route({ AuthorizationType: 'AWS_IAM' })],
  [BAD, 'At least one route is required before deploying the Api', () => api.send(new v2.CreateDeploymentCommand({ ApiId: emptyApiId }))],
  [BAD, `Access log destination must only contain characters a-z, A-Z, 0-9, '_', '-', '/', '.': 'a b'`, () => accessLog({ DestinationArn: LOG_GROUP, Format: '$context.requestId' })],
  [BAD, 'Access Log value missing. Expected destinationArn and format.', () => accessLog({ Format: '$context.requestId' })],
  [BAD, 'Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)', () => ofHttp('AWS')],
  [BAD, 'Execution logs are not supported on protocolType HTTP', () => stage({ ApiId: httpApiId, ...logged })],
  [BAD, 'AWS ARN for integration must contain path or action', () => integration(`${ARN}:functions`)],
  [BAD, 'Invalid ARN specified in the request', () => integration('a function')],
];

// -- The same.
// prettier-ignore
const HTTP_ONLY: readonly Row[] = [
  [BAD, 'DeleteCorsConfiguration is not supported on WEBSOCKET protocol Apis.', () => api.send(new v2.DeleteCorsConfigurationCommand({ ApiId }))],
  [BAD, 'ExportApi is not supported on WEBSOCKET protocol Apis.', () => api.send(new v2.ExportApiCommand({ ApiId, Specification: 'OAS30', OutputType: 'JSON' }))],
  [BAD, 'ReimportApi is not supported on WEBSOCKET protocol Apis.', () => api.send(new v2.ReimportApiCommand({ ApiId, Body: '{}' }))],
  [BAD, 'ResetAuthorizersCache is not supported on WEBSOCKET protocol Apis.', () => api.send(new v2.ResetAuthorizersCacheCommand({ ApiId, StageName: 'prod' }))],
  [BAD, 'CorsConfiguration cannot be set for WEBSOCKET protocol Apis.', () => api.send(new v2.UpdateApiCommand({ ApiId, CorsConfiguration: {} }))],
  [BAD, 'Target cannot be set for WEBSOCKET protocol Apis.', () => api.send(new v2.UpdateApiCommand({ ApiId, Target: 'https://example.com/' }))],
  [BAD, 'RouteKey cannot be set for WEBSOCKET protocol Apis.', () => api.send(new v2.UpdateApiCommand({ ApiId, RouteKey: '$default' }))],
  [BAD, 'CredentialsArn cannot be set for WEBSOCKET protocol Apis.', () => api.send(new v2.UpdateApiCommand({ ApiId, CredentialsArn: 'a' }))],
  [BAD, 'Invalid RouteSelectionExpression: it is empty.', () => api.send(new v2.UpdateApiCommand({ ApiId, RouteSelectionExpression: '' }))],
  [NOT_YET, 'CorsConfiguration of an Api of protocolType HTTP is not available in this version of Sallyport.', () => api.send(new v2.UpdateApiCommand({ ApiId: httpApiId, CorsConfiguration: {} }))],
  [BAD, 'RouteSelectionExpression must be ${request.method} ${request.path} for HTTP protocol Apis.', () => api.send(new v2.UpdateApiCommand({ ApiId: httpApiId, RouteSelectionExpression: '$request.body.action' }))],
  [BAD, 'JWT authorization is not supported on WEBSOCKET protocol Apis.', () => route({ AuthorizationType: 'JWT' })],
  [BAD, 'AuthorizationScopes cannot be set for WEBSOCKET protocol Apis.', () => route({ AuthorizationScopes: [] })],
  [GONE, `Invalid API identifier specified 000000000000:${NONE}`, () => api.send(new v2.DeleteCorsConfigurationCommand({ ApiId: NONE }))],
  [GONE, 'Invalid VpcLink identifier specified a', () => api.send(new v2.GetVpcLinkCommand({ VpcLinkId: 'a' }))],
  [GONE, 'Invalid stage identifier specified', () => api.send(new v2.ResetAuthorizersCacheCommand({ ApiId, StageName: NONE }))],
];

for (const [error, text, call] of [...CATALOGUE, ...HTTP_ONLY]) {
  void test(`${STATUS[error]}: ${text}`, async () => {
    assert.deepEqual(await refusalOf(call()), { name: error, status: STATUS[error], message: text });
  });
}

// -- The same.
// prettier-ignore
const NOT_HERE: readonly (readonly [operation: string, call: () => Promise<unknown>])[] = [
  ['ImportApi', () => api.send(new v2.ImportApiCommand({ Body: '{}' }))],
  ['ExportApi', () => api.send(new v2.ExportApiCommand({ ApiId: httpApiId, Specification: 'OAS30', OutputType: 'JSON' }))],
  ['ListPortals', () => api.send(new v2.ListPortalsCommand({}))],
  ['ListRoutingRules', () => api.send(new v2.ListRoutingRulesCommand({ DomainName: 'a.example.com' }))],
];

for (const [operation, call] of NOT_HERE) {
  void test(`501: ${operation} by its name`, async () => {
    const refusal = await refusalOf(call());
    assert.deepEqual([refusal.name, refusal.status], [NOT_YET, 501], refusal.message);
    assert.ok(refusal.message.startsWith(`${operation} `), refusal.message);
  });
}

// ---- lists ----

const inIntegration = { ApiId, IntegrationId };
const list = (command: object) => api.send(command as v2.GetRoutesCommand);
for (const name of ['a', 'b']) {
  const IntegrationResponseKey = `/${name}/`;
  await api.send(new v2.CreateIntegrationResponseCommand({ ...inIntegration, IntegrationResponseKey }));
  await api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK' }));
  await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey: name }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId }));
  await api.send(new v2.CreateStageCommand({ ApiId, StageName: name }));
}

interface Paging {
  readonly MaxResults?: string;
  readonly NextToken?: string | undefined;
}
const LISTS: Readonly<Record<string, (page: Paging) => object>> = {
  GetApis: (page) => new v2.GetApisCommand(page),
  GetDeployments: (page) => new v2.GetDeploymentsCommand({ ApiId, ...page }),
  GetIntegrationResponses: (page) => new v2.GetIntegrationResponsesCommand({ ...inIntegration, ...page }),
  GetIntegrations: (page) => new v2.GetIntegrationsCommand({ ApiId, ...page }),
  GetRoutes: (page) => new v2.GetRoutesCommand({ ApiId, ...page }),
  GetStages: (page) => new v2.GetStagesCommand({ ApiId, ...page }),
};

for (const [name, command] of Object.entries(LISTS)) {
  void test(`${name} goes page by page, and takes no other list’s token`, async () => {
    const all = (await list(command({}))).Items!;
    const paged: object[] = [];
    let token: string | undefined;
    do {
      const { Items, NextToken } = await list(command({ MaxResults: '1', NextToken: token }));
      assert.equal(Items!.length, 1);
      paged.push(...Items!);
      token = NextToken;
    } while (token !== undefined);
    assert.deepEqual(paged, all);
    const [other] = Object.keys(LISTS).filter((one) => one !== name);
    const { NextToken: foreign } = await list(LISTS[other!]!({ MaxResults: '1' }));
    assert.notEqual(foreign, undefined);
    const refusal = await refusalOf(list(command({ NextToken: foreign })));
    assert.deepEqual([refusal.name, refusal.status], [BAD, 400]);
  });
}
