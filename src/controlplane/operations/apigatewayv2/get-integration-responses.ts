// GetIntegrationResponses.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { integrationResponseOutput } from './api-output.ts';
import { findIntegration, pageRequest } from './find.ts';

export const getIntegrationResponses: Operation<'apigatewayv2', 'GetIntegrationResponses'> = async (
  input,
  request,
  { store },
) => {
  const integration = await findIntegration(store.view, request, input.ApiId, input.IntegrationId);
  const { items, nextToken } = await readPage(pageRequest(`integration-responses/${integration.id}`, input), (page) =>
    store.view.children('integration-response', integration.id, page),
  );
  return { Items: items.map(integrationResponseOutput), NextToken: nextToken };
};
