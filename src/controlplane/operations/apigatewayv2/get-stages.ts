// GetStages.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { stageOutput } from './api-output.ts';
import { findApi, pageRequest } from './find.ts';

export const getStages: Operation<'apigatewayv2', 'GetStages'> = async (input, request, { store }) => {
  const { apiId } = await findApi(store.view, request, input.ApiId);
  const { items, nextToken } = await readPage(pageRequest(`stages/${apiId}`, input), (page) =>
    store.view.children('stage', apiId, page),
  );
  return { Items: items.map(stageOutput), NextToken: nextToken };
};
