// Looking things up for a caller: what is in another account or region does not exist. The 404 texts are AWS's.

import type {
  Api,
  Authorizer,
  Deployment,
  Integration,
  IntegrationResponse,
  Model,
  Route,
  RouteResponse,
  Stage,
} from '../../../model/api.ts';
import type { ApiMapping, DomainName } from '../../../model/domain-name.ts';
import { Fault } from '../../../model/faults.ts';
import type { Kinds } from '../../../model/kinds.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import type { PageRequest } from '../paging.ts';

export function badRequest(message: string): Fault {
  return new Fault('BadRequestException', message);
}

export function notFound(message: string): Fault {
  return new Fault('NotFoundException', message);
}

export function conflict(message: string): Fault {
  return new Fault('ConflictException', message);
}

function isOwned(entity: { account: string; region: string } | undefined, request: OperationRequest): boolean {
  return entity?.account === request.caller.account && entity.region === request.region;
}

/** The API, or undefined when the caller has none of that id in this region. */
export async function ownApi(view: View, request: OperationRequest, apiId: string): Promise<Api | undefined> {
  const api = await view.get('api', apiId);
  return isOwned(api, request) ? api : undefined;
}

export async function findApi(view: View, request: OperationRequest, apiId: string): Promise<Api> {
  const api = await ownApi(view, request, apiId);
  if (!api) throw notFound(`Invalid API identifier specified ${request.caller.account}:${apiId}`);
  return api;
}

/** Like `findApi`, for what only WebSocket APIs have here: the parts of an HTTP API are not served. */
export async function findWebSocketApi(view: View, request: OperationRequest, apiId: string): Promise<Api> {
  const api = await findApi(view, request, apiId);
  if (api.protocolType === 'HTTP') {
    throw new Fault(
      'NotImplemented',
      `The routing of ${apiId}, an HTTP API, is not available in this version of Sallyport.`,
    );
  }
  return api;
}

/** A part of one of the caller's APIs. */
async function findPart<K extends 'route' | 'integration' | 'model' | 'authorizer' | 'deployment' | 'stage'>(
  view: View,
  request: OperationRequest,
  kind: K,
  apiId: string,
  ownId: string,
  absent: string,
): Promise<Kinds[K]> {
  await findApi(view, request, apiId);
  const part = await view.get(kind, `${apiId}/${ownId}`);
  if (!part) throw notFound(absent);
  return part;
}

export function findRoute(view: View, request: OperationRequest, apiId: string, routeId: string): Promise<Route> {
  return findPart(view, request, 'route', apiId, routeId, `Invalid Route identifier specified ${routeId}`);
}

export function findIntegration(
  view: View,
  request: OperationRequest,
  apiId: string,
  id: string,
): Promise<Integration> {
  return findPart(view, request, 'integration', apiId, id, `Invalid Integration identifier specified ${id}`);
}

export async function findRouteResponse(
  view: View,
  request: OperationRequest,
  apiId: string,
  routeId: string,
  id: string,
): Promise<RouteResponse> {
  const route = await findRoute(view, request, apiId, routeId);
  const response = await view.get('route-response', `${route.id}/${id}`);
  if (!response) throw notFound(`Invalid RouteResponse identifier specified ${id}`);
  return response;
}

export async function findIntegrationResponse(
  view: View,
  request: OperationRequest,
  apiId: string,
  integrationId: string,
  id: string,
): Promise<IntegrationResponse> {
  const integration = await findIntegration(view, request, apiId, integrationId);
  const response = await view.get('integration-response', `${integration.id}/${id}`);
  if (!response) throw notFound(`Invalid IntegrationResponse identifier specified ${id}`);
  return response;
}

export function findAuthorizer(view: View, request: OperationRequest, apiId: string, id: string): Promise<Authorizer> {
  return findPart(view, request, 'authorizer', apiId, id, `Invalid Authorizer identifier specified ${id}`);
}

export function findModel(view: View, request: OperationRequest, apiId: string, id: string): Promise<Model> {
  return findPart(view, request, 'model', apiId, id, `Invalid Model identifier specified ${id}`);
}

export function findDeployment(view: View, request: OperationRequest, apiId: string, id: string): Promise<Deployment> {
  return findPart(view, request, 'deployment', apiId, id, `Invalid Deployment identifier specified ${id}`);
}

export function findStage(view: View, request: OperationRequest, apiId: string, stageName: string): Promise<Stage> {
  return findPart(view, request, 'stage', apiId, stageName, 'Invalid stage identifier specified');
}

/** The name is compared as sent: names are stored in lower case, so one with upper case is not found (custom-domains 1.6). */
export async function findDomainName(view: View, request: OperationRequest, domainName: string): Promise<DomainName> {
  const domain = await view.get('domain-name', domainName);
  if (!domain || !isOwned(domain, request)) throw notFound('Invalid domain name identifier specified');
  return domain;
}

export async function findApiMapping(
  view: View,
  request: OperationRequest,
  domainName: string,
  apiMappingId: string,
): Promise<ApiMapping> {
  await findDomainName(view, request, domainName);
  const mapping = await view.get('api-mapping', `${domainName}/${apiMappingId}`);
  if (!mapping) throw notFound(`Unable to find ApiMapping with ID ${apiMappingId}`);
  return mapping;
}

/** The page that `maxResults` and `nextToken` ask for; both travel as text. */
export function pageRequest(
  list: string,
  input: { MaxResults?: string | undefined; NextToken?: string | undefined },
): PageRequest {
  const { MaxResults: text = String(limit('pageSizeDefault')) } = input;
  const size = Number(text);
  if (!/^\d+$/.test(text) || size < 1 || size > limit('pageSizeMax')) {
    throw badRequest(`maxResults must be a number from 1 to ${limit('pageSizeMax')}, and is '${text.slice(0, 32)}'.`);
  }
  return { list, size, token: input.NextToken, fault: 'BadRequestException' };
}
