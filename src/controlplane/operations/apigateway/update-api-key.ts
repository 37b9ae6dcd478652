// UpdateApiKey: a key that is disabled connects no more; sockets that are open stay open. A value is never changed.

import type { ApiKey } from '../../../model/usage-plan.ts';
import { badRequest } from '../apigatewayv2/find.ts';
import { patch as patched } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findApiKey } from './find-plan.ts';
import { booleanOf, readPatches, refusePath, type Patch } from './patch-operations.ts';
import { apiKeyOutput } from './plan-output.ts';

const PATHS = ['/name', '/description', '/customerId', '/enabled'];
const TEXT_CHARACTERS_MAX = 1024;

export const updateApiKey: Operation<'apigateway', 'UpdateApiKey'> = async (input, request, { store, clock }) => {
  const patches = readPatches(input.patchOperations);
  return store.transact(async (transaction) => {
    const old = await findApiKey(transaction, request, input.apiKey);
    const key: ApiKey = { ...patches.reduce(apply, old), lastUpdatedAtMs: clock.now() };
    transaction.put('api-key', key);
    return apiKeyOutput(key);
  });
};

function apply(key: ApiKey, patch: Patch): ApiKey {
  if (patch.op !== 'replace') refusePath(patch, PATHS);
  if (patch.path === '/enabled') return { ...key, enabled: booleanOf(patch) };
  if (!PATHS.includes(patch.path)) refusePath(patch, PATHS);
  if (patch.value.length > TEXT_CHARACTERS_MAX)
    throw badRequest(`The value of ${patch.path} has ${patch.value.length} characters, at most 1024 are allowed.`);
  return patched(key, { [patch.path.slice(1)]: patch.value });
}
