// DeleteRouteResponse: the route is one-way after the next deployment.

import type { Operation } from '../operation.ts';
import { findRoute, notFound } from './find.ts';

export const deleteRouteResponse: Operation<'apigatewayv2', 'DeleteRouteResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const route = await findRoute(transaction, request, input.ApiId, input.RouteId);
    const id = `${route.id}/${input.RouteResponseId}`;
    if (!(await transaction.get('route-response', id))) {
      throw notFound(`Invalid RouteResponse identifier specified ${input.RouteResponseId}`);
    }
    transaction.remove('route-response', id);
  });
