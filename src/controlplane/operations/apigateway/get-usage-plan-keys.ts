// GetUsagePlanKeys: the keys of a plan, with their values, as AWS tells them here; `nameQuery` is how their names begin.

import type { Operation } from '../operation.ts';
import { findUsagePlan, pageOf, readMatching } from './find-plan.ts';
import { usagePlanKeyOutput } from './plan-output.ts';

export const getUsagePlanKeys: Operation<'apigateway', 'GetUsagePlanKeys'> = async (
  { usagePlanId, nameQuery = '', ...page },
  request,
  { store: { view }, apiKeyValues },
) => {
  await findUsagePlan(view, request, usagePlanId);
  const { items, nextToken } = await readMatching(
    pageOf(`usageplans/${usagePlanId}/keys`, page),
    async (part) => {
      const planKeys = await view.children('usage-plan-key', usagePlanId, part);
      return Promise.all(planKeys.map(async ({ id, apiKeyId }) => ({ id, key: await view.get('api-key', apiKeyId) })));
    },
    ({ key }) => key !== undefined && (key.name ?? '').startsWith(nameQuery),
  );
  return { items: items.map(({ key }) => usagePlanKeyOutput(key!, apiKeyValues)), position: nextToken };
};
