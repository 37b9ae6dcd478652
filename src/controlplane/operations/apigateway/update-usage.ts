// UpdateUsage: another number of connections for the rest of the period, for one key.

import { dateText, dayOf } from '../../../model/usage-plan.ts';
import { badRequest } from '../apigatewayv2/find.ts';
import type { Operation } from '../operation.ts';
import { findUsagePlanKey } from './find-plan.ts';
import { numberOf, readPatches, refusePath, type Patch } from './patch-operations.ts';

const PATHS = ['/remaining'];

export const updateUsage: Operation<'apigateway', 'UpdateUsage'> = async (
  { usagePlanId, keyId, patchOperations },
  request,
  { store, usage, clock },
) => {
  const left = readPatches(patchOperations).map(remainingOf).at(-1);
  const { id } = await findUsagePlanKey(store.view, request, usagePlanId, keyId);
  if (left !== undefined && !(await usage.leave(id, left)))
    throw badRequest(`Usage plan ${usagePlanId} has no quota of which there could be a rest`);
  const todayMs = dayOf(clock.now());
  const today = dateText(todayMs);
  const items = { [keyId]: usage.days(id, todayMs, todayMs) ?? [] };
  return { usagePlanId, startDate: today, endDate: today, items };
};

function remainingOf(patch: Patch): number {
  if (patch.op !== 'replace' || !PATHS.includes(patch.path)) refusePath(patch, PATHS);
  const left = numberOf(patch);
  if (!Number.isSafeInteger(left)) throw badRequest('The value of /remaining must be a whole number.');
  return left;
}
