// GetApiKeys: the caller's keys in this region; `nameQuery` is how their names begin.

import type { Operation } from '../operation.ts';
import { pageOf, readMatching } from './find-plan.ts';
import { apiKeyOutput } from './plan-output.ts';

export const getApiKeys: Operation<'apigateway', 'GetApiKeys'> = async (
  { nameQuery = '', customerId, includeValues, ...page },
  { caller: { account }, region },
  { store, apiKeyValues },
) => {
  const { items, nextToken } = await readMatching(
    pageOf(`apikeys/${account}/${region}`, page),
    (part) => store.view.owned('api-key', account, region, part),
    (key) => (key.name ?? '').startsWith(nameQuery) && (customerId === undefined || key.customerId === customerId),
  );
  const values = includeValues ? apiKeyValues : undefined;
  return { items: items.map((key) => apiKeyOutput(key, values)), position: nextToken };
};
