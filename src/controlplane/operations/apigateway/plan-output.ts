// Keys and plans as the wire has them. A key's value is opened where it is asked for, and nowhere else.

import type { ApiKey, UsagePlan } from '../../../model/usage-plan.ts';
import type { ApiKeyValues } from '../../../protocol/api-key-values.ts';
import type {
  ApiKey as ApiKeyOutput,
  UsagePlan as UsagePlanOutput,
  UsagePlanKey as UsagePlanKeyOutput,
} from '../../../protocol/wire/shapes-apigateway.ts';

/** `values` opens the value; without it the value is not told. */
export function apiKeyOutput(key: ApiKey, values?: ApiKeyValues): ApiKeyOutput {
  return {
    id: key.apiKeyId,
    value: values?.unseal(key.sealedValue, key.apiKeyId),
    name: key.name,
    customerId: key.customerId,
    description: key.description,
    enabled: key.enabled,
    createdDate: new Date(Math.floor(key.createdAtMs / 1_000) * 1_000),
    lastUpdatedDate: new Date(Math.floor(key.lastUpdatedAtMs / 1_000) * 1_000),
    stageKeys: [],
    tags: key.tags,
  };
}

export function usagePlanOutput(plan: UsagePlan): UsagePlanOutput {
  return {
    id: plan.usagePlanId,
    name: plan.name,
    description: plan.description,
    productCode: plan.productCode,
    apiStages: plan.stages,
    throttle: plan.throttle,
    quota: plan.quota,
    tags: plan.tags,
  };
}

export function usagePlanKeyOutput(key: ApiKey, values: ApiKeyValues): UsagePlanKeyOutput {
  return { id: key.apiKeyId, type: 'API_KEY', value: values.unseal(key.sealedValue, key.apiKeyId), name: key.name };
}
