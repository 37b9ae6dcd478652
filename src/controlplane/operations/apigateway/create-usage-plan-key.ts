// CreateUsagePlanKey: a key comes into a plan, and may connect to its stages from then on.

import { badRequest } from '../apigatewayv2/find.ts';
import type { Operation } from '../operation.ts';
import { planKeyFor } from './add-to-plan.ts';
import { findApiKey, findUsagePlan } from './find-plan.ts';
import { usagePlanKeyOutput } from './plan-output.ts';

export const createUsagePlanKey: Operation<'apigateway', 'CreateUsagePlanKey'> = async (
  { usagePlanId, keyId, keyType },
  request,
  { store, apiKeyValues },
) => {
  if (keyType !== 'API_KEY') throw badRequest('Invalid key type. Must be one of: [API_KEY]');
  return store.transact(async (transaction) => {
    const plan = await findUsagePlan(transaction, request, usagePlanId);
    const key = await findApiKey(transaction, request, keyId);
    transaction.put('usage-plan-key', await planKeyFor(transaction, key, plan));
    return usagePlanKeyOutput(key, apiKeyValues);
  });
};
