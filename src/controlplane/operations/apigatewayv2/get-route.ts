// GetRoute.

import type { Operation } from '../operation.ts';
import { routeOutput } from './api-output.ts';
import { findRoute } from './find.ts';

export const getRoute: Operation<'apigatewayv2', 'GetRoute'> = async (input, request, { store }) =>
  routeOutput(await findRoute(store.view, request, input.ApiId, input.RouteId));
