// UpdateRouteResponse: members left out keep their value, maps merge by key, an empty text clears its member.

import { patch, patchMap } from '../members.ts';
import type { Operation } from '../operation.ts';
import { routeResponseOutput } from './api-output.ts';
import { findRouteResponse } from './find.ts';
import { checkRouteResponse } from './route-response-rules.ts';

export const updateRouteResponse: Operation<'apigatewayv2', 'UpdateRouteResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const old = await findRouteResponse(transaction, request, input.ApiId, input.RouteId, input.RouteResponseId);
    const response = patch(old, {
      routeResponseKey: input.RouteResponseKey,
      modelSelectionExpression: input.ModelSelectionExpression,
      responseModels: input.ResponseModels && patchMap(old.responseModels ?? {}, input.ResponseModels),
    });
    checkRouteResponse(response, input.ResponseParameters);
    transaction.put('route-response', response);
    return routeResponseOutput(response);
  });
