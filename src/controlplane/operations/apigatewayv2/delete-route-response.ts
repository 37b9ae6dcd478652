// DeleteRouteResponse: the route is one-way after the next deployment.

import type { Operation } from '../operation.ts';
import { findRouteResponse } from './find.ts';

export const deleteRouteResponse: Operation<'apigatewayv2', 'DeleteRouteResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const { ApiId, RouteId, RouteResponseId } = input;
    const response = await findRouteResponse(transaction, request, ApiId, RouteId, RouteResponseId);
    transaction.remove('route-response', response.id);
  });
