// ExportApi, as OpenAPI: of HTTP APIs only.

import type { Operation } from '../operation.ts';
import { refuseHttpOnly } from './http-only.ts';

export const exportApi: Operation<'apigatewayv2', 'ExportApi'> = (input, request, { store }) =>
  refuseHttpOnly(store.view, request, input.ApiId, 'ExportApi');
