// What a UsagePlan may hold: for CreateUsagePlan and UpdateUsagePlan alike, each on the whole plan as it would be.

import { reference } from '../../../model/kinds.ts';
import {
  QUOTA_OFFSETS_MAX,
  QUOTA_PERIODS,
  type PlanStage,
  type PlanThrottle,
  type Quota,
  type UsagePlan,
} from '../../../model/usage-plan.ts';
import type { QuotaSettings, ThrottleSettings } from '../../../protocol/wire/shapes-apigateway.ts';
import type { View } from '../../../store/contract.ts';
import { badRequest, conflict, notFound, ownApi } from '../apigatewayv2/find.ts';
import { present } from '../members.ts';
import type { OperationRequest } from '../operation.ts';

/** Throws BadRequestException for a rate that is none. */
export function readThrottle({ rateLimit, burstLimit }: ThrottleSettings): PlanThrottle {
  if (rateLimit !== undefined && !(Number.isFinite(rateLimit) && rateLimit >= 0))
    throw badRequest('Usage Plan throttle rate limit must be a number from 0');
  if (burstLimit !== undefined && !(Number.isSafeInteger(burstLimit) && burstLimit >= 0))
    throw badRequest('Usage Plan throttle burst limit must be a whole number from 0');
  return present({ rateLimit, burstLimit });
}

/** Throws BadRequestException for a quota that cannot be counted. */
export function readQuota({ limit, offset = 0, period }: QuotaSettings): Quota {
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < 1)
    throw badRequest('Usage Plan quota limit must be a whole number from 1');
  if (period === undefined) throw badRequest(`Usage Plan quota period must be one of [${QUOTA_PERIODS.join(', ')}]`);
  const max = QUOTA_OFFSETS_MAX[period];
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > max) {
    const bound = max === 0 ? 'zero' : `between 0 and ${max} inclusive`;
    throw badRequest(`Usage Plan quota offset must be ${bound} in the ${period} period`);
  }
  return { limit, offset, period };
}

/** Throws BadRequestException for a rate of anything but `$connect`: there is nothing else that a key is counted for. */
export function readStageThrottle(throttle: Readonly<Record<string, ThrottleSettings>>): PlanStage['throttle'] {
  const other = Object.keys(throttle).find((key) => key !== '$connect');
  if (other !== undefined)
    throw badRequest(`Invalid throttle of '${other.slice(0, 128)}'. A key is counted on the $connect route only.`);
  return Object.fromEntries(Object.entries(throttle).map(([key, settings]) => [key, readThrottle(settings)]));
}

/** Throws NotFoundException for a stage that the caller does not have, ConflictException for one that would be there twice. */
export async function checkStages(view: View, request: OperationRequest, plan: UsagePlan): Promise<void> {
  const seen = new Set<string>();
  for (const { apiId, stage } of plan.stages) {
    const name = `${apiId}:${stage}`;
    if (seen.has(name)) throw conflict(`API Stage ${name} is in the usage plan already`);
    seen.add(name);
    const isThere = (await ownApi(view, request, apiId)) && (await view.get('stage', `${apiId}/${stage}`));
    if (!isThere) throw notFound(`API Stage not found: ${name}`);
  }
}

/** Throws ConflictException where a key of the plan would be in two plans of one of these stages. */
export async function checkKeysAreFree(view: View, plan: UsagePlan, stages: readonly PlanStage[]): Promise<void> {
  const mine = new Set((await view.children('usage-plan-key', plan.usagePlanId)).map(({ apiKeyId }) => apiKeyId));
  if (mine.size === 0) return;
  for (const { apiId, stage } of stages) {
    for (const other of await view.referring('usage-plan', reference.stage(apiId, stage))) {
      if (other.usagePlanId === plan.usagePlanId) continue;
      const theirs = await view.children('usage-plan-key', other.usagePlanId);
      const both = theirs.find(({ apiKeyId }) => mine.has(apiKeyId));
      if (both) throw inTwoPlans(both.apiKeyId, other, `${apiId}:${stage}`);
    }
  }
}

export function inTwoPlans(apiKeyId: string, other: UsagePlan, stage: string) {
  return conflict(
    `API Key ${apiKeyId} is in usage plan ${other.usagePlanId} for the API Stage ${stage} already, and can be in one only`,
  );
}
