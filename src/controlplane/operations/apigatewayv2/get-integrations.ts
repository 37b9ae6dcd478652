// GetIntegrations.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { integrationOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getIntegrations: Operation<'apigatewayv2', 'GetIntegrations'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`integrations/${apiId}`, input), (page) =>
    store.view.children('integration', apiId, page),
  );
  return { Items: items.map(integrationOutput), NextToken: nextToken };
};
