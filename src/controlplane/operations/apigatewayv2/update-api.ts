// UpdateApi: members left out keep their value, an empty text clears its member. What routing reads of it is seen after the next
// deployment.

import type { Api } from '../../../model/api.ts';
import { patch } from '../members.ts';
import type { Operation } from '../operation.ts';
import { apiOutput } from './api-output.ts';
import { checkApiMembers, checkHttpApiMembers } from './api-rules.ts';
import { findApi } from './find.ts';

export const updateApi: Operation<'apigatewayv2', 'UpdateApi'> = async (input, request, world) =>
  world.store.transact(async (transaction) => {
    const old = await findApi(transaction, request, input.ApiId);
    if (old.protocolType === 'HTTP') checkHttpApiMembers(input);
    else checkApiMembers(input);
    const api: Api = patch(old, {
      name: input.Name,
      description: input.Description,
      version: input.Version,
      routeSelectionExpression: input.RouteSelectionExpression,
      apiKeySelectionExpression: input.ApiKeySelectionExpression,
      disableExecuteApiEndpoint: input.DisableExecuteApiEndpoint,
      disableSchemaValidation: input.DisableSchemaValidation,
      ipAddressType: input.IpAddressType,
    });
    transaction.put('api', api);
    return apiOutput(api, world.endpoints);
  });
