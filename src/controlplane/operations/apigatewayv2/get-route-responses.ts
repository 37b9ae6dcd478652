// GetRouteResponses.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { routeResponseOutput } from './api-output.ts';
import { findRoute, pageRequest } from './find.ts';

export const getRouteResponses: Operation<'apigatewayv2', 'GetRouteResponses'> = async (input, request, { store }) => {
  const route = await findRoute(store.view, request, input.ApiId, input.RouteId);
  const { items, nextToken } = await readPage(pageRequest(`route-responses/${route.id}`, input), (page) =>
    store.view.children('route-response', route.id, page),
  );
  return { Items: items.map(routeResponseOutput), NextToken: nextToken };
};
