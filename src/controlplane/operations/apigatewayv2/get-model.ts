// GetModel.

import type { Operation } from '../operation.ts';
import { modelOutput } from './api-output.ts';
import { findModel } from './find.ts';

export const getModel: Operation<'apigatewayv2', 'GetModel'> = async (input, request, { store }) =>
  modelOutput(await findModel(store.view, request, input.ApiId, input.ModelId));
