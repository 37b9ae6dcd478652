// UpdateIntegrationResponse: members left out keep their value, maps merge by key and an empty text removes an entry.

import { patch, patchMap } from '../members.ts';
import type { Operation } from '../operation.ts';
import { integrationResponseOutput } from './api-output.ts';
import { findIntegrationResponse } from './find.ts';
import { checkIntegrationResponse, checkResponseKeyIsFree } from './integration-response-rules.ts';

export const updateIntegrationResponse: Operation<'apigatewayv2', 'UpdateIntegrationResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const { ApiId, IntegrationId, IntegrationResponseId } = input;
    const old = await findIntegrationResponse(transaction, request, ApiId, IntegrationId, IntegrationResponseId);
    const response = patch(old, {
      integrationResponseKey: input.IntegrationResponseKey,
      contentHandlingStrategy: input.ContentHandlingStrategy,
      templateSelectionExpression: input.TemplateSelectionExpression,
      responseTemplates: input.ResponseTemplates && patchMap(old.responseTemplates ?? {}, input.ResponseTemplates),
      responseParameters: input.ResponseParameters && patchMap(old.responseParameters ?? {}, input.ResponseParameters),
    });
    checkIntegrationResponse(response);
    const siblings = await transaction.children('integration-response', `${old.apiId}/${old.integrationId}`);
    checkResponseKeyIsFree(siblings, response);
    transaction.put('integration-response', response);
    return integrationResponseOutput(response);
  });
