// UpdateRoute: members left out keep their value, maps merge by key, an empty text clears its member (websocket-apis 1.5). Not
// seen by clients before the next deployment.

import type { Route } from '../../../model/api.ts';
import type { UpdateRouteRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import type { View } from '../../../store/contract.ts';
import { patch, patchMap, without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeOutput } from './api-output.ts';
import { badRequest, findRoute, findWebSocketApi } from './find.ts';
import { checkKeyIsFree, checkRoute, checkRouteInput, requestParametersOf } from './route-rules.ts';

export const updateRoute: Operation<'apigatewayv2', 'UpdateRoute'> = async (input, request, { store }) => {
  checkRouteInput(input);
  return store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const old = await findRoute(transaction, request, api.apiId, input.RouteId);
    const route = patched(old, input);
    if (route.routeKey !== old.routeKey) {
      checkKeyIsFree(await transaction.children('route', api.apiId), route);
      await checkResponses(transaction, route);
    }
    await checkRoute(transaction, api, route);
    transaction.put('route', route);
    return routeOutput(route);
  });
};

function patched(old: Route, input: UpdateRouteRequest): Route {
  const route: Route = patch(old, {
    routeKey: input.RouteKey,
    authorizationType: input.AuthorizationType as Route['authorizationType'] | undefined,
    authorizerId: input.AuthorizerId,
    apiKeyRequired: input.ApiKeyRequired,
    target: input.Target,
    operationName: input.OperationName,
    modelSelectionExpression: input.ModelSelectionExpression,
    routeResponseSelectionExpression: input.RouteResponseSelectionExpression,
    requestModels: input.RequestModels && patchMap(old.requestModels ?? {}, input.RequestModels),
    requestParameters: input.RequestParameters && { ...old.requestParameters, ...requestParametersOf(input) },
  });
  return input.AuthorizationType === 'NONE' ? without(route, 'authorizerId') : route;
}

/** A route that replies cannot become `$disconnect`: nobody is left to reply to. */
async function checkResponses(view: View, route: Route): Promise<void> {
  if (route.routeKey !== '$disconnect') return;
  const responses = await view.children('route-response', route.id);
  if (responses.length > 0) throw badRequest('The $disconnect route can be one-way only.');
}
