// GetRouteResponse.

import type { Operation } from '../operation.ts';
import { routeResponseOutput } from './api-output.ts';
import { findRoute, notFound } from './find.ts';

export const getRouteResponse: Operation<'apigatewayv2', 'GetRouteResponse'> = async (input, request, { store }) => {
  const route = await findRoute(store.view, request, input.ApiId, input.RouteId);
  const response = await store.view.get('route-response', `${route.id}/${input.RouteResponseId}`);
  if (!response) throw notFound(`Invalid RouteResponse identifier specified ${input.RouteResponseId}`);
  return routeResponseOutput(response);
};
