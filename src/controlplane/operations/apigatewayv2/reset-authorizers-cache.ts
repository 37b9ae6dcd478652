// ResetAuthorizersCache: authorizers are cached by HTTP APIs only (websocket-apis 1.2).

import type { Operation } from '../operation.ts';
import { findStage } from './find.ts';
import { refuseHttpOnly } from './http-only.ts';

export const resetAuthorizersCache: Operation<'apigatewayv2', 'ResetAuthorizersCache'> = async (
  input,
  request,
  { store },
) => {
  const { apiId } = await findStage(store.view, request, input.ApiId, input.StageName);
  return refuseHttpOnly(store.view, request, apiId, 'ResetAuthorizersCache');
};
