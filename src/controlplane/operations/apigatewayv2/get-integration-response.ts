// GetIntegrationResponse.

import type { Operation } from '../operation.ts';
import { integrationResponseOutput } from './api-output.ts';
import { findIntegrationResponse } from './find.ts';

export const getIntegrationResponse: Operation<'apigatewayv2', 'GetIntegrationResponse'> = async (
  input,
  request,
  { store },
) => {
  const { ApiId, IntegrationId, IntegrationResponseId } = input;
  return integrationResponseOutput(
    await findIntegrationResponse(store.view, request, ApiId, IntegrationId, IntegrationResponseId),
  );
};
