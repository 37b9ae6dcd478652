// CreateApi: a WebSocket API without routes (websocket-apis 1.4).

import { ids } from '../../../ambient/ids.ts';
import type { Api } from '../../../model/api.ts';
import { Fault } from '../../../model/faults.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { apiOutput } from './api-output.ts';
import { API_KEY_EXPRESSION_DEFAULT, checkApiMembers } from './api-rules.ts';
import { badRequest } from './find.ts';

export const createApi: Operation<'apigatewayv2', 'CreateApi'> = async (input, request, world) => {
  if (input.ProtocolType !== 'WEBSOCKET') {
    throw new Fault('NotImplemented', 'Apis of protocolType HTTP are not available in this version of Sallyport.');
  }
  if (!input.RouteSelectionExpression) {
    throw badRequest(
      'RouteSelectionExpression is required for WEBSOCKET protocol Apis, for example $request.body.action.',
    );
  }
  checkApiMembers(input);
  const apiId = ids.api();
  const api: Api = {
    id: apiId,
    account: request.caller.account,
    region: request.region,
    apiId,
    name: input.Name,
    protocolType: 'WEBSOCKET',
    routeSelectionExpression: input.RouteSelectionExpression,
    apiKeySelectionExpression: input.ApiKeySelectionExpression ?? API_KEY_EXPRESSION_DEFAULT,
    disableExecuteApiEndpoint: input.DisableExecuteApiEndpoint ?? false,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    createdAtMs: world.clock.now(),
    ...present({
      description: input.Description,
      version: input.Version,
      disableSchemaValidation: input.DisableSchemaValidation,
      tags: input.Tags,
    }),
  };
  await world.store.transact(async (transaction) => transaction.put('api', api));
  return apiOutput(api, world.endpoints);
};
