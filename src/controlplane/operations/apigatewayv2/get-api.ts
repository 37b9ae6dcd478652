// GetApi.

import type { Operation } from '../operation.ts';
import { apiOutput } from './api-output.ts';
import { findApi } from './find.ts';

export const getApi: Operation<'apigatewayv2', 'GetApi'> = async (input, request, world) =>
  apiOutput(await findApi(world.store.view, request, input.ApiId), world.endpoints);
