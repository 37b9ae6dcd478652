// GetApis: the caller's APIs in this region.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { apiOutput } from './api-output.ts';
import { pageRequest } from './find.ts';

export const getApis: Operation<'apigatewayv2', 'GetApis'> = async (
  input,
  { caller, region },
  { store, endpoints },
) => {
  const { items, nextToken } = await readPage(pageRequest(`apis/${caller.account}/${region}`, input), (page) =>
    store.view.owned('api', caller.account, region, page),
  );
  return { Items: items.map((api) => apiOutput(api, endpoints)), NextToken: nextToken };
};
