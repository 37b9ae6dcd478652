// CreateIntegration (websocket-apis 1.6).

import { ids } from '../../../ambient/ids.ts';
import type { Integration } from '../../../model/api.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { integrationOutput } from './api-output.ts';
import { badRequest, findApi, findWebSocketApi } from './find.ts';
import { checkIntegration, checkIntegrationInput, patchedIntegration } from './integration-rules.ts';
import { checkQuota } from './quota-rules.ts';
import { checkConnection } from './vpc-link-rules.ts';

export const createIntegration: Operation<'apigatewayv2', 'CreateIntegration'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const { protocolType } = await findApi(transaction, request, input.ApiId);
    if (protocolType === 'HTTP') checkProxy(input.IntegrationType);
    const { apiId, account, region } = await findWebSocketApi(transaction, request, input.ApiId);
    checkIntegrationInput(input);
    const integrationId = ids.integration();
    const blank: Integration = {
      id: `${apiId}/${integrationId}`,
      account,
      region,
      apiId,
      integrationId,
      integrationType: input.IntegrationType,
      connectionType: 'INTERNET',
      passthroughBehavior: 'WHEN_NO_MATCH',
      payloadFormatVersion: '1.0',
      timeoutInMillis: limit('integrationTimeoutMsMax'),
    };
    const integration = patchedIntegration(blank, input);
    checkIntegration(integration);
    await checkConnection(transaction, request, integration);
    checkQuota('Integrations', (await transaction.children('integration', apiId)).length);
    transaction.put('integration', integration);
    return integrationOutput(integration);
  });

function checkProxy(type: string): void {
  if (type === 'AWS_PROXY' || type === 'HTTP_PROXY') return;
  throw badRequest(
    'Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)',
  );
}
