// DeleteAccessLogSettings: a stage of this version has none, so there is nothing to take away.

import type { Operation } from '../operation.ts';
import { findStage } from './find.ts';

export const deleteAccessLogSettings: Operation<'apigatewayv2', 'DeleteAccessLogSettings'> = async (
  input,
  request,
  { store },
) => {
  await findStage(store.view, request, input.ApiId, input.StageName);
};
