// CreateIntegrationResponse: `$default`, or a pattern between slashes that the selection value is matched against.

import { ids } from '../../../ambient/ids.ts';
import type { IntegrationResponse } from '../../../model/api.ts';
import { present } from '../members.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { integrationResponseOutput } from './api-output.ts';
import { badRequest, conflict, findIntegration } from './find.ts';
import { checkExpression, checkTemplates } from './integration-rules.ts';

export const createIntegrationResponse: Operation<'apigatewayv2', 'CreateIntegrationResponse'> = async (
  input,
  request,
  { store },
) => {
  checkKey(input.IntegrationResponseKey);
  refuseUnavailable('an IntegrationResponse', {
    ContentHandlingStrategy: input.ContentHandlingStrategy,
    ResponseParameters: input.ResponseParameters,
  });
  checkTemplates('ResponseTemplates', input.ResponseTemplates);
  checkExpression('TemplateSelectionExpression', input.TemplateSelectionExpression);
  return store.transact(async (transaction) => {
    const integration = await findIntegration(transaction, request, input.ApiId, input.IntegrationId);
    const others = await transaction.children('integration-response', integration.id);
    if (others.some((other) => other.integrationResponseKey === input.IntegrationResponseKey)) {
      throw conflict(
        `IntegrationResponse with key ${input.IntegrationResponseKey} already exists for this Integration`,
      );
    }
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
        templateSelectionExpression: input.TemplateSelectionExpression,
        responseTemplates: input.ResponseTemplates,
      }),
    };
    transaction.put('integration-response', response);
    return integrationResponseOutput(response);
  });
};

function checkKey(key: string): void {
  if (key === '$default') return;
  const pattern = /^\/(.+)\/$/.exec(key)?.[1];
  try {
    if (pattern !== undefined) {
      new RegExp(pattern);
      return;
    }
  } catch {
    // Not a regular expression; refused below with the rest.
  }
  throw badRequest(
    `Invalid IntegrationResponseKey '${key.slice(0, 128)}'. Expected $default or a pattern between slashes, like /2\\d\\d/.`,
  );
}
