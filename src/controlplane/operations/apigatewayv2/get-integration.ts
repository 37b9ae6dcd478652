// GetIntegration.

import type { Operation } from '../operation.ts';
import { integrationOutput } from './api-output.ts';
import { findIntegration } from './find.ts';

export const getIntegration: Operation<'apigatewayv2', 'GetIntegration'> = async (input, request, { store }) =>
  integrationOutput(await findIntegration(store.view, request, input.ApiId, input.IntegrationId));
