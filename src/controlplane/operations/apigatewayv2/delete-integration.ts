// DeleteIntegration, with its responses; refused while a route targets it.

import type { Operation } from '../operation.ts';
import { conflict, findIntegration } from './find.ts';

export const deleteIntegration: Operation<'apigatewayv2', 'DeleteIntegration'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const integration = await findIntegration(transaction, request, input.ApiId, input.IntegrationId);
    const routes = await transaction.children('route', integration.apiId);
    const users = routes.filter((route) => route.target === `integrations/${integration.integrationId}`);
    if (users.length > 0) {
      const routeIds = users.map((route) => route.routeId).join(', ');
      throw conflict(
        `Cannot delete Integration because it is referenced by the following Routes with Ids: [${routeIds}]`,
      );
    }
    for (const response of await transaction.children('integration-response', integration.id)) {
      transaction.remove('integration-response', response.id);
    }
    transaction.remove('integration', integration.id);
  });
