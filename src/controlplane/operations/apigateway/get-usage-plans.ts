// GetUsagePlans: the caller's plans in this region, or those that a key is in.

import { reference } from '../../../model/kinds.ts';
import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { findApiKey, pageOf } from './find-plan.ts';
import { usagePlanOutput } from './plan-output.ts';

export const getUsagePlans: Operation<'apigateway', 'GetUsagePlans'> = async (
  { keyId, ...page },
  request,
  { store: { view } },
) => {
  const {
    caller: { account },
    region,
  } = request;
  if (keyId === undefined) {
    const { items, nextToken } = await readPage(pageOf(`usageplans/${account}/${region}`, page), (part) =>
      view.owned('usage-plan', account, region, part),
    );
    return { items: items.map(usagePlanOutput), position: nextToken };
  }
  await findApiKey(view, request, keyId);
  const { items, nextToken } = await readPage(pageOf(`usageplans/of/${keyId}`, page), (part) =>
    view.referring('usage-plan-key', reference.apiKey(keyId), part),
  );
  const plans = await Promise.all(items.map(({ usagePlanId }) => view.get('usage-plan', usagePlanId)));
  return { items: plans.filter((plan) => plan !== undefined).map(usagePlanOutput), position: nextToken };
};
