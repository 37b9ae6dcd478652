// CreateRoute (websocket-apis 1.5). Not callable before the next deployment.

import { ids } from '../../../ambient/ids.ts';
import type { Route } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeOutput } from './api-output.ts';
import { findWebSocketApi } from './find.ts';
import { checkQuota } from './quota-rules.ts';
import { checkKeyIsFree, checkRoute, checkRouteInput, requestParametersOf } from './route-rules.ts';

export const createRoute: Operation<'apigatewayv2', 'CreateRoute'> = async (input, request, { store }) => {
  checkRouteInput(input);
  return store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const others = await transaction.children('route', api.apiId);
    const routeId = ids.route();
    const route: Route = {
      id: `${api.apiId}/${routeId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      routeId,
      routeKey: input.RouteKey,
      authorizationType: (input.AuthorizationType ?? 'NONE') as Route['authorizationType'],
      apiKeyRequired: input.ApiKeyRequired ?? false,
      ...present({
        authorizerId: input.AuthorizerId,
        target: input.Target,
        operationName: input.OperationName,
        modelSelectionExpression: input.ModelSelectionExpression,
        requestModels: input.RequestModels,
        routeResponseSelectionExpression: input.RouteResponseSelectionExpression,
        requestParameters: requestParametersOf(input),
      }),
    };
    checkKeyIsFree(others, route);
    checkQuota('Routes', others.length);
    await checkRoute(transaction, api, route);
    transaction.put('route', route);
    return routeOutput(route);
  });
};
