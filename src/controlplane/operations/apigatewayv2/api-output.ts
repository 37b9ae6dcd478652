// How an Api, and the parts of its routing, look on the wire (websocket-apis 1.4–1.10).

import type {
  Api,
  Authorizer,
  Deployment,
  Integration,
  IntegrationResponse,
  IntegrationType,
  Model,
  Route,
  RouteResponse,
  RouteSettings,
  Stage,
} from '../../../model/api.ts';
import { isServiceUri } from '../../../model/aws-services.ts';
import type { RouteSettings as WireRouteSettings } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { fromWire, toWire, without } from '../members.ts';
import type { EndpointNames } from '../operation.ts';

export function apiOutput(api: Api, endpoints: EndpointNames) {
  const host = `${api.apiId}.execute-api.${api.region}.${endpoints.suffix}`;
  return {
    ...toWire(without(api, 'id', 'account', 'region', 'createdAtMs')),
    ApiEndpoint: `${api.protocolType === 'HTTP' ? 'https' : 'wss'}://${host}${endpoints.portSuffix()}`,
    CreatedDate: new Date(api.createdAtMs),
  };
}

export function routeOutput(route: Route) {
  const { requestParameters } = route;
  return {
    ...toWire(without(route, 'id', 'account', 'region', 'apiId', 'requestParameters')),
    ...(requestParameters && {
      RequestParameters: Object.fromEntries(
        Object.entries(requestParameters).map(([name, { required }]) => [name, { Required: required }]),
      ),
    }),
  };
}

export function routeResponseOutput(response: RouteResponse) {
  return toWire(without(response, 'id', 'account', 'region', 'apiId', 'routeId'));
}

/** What the responses of each type are selected by; proxies have no responses. `AWS` is Lambda here. */
const RESPONSE_SELECTION: Readonly<Record<IntegrationType, string | undefined>> = {
  AWS: '${integration.response.body.errorMessage}',
  AWS_PROXY: undefined,
  HTTP: '${integration.response.statuscode}',
  HTTP_PROXY: undefined,
  MOCK: '${integration.response.statuscode}',
};

export function integrationOutput(integration: Integration) {
  const { integrationType: type, integrationUri: uri } = integration;
  // A service other than Lambda answers with a status, as HTTP does.
  const selection = RESPONSE_SELECTION[type === 'AWS' && isServiceUri(uri) ? 'HTTP' : type];
  return {
    ...toWire(without(integration, 'id', 'account', 'region', 'apiId')),
    ...(selection !== undefined && { IntegrationResponseSelectionExpression: selection }),
  };
}

export function integrationResponseOutput(response: IntegrationResponse) {
  return toWire(without(response, 'id', 'account', 'region', 'apiId', 'integrationId'));
}

export function authorizerOutput(authorizer: Authorizer) {
  return toWire(without(authorizer, 'id', 'account', 'region', 'apiId', 'identityValidationExpression'));
}

export function modelOutput(model: Model) {
  return toWire(without(model, 'id', 'account', 'region', 'apiId'));
}

export function deploymentOutput(deployment: Deployment) {
  return {
    ...toWire(without(deployment, 'id', 'account', 'region', 'apiId', 'createdAtMs', 'frozen')),
    AutoDeployed: deployment.autoDeployed ?? false,
    CreatedDate: new Date(deployment.createdAtMs),
    DeploymentStatus: 'DEPLOYED' as const,
  };
}

export function stageOutput(stage: Stage) {
  const settings = Object.entries(stage.routeSettings).map(([key, value]) => [key, toWire(value)] as const);
  return {
    ...toWire(
      without(
        stage,
        'id',
        'account',
        'region',
        'apiId',
        'createdAtMs',
        'lastUpdatedAtMs',
        'autoDeploymentIds',
        'defaultRouteSettings',
        'routeSettings',
        'accessLogSettings',
      ),
    ),
    ...(stage.accessLogSettings && { AccessLogSettings: toWire(stage.accessLogSettings) }),
    CreatedDate: new Date(stage.createdAtMs),
    LastUpdatedDate: new Date(stage.lastUpdatedAtMs),
    DefaultRouteSettings: toWire(stage.defaultRouteSettings),
    RouteSettings: Object.fromEntries(settings),
  };
}

export function routeSettingsInput(settings: WireRouteSettings): RouteSettings {
  return fromWire(settings);
}
