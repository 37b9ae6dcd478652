// ImportApiKeys: many keys at once, in one commit. A row that cannot be taken is a warning, or with `failOnWarnings` the end of all.

import { Fault } from '../../../model/faults.ts';
import type { ApiKey } from '../../../model/usage-plan.ts';
import type { Transaction } from '../../../store/contract.ts';
import { badRequest, conflict } from '../apigatewayv2/find.ts';
import type { Operation, OperationRequest, OperationWorld } from '../operation.ts';
import { planKeyFor } from './add-to-plan.ts';
import { findUsagePlan } from './find-plan.ts';
import { noRoomForKeys, roomFor } from './key-quotas.ts';
import { readKeyFile, type KeyRow } from './key-file.ts';
import { isValueTaken, makeApiKey } from './make-api-key.ts';

export const importApiKeys: Operation<'apigateway', 'ImportApiKeys'> = async (input, request, world) => {
  const rows = readKeyFile(Buffer.from(input.body).toString());
  return world.store.transact(async (transaction) => {
    const imported = new Map<string, ApiKey>();
    const warnings: string[] = [];
    const room = await roomFor('api-key', transaction, request);
    for (const [place, row] of rows.entries()) {
      try {
        if (imported.size >= room) throw noRoomForKeys();
        const key = await importRow(transaction, row, imported, request, world);
        imported.set(key.fingerprint, key);
      } catch (error) {
        if (!(error instanceof Fault) || error.code === 'ServiceUnavailableException') throw error;
        warnings.push(`Row ${place + 2}: ${error.message}`);
      }
    }
    if (input.failOnWarnings && warnings.length > 0) throw badRequest(warnings.join('; '));
    return { ids: [...imported.values()].map(({ apiKeyId }) => apiKeyId), warnings };
  });
};

async function importRow(
  transaction: Transaction,
  { usagePlanIds, ...row }: KeyRow,
  imported: ReadonlyMap<string, ApiKey>,
  request: OperationRequest,
  world: OperationWorld,
): Promise<ApiKey> {
  const key = makeApiKey(row, request, world);
  if (imported.has(key.fingerprint) || (await isValueTaken(transaction, key))) throw conflict('API Key already exists');
  const plans = await Promise.all([...new Set(usagePlanIds)].map((id) => findUsagePlan(transaction, request, id)));
  const names = plans.flatMap(({ stages }) => stages.map(({ apiId, stage }) => `${apiId}:${stage}`));
  if (new Set(names).size < names.length) throw conflict('Two of the usage plans have an API Stage in common');
  const planKeys = await Promise.all(plans.map((plan) => planKeyFor(transaction, key, plan)));
  transaction.put('api-key', key);
  for (const planKey of planKeys) transaction.put('usage-plan-key', planKey);
  return key;
}
