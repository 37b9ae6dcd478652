// DeleteRouteRequestParameter: the only way to take one away, since a PATCH merges.

import { without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findRoute, notFound } from './find.ts';

export const deleteRouteRequestParameter: Operation<'apigatewayv2', 'DeleteRouteRequestParameter'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const route = await findRoute(transaction, request, input.ApiId, input.RouteId);
    const { requestParameters = {} } = route;
    const key = input.RequestParameterKey;
    if (!Object.hasOwn(requestParameters, key)) {
      throw notFound(`Unable to find RequestParameter by key ${key} within the provided Route`);
    }
    transaction.put('route', { ...route, requestParameters: without(requestParameters, key) });
  });
