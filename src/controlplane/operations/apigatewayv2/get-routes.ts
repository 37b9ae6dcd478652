// GetRoutes.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { routeOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getRoutes: Operation<'apigatewayv2', 'GetRoutes'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`routes/${apiId}`, input), (page) =>
    store.view.children('route', apiId, page),
  );
  return { Items: items.map(routeOutput), NextToken: nextToken };
};
