// GetModels.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { modelOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getModels: Operation<'apigatewayv2', 'GetModels'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`models/${apiId}`, input), (page) =>
    store.view.children('model', apiId, page),
  );
  return { Items: items.map(modelOutput), NextToken: nextToken };
};
