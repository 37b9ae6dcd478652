// The operations of API Gateway's REST API that are there: API keys and usage plans, which a WebSocket API has, too, and their tags.

import type { ServiceTable } from '../operation.ts';
import { createApiKey } from './create-api-key.ts';
import { createUsagePlanKey } from './create-usage-plan-key.ts';
import { createUsagePlan } from './create-usage-plan.ts';
import { deleteApiKey } from './delete-api-key.ts';
import { deleteUsagePlanKey } from './delete-usage-plan-key.ts';
import { deleteUsagePlan } from './delete-usage-plan.ts';
import { getApiKey } from './get-api-key.ts';
import { getApiKeys } from './get-api-keys.ts';
import { getUsagePlanKey } from './get-usage-plan-key.ts';
import { getUsagePlanKeys } from './get-usage-plan-keys.ts';
import { getUsagePlan } from './get-usage-plan.ts';
import { getUsagePlans } from './get-usage-plans.ts';
import { getUsage } from './get-usage.ts';
import { importApiKeys } from './import-api-keys.ts';
import { getTagsOfRest, tagRestResource, untagRestResource } from './tag-operations.ts';
import { updateApiKey } from './update-api-key.ts';
import { updateUsagePlan } from './update-usage-plan.ts';
import { updateUsage } from './update-usage.ts';

export const REST_OPERATIONS: ServiceTable<'apigateway'> = {
  CreateApiKey: createApiKey,
  CreateUsagePlan: createUsagePlan,
  CreateUsagePlanKey: createUsagePlanKey,
  DeleteApiKey: deleteApiKey,
  DeleteUsagePlan: deleteUsagePlan,
  DeleteUsagePlanKey: deleteUsagePlanKey,
  GetApiKey: getApiKey,
  GetApiKeys: getApiKeys,
  GetTags: getTagsOfRest,
  GetUsage: getUsage,
  GetUsagePlan: getUsagePlan,
  GetUsagePlanKey: getUsagePlanKey,
  GetUsagePlanKeys: getUsagePlanKeys,
  GetUsagePlans: getUsagePlans,
  ImportApiKeys: importApiKeys,
  TagResource: tagRestResource,
  UntagResource: untagRestResource,
  UpdateApiKey: updateApiKey,
  UpdateUsage: updateUsage,
  UpdateUsagePlan: updateUsagePlan,
};
