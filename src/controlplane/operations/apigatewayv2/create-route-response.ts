// CreateRouteResponse: a `$default` response makes its route two-way (websocket-apis 1.5).

import { ids } from '../../../ambient/ids.ts';
import type { RouteResponse } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeResponseOutput } from './api-output.ts';
import { badRequest, conflict, findRoute } from './find.ts';
import { checkRouteResponse } from './route-response-rules.ts';

export const createRouteResponse: Operation<'apigatewayv2', 'CreateRouteResponse'> = async (
  input,
  request,
  { store },
) => {
  const members = {
    routeResponseKey: input.RouteResponseKey,
    ...present({
      modelSelectionExpression: input.ModelSelectionExpression,
      responseModels: input.ResponseModels,
    }),
  };
  checkRouteResponse(members, input.ResponseParameters);
  return store.transact(async (transaction) => {
    const route = await findRoute(transaction, request, input.ApiId, input.RouteId);
    if (route.routeKey === '$disconnect') throw badRequest('The $disconnect route can be one-way only.');
    const others = await transaction.children('route-response', route.id);
    if (others.some((other) => other.routeResponseKey === input.RouteResponseKey)) {
      throw conflict(`RouteResponse with key ${input.RouteResponseKey} already exists for this Route`);
    }
    const routeResponseId = ids.part();
    const response: RouteResponse = {
      id: `${route.id}/${routeResponseId}`,
      account: route.account,
      region: route.region,
      apiId: route.apiId,
      routeId: route.routeId,
      routeResponseId,
      ...members,
    };
    transaction.put('route-response', response);
    return routeResponseOutput(response);
  });
};
