// GetUsagePlanKey: with its value, as AWS tells it here.

import type { Operation } from '../operation.ts';
import { findApiKey, findUsagePlanKey } from './find-plan.ts';
import { usagePlanKeyOutput } from './plan-output.ts';

export const getUsagePlanKey: Operation<'apigateway', 'GetUsagePlanKey'> = async (
  { usagePlanId, keyId },
  request,
  { store: { view }, apiKeyValues },
) => {
  await findUsagePlanKey(view, request, usagePlanId, keyId);
  return usagePlanKeyOutput(await findApiKey(view, request, keyId), apiKeyValues);
};
