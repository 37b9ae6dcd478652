// A key comes into a plan: for CreateUsagePlanKey and ImportApiKeys alike.

import { Fault } from '../../../model/faults.ts';
import { reference } from '../../../model/kinds.ts';
import type { ApiKey, UsagePlan, UsagePlanKey } from '../../../model/usage-plan.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import { conflict } from '../apigatewayv2/find.ts';
import { inTwoPlans } from './plan-rules.ts';

/**
 * What to put. Throws ConflictException for a key that is in the plan, or in another one for a stage of it, and
 * TooManyRequestsException for one that is in as many as it may.
 */
export async function planKeyFor(
  view: View,
  { apiKeyId }: Pick<ApiKey, 'apiKeyId'>,
  plan: UsagePlan,
): Promise<UsagePlanKey> {
  const { usagePlanId, account, region } = plan;
  const places = await view.referring('usage-plan-key', reference.apiKey(apiKeyId));
  const max = limit('usagePlansPerApiKeyMax');
  if (places.some((place) => place.usagePlanId === usagePlanId))
    throw conflict(`API Key ${apiKeyId} is in usage plan ${usagePlanId} already`);
  if (places.length >= max)
    throw new Fault('TooManyRequestsException', `An API Key may be in at most ${max} usage plans.`);
  for (const place of places) {
    const other = await view.get('usage-plan', place.usagePlanId);
    const common = other?.stages.find(({ apiId, stage }) =>
      plan.stages.some((one) => one.apiId === apiId && one.stage === stage),
    );
    if (other && common) throw inTwoPlans(apiKeyId, other, `${common.apiId}:${common.stage}`);
  }
  return { id: `${usagePlanId}/${apiKeyId}`, account, region, usagePlanId, apiKeyId };
}
