// DeleteApiKey: with its places in usage plans. Open sockets stay.

import { reference } from '../../../model/kinds.ts';
import type { Operation } from '../operation.ts';
import { findApiKey } from './find-plan.ts';

export const deleteApiKey: Operation<'apigateway', 'DeleteApiKey'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const { apiKeyId } = await findApiKey(transaction, request, input.apiKey);
    for (const { id } of await transaction.referring('usage-plan-key', reference.apiKey(apiKeyId)))
      transaction.remove('usage-plan-key', id);
    transaction.remove('api-key', apiKeyId);
  });
