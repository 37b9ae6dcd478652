// CreateIntegration (websocket-apis 1.6).

import { ids } from '../../../ambient/ids.ts';
import type { Integration } from '../../../model/api.ts';
import type { Operation } from '../operation.ts';
import { integrationOutput } from './api-output.ts';
import { findWebSocketApi } from './find.ts';
import { integrationMembers } from './integration-rules.ts';

export const createIntegration: Operation<'apigatewayv2', 'CreateIntegration'> = async (input, request, { store }) => {
  const members = integrationMembers(input);
  return store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const integrationId = ids.integration();
    const integration: Integration = {
      id: `${api.apiId}/${integrationId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      integrationId,
      ...members,
    };
    transaction.put('integration', integration);
    return integrationOutput(integration);
  });
};
