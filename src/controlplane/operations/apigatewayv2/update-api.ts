// UpdateApi: members left out keep their value. What routing reads of it is seen after the next deployment.

import type { Api } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { apiOutput } from './api-output.ts';
import { checkApiMembers } from './api-rules.ts';
import { findApi } from './find.ts';

export const updateApi: Operation<'apigatewayv2', 'UpdateApi'> = async (input, request, world) => {
  const changes = present({
    name: input.Name,
    description: input.Description,
    version: input.Version,
    routeSelectionExpression: input.RouteSelectionExpression,
    apiKeySelectionExpression: input.ApiKeySelectionExpression,
    disableExecuteApiEndpoint: input.DisableExecuteApiEndpoint,
    disableSchemaValidation: input.DisableSchemaValidation,
    ipAddressType: input.IpAddressType,
  });
  return world.store.transact(async (transaction) => {
    const old = await findApi(transaction, request, input.ApiId);
    if (old.protocolType === 'WEBSOCKET') checkApiMembers(input);
    const api: Api = { ...old, ...changes };
    transaction.put('api', api);
    return apiOutput(api, world.endpoints);
  });
};
