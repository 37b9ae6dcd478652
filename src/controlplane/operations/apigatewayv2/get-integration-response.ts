// GetIntegrationResponse.

import type { Operation } from '../operation.ts';
import { integrationResponseOutput } from './api-output.ts';
import { findIntegration, notFound } from './find.ts';

export const getIntegrationResponse: Operation<'apigatewayv2', 'GetIntegrationResponse'> = async (
  input,
  request,
  { store },
) => {
  const integration = await findIntegration(store.view, request, input.ApiId, input.IntegrationId);
  const response = await store.view.get('integration-response', `${integration.id}/${input.IntegrationResponseId}`);
  if (!response) throw notFound(`Invalid IntegrationResponse identifier specified ${input.IntegrationResponseId}`);
  return integrationResponseOutput(response);
};
