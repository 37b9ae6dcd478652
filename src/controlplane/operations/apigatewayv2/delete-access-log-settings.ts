// DeleteAccessLogSettings: the stage writes no access log any more; the lines that there are stay. A stage that has none is answered the
// same.

import { without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { findStage } from './find.ts';

export const deleteAccessLogSettings: Operation<'apigatewayv2', 'DeleteAccessLogSettings'> = async (
  input,
  request,
  { store, clock },
) =>
  store.transact(async (transaction) => {
    const stage = await findStage(transaction, request, input.ApiId, input.StageName);
    if (!stage.accessLogSettings) return;
    transaction.put('stage', { ...without(stage, 'accessLogSettings'), lastUpdatedAtMs: clock.now() });
  });
