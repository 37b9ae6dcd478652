// ReimportApi, from OpenAPI: of HTTP APIs only.

import type { Operation } from '../operation.ts';
import { refuseHttpOnly } from './http-only.ts';

export const reimportApi: Operation<'apigatewayv2', 'ReimportApi'> = (input, request, { store }) =>
  refuseHttpOnly(store.view, request, input.ApiId, 'ReimportApi');
