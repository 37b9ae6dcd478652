// CreateIntegrationResponse: `$default`, or a pattern between slashes that the selection value is matched against.

import { ids } from '../../../ambient/ids.ts';
import type { IntegrationResponse } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { integrationResponseOutput } from './api-output.ts';
import { findIntegration } from './find.ts';
import { checkIntegrationResponse, checkResponseKeyIsFree } from './integration-response-rules.ts';

export const createIntegrationResponse: Operation<'apigatewayv2', 'CreateIntegrationResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const integration = await findIntegration(transaction, request, input.ApiId, input.IntegrationId);
    const integrationResponseId = ids.part();
    const response: IntegrationResponse = {
      id: `${integration.id}/${integrationResponseId}`,
      account: integration.account,
      region: integration.region,
      apiId: integration.apiId,
      integrationId: integration.integrationId,
      integrationResponseId,
      integrationResponseKey: input.IntegrationResponseKey,
      ...present({
        contentHandlingStrategy: input.ContentHandlingStrategy,
        templateSelectionExpression: input.TemplateSelectionExpression,
        responseTemplates: input.ResponseTemplates,
        responseParameters: input.ResponseParameters,
      }),
    };
    checkIntegrationResponse(response);
    checkResponseKeyIsFree(await transaction.children('integration-response', integration.id), response);
    transaction.put('integration-response', response);
    return integrationResponseOutput(response);
  });
