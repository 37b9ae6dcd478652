// GetRouteResponse.

import type { Operation } from '../operation.ts';
import { routeResponseOutput } from './api-output.ts';
import { findRouteResponse } from './find.ts';

export const getRouteResponse: Operation<'apigatewayv2', 'GetRouteResponse'> = async (input, request, { store }) =>
  routeResponseOutput(await findRouteResponse(store.view, request, input.ApiId, input.RouteId, input.RouteResponseId));
