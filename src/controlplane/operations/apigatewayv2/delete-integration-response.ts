// DeleteIntegrationResponse.

import type { Operation } from '../operation.ts';
import { findIntegrationResponse } from './find.ts';

export const deleteIntegrationResponse: Operation<'apigatewayv2', 'DeleteIntegrationResponse'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const { ApiId, IntegrationId, IntegrationResponseId } = input;
    const response = await findIntegrationResponse(transaction, request, ApiId, IntegrationId, IntegrationResponseId);
    transaction.remove('integration-response', response.id);
  });
