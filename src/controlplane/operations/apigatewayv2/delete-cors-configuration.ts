// DeleteCorsConfiguration: of HTTP APIs only.

import type { Operation } from '../operation.ts';
import { refuseHttpOnly } from './http-only.ts';

export const deleteCorsConfiguration: Operation<'apigatewayv2', 'DeleteCorsConfiguration'> = (
  input,
  request,
  { store },
) => refuseHttpOnly(store.view, request, input.ApiId, 'DeleteCorsConfiguration');
