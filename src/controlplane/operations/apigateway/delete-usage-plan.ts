// DeleteUsagePlan: with its keys' places in it, once no stage is in it any more, as AWS asks. Open sockets stay.

import { badRequest } from '../apigatewayv2/find.ts';
import type { Operation } from '../operation.ts';
import { findUsagePlan } from './find-plan.ts';

export const deleteUsagePlan: Operation<'apigateway', 'DeleteUsagePlan'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const { usagePlanId, stages } = await findUsagePlan(transaction, request, input.usagePlanId);
    if (stages.length > 0) {
      const names = stages.map(({ apiId, stage }) => `${apiId}:${stage}`).join(', ');
      throw badRequest(
        `Cannot delete Usage Plan ${usagePlanId} because there are API Stages in it. Remove them first: ${names}`,
      );
    }
    for (const { id } of await transaction.children('usage-plan-key', usagePlanId))
      transaction.remove('usage-plan-key', id);
    transaction.remove('usage-plan', usagePlanId);
  });
