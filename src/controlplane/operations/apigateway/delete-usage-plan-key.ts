// DeleteUsagePlanKey: the key connects by this plan no more, and what it used of it is forgotten.

import type { Operation } from '../operation.ts';
import { findUsagePlanKey } from './find-plan.ts';

export const deleteUsagePlanKey: Operation<'apigateway', 'DeleteUsagePlanKey'> = async (
  { usagePlanId, keyId },
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const { id } = await findUsagePlanKey(transaction, request, usagePlanId, keyId);
    transaction.remove('usage-plan-key', id);
  });
