// UpdateIntegration: members left out keep their value, maps merge by key and an empty text removes an entry (websocket-apis 1.6).
// Not seen by messages before the next deployment.

import type { Operation } from '../operation.ts';
import { integrationOutput } from './api-output.ts';
import { findIntegration } from './find.ts';
import { checkIntegration, checkIntegrationInput, patchedIntegration } from './integration-rules.ts';
import { checkConnection } from './vpc-link-rules.ts';

export const updateIntegration: Operation<'apigatewayv2', 'UpdateIntegration'> = async (input, request, { store }) => {
  checkIntegrationInput(input);
  return store.transact(async (transaction) => {
    const old = await findIntegration(transaction, request, input.ApiId, input.IntegrationId);
    const integration = patchedIntegration(old, input);
    checkIntegration(integration);
    await checkConnection(transaction, request, integration);
    transaction.put('integration', integration);
    return integrationOutput(integration);
  });
};
