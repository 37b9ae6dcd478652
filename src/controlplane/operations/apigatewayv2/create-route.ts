// CreateRoute (websocket-apis 1.5). Not callable before the next deployment.

import { ids } from '../../../ambient/ids.ts';
import type { Route } from '../../../model/api.ts';
import type { CreateRouteRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import type { View } from '../../../store/contract.ts';
import { present } from '../members.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { routeOutput } from './api-output.ts';
import { badRequest, conflict, findWebSocketApi } from './find.ts';

const RESERVED_KEYS = ['$connect', '$disconnect', '$default'];
const REQUEST_PARAMETER = /^route\.request\.(header|querystring)\.[A-Za-z0-9._$-]+$/;

export const createRoute: Operation<'apigatewayv2', 'CreateRoute'> = async (input, request, { store }) => {
  checkMembers(input);
  return store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const routes = await transaction.children('route', api.apiId);
    if (routes.some((route) => route.routeKey === input.RouteKey)) {
      throw conflict(`Route with key ${input.RouteKey} already exists for this API`);
    }
    if (input.Target !== undefined) await checkTarget(transaction, api.apiId, input.Target);
    const routeId = ids.route();
    const route: Route = {
      id: `${api.apiId}/${routeId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      routeId,
      routeKey: input.RouteKey,
      authorizationType: 'NONE',
      apiKeyRequired: false,
      ...present({
        target: input.Target,
        operationName: input.OperationName,
        routeResponseSelectionExpression: input.RouteResponseSelectionExpression,
        requestParameters: requestParametersOf(input),
      }),
    };
    transaction.put('route', route);
    return routeOutput(route);
  });
};

function checkMembers(input: CreateRouteRequest): void {
  const { RouteKey: routeKey, AuthorizationType: authorization = 'NONE' } = input;
  if (routeKey.startsWith('$') && !RESERVED_KEYS.includes(routeKey)) {
    throw badRequest(`Invalid route key '${routeKey}'. The prefix $ is reserved for ${RESERVED_KEYS.join(', ')}.`);
  }
  if (authorization === 'JWT') throw badRequest('JWT authorization is not supported on WEBSOCKET protocol Apis.');
  if (authorization !== 'NONE' && routeKey !== '$connect') {
    throw badRequest('Currently, authorization is restricted to the $connect route only');
  }
  if (input.AuthorizationScopes !== undefined)
    throw badRequest('AuthorizationScopes cannot be set for WEBSOCKET protocol Apis.');
  if (input.RouteResponseSelectionExpression !== undefined && input.RouteResponseSelectionExpression !== '$default') {
    throw badRequest(
      `Invalid RouteResponseSelectionExpression '${input.RouteResponseSelectionExpression}'. Only $default is supported.`,
    );
  }
  refuseUnavailable('a Route', {
    [`AuthorizationType ${authorization}`]: authorization !== 'NONE',
    AuthorizerId: input.AuthorizerId,
    ApiKeyRequired: input.ApiKeyRequired,
    ModelSelectionExpression: input.ModelSelectionExpression,
    RequestModels: input.RequestModels,
  });
}

function requestParametersOf(input: CreateRouteRequest): Record<string, { required: boolean }> | undefined {
  if (input.RequestParameters === undefined) return undefined;
  if (input.RouteKey !== '$connect') throw badRequest('RequestParameters can be set on the $connect route only.');
  return Object.fromEntries(
    Object.entries(input.RequestParameters).map(([name, constraints]) => {
      if (!REQUEST_PARAMETER.test(name)) {
        throw badRequest(
          `Invalid request parameter '${name}'. Expected route.request.header.NAME or route.request.querystring.NAME.`,
        );
      }
      return [name, { required: constraints.Required ?? false }];
    }),
  );
}

async function checkTarget(view: View, apiId: string, target: string): Promise<void> {
  const integrationId = /^integrations\/([^/]+)$/.exec(target)?.[1];
  if (integrationId === undefined)
    throw badRequest(`Invalid target '${target}'. Expected integrations/{integrationId}.`);
  if (!(await view.get('integration', `${apiId}/${integrationId}`))) {
    throw badRequest(`Invalid Integration identifier specified ${integrationId}`);
  }
}
