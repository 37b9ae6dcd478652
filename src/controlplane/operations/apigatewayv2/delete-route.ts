// DeleteRoute, with its responses. Deployments keep their copy.

import type { Operation } from '../operation.ts';
import { findRoute } from './find.ts';

export const deleteRoute: Operation<'apigatewayv2', 'DeleteRoute'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const route = await findRoute(transaction, request, input.ApiId, input.RouteId);
    for (const response of await transaction.children('route-response', route.id)) {
      transaction.remove('route-response', response.id);
    }
    transaction.remove('route', route.id);
  });
