// GetAuthorizers.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { authorizerOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getAuthorizers: Operation<'apigatewayv2', 'GetAuthorizers'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`authorizers/${apiId}`, input), (page) =>
    store.view.children('authorizer', apiId, page),
  );
  return { Items: items.map(authorizerOutput), NextToken: nextToken };
};
