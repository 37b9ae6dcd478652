// CreateUsagePlan: which stages its keys may connect to, how fast, and how often in a period.

import { ids } from '../../../ambient/ids.ts';
import type { PlanStage, UsagePlan } from '../../../model/usage-plan.ts';
import type { CreateUsagePlanRequest } from '../../../protocol/wire/shapes-apigateway.ts';
import { badRequest } from '../apigatewayv2/find.ts';
import { checkTags } from '../apigatewayv2/tag-rules.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { roomFor } from './key-quotas.ts';
import { usagePlanOutput } from './plan-output.ts';
import { checkStages, readQuota, readStageThrottle, readThrottle } from './plan-rules.ts';

export const createUsagePlan: Operation<'apigateway', 'CreateUsagePlan'> = async (input, request, { store }) => {
  checkTags('usage-plan', input.tags);
  const usagePlanId = ids.usagePlan();
  const plan: UsagePlan = {
    id: usagePlanId,
    account: request.caller.account,
    region: request.region,
    usagePlanId,
    name: input.name,
    stages: stagesOf(input),
    ...present({
      description: input.description,
      throttle: input.throttle && readThrottle(input.throttle),
      quota: input.quota && readQuota(input.quota),
      tags: input.tags,
    }),
  };
  await store.transact(async (transaction) => {
    await checkStages(transaction, request, plan);
    await roomFor('usage-plan', transaction, request);
    transaction.put('usage-plan', plan);
  });
  return usagePlanOutput(plan);
};

function stagesOf({ apiStages = [], name }: CreateUsagePlanRequest): PlanStage[] {
  return apiStages.map(({ apiId, stage, throttle }) => {
    if (!apiId || !stage)
      throw badRequest(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${name}`);
    return { apiId, stage, ...present({ throttle: throttle && readStageThrottle(throttle) }) };
  });
}
