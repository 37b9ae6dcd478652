// DeleteIntegrationResponse.

import type { Operation } from '../operation.ts';
import { findIntegration, notFound } from './find.ts';

export const deleteIntegrationResponse: Operation<'apigatewayv2', 'DeleteIntegrationResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const integration = await findIntegration(transaction, request, input.ApiId, input.IntegrationId);
    const id = `${integration.id}/${input.IntegrationResponseId}`;
    if (!(await transaction.get('integration-response', id))) {
      throw notFound(`Invalid IntegrationResponse identifier specified ${input.IntegrationResponseId}`);
    }
    transaction.remove('integration-response', id);
  });
