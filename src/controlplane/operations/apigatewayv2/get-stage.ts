// GetStage.

import type { Operation } from '../operation.ts';
import { stageOutput } from './api-output.ts';
import { findStage } from './find.ts';

export const getStage: Operation<'apigatewayv2', 'GetStage'> = async (input, request, { store }) =>
  stageOutput(await findStage(store.view, request, input.ApiId, input.StageName));
