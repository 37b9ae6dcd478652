// GetDeployments.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { deploymentOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getDeployments: Operation<'apigatewayv2', 'GetDeployments'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`deployments/${apiId}`, input), (page) =>
    store.view.children('deployment', apiId, page),
  );
  return { Items: items.map(deploymentOutput), NextToken: nextToken };
};
