// CreateApiKey: a secret that a client sends in `x-api-key`. It connects to nothing before it is enabled and in a plan of a stage.

import { conflict } from '../apigatewayv2/find.ts';
import { checkTags } from '../apigatewayv2/tag-rules.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { roomFor } from './key-quotas.ts';
import { isValueTaken, makeApiKey } from './make-api-key.ts';
import { apiKeyOutput } from './plan-output.ts';

export const createApiKey: Operation<'apigateway', 'CreateApiKey'> = async (input, request, world) => {
  // Of the time before usage plans.
  refuseUnavailable('an ApiKey', {
    stageKeys: (input.stageKeys ?? []).length > 0,
    'generateDistinctId false': input.generateDistinctId === false,
  });
  checkTags('api-key', input.tags);
  const key = makeApiKey(input, request, world);
  await world.store.transact(async (transaction) => {
    if (await isValueTaken(transaction, key)) throw conflict('API Key already exists');
    await roomFor('api-key', transaction, request);
    transaction.put('api-key', key);
  });
  return apiKeyOutput(key, world.apiKeyValues);
};
