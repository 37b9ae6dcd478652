// CreateApi: a WebSocket API without routes (websocket-apis 1.4), or an HTTP API as a record.

import { ids } from '../../../ambient/ids.ts';
import type { Api } from '../../../model/api.ts';
import type { CreateApiRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { apiOutput } from './api-output.ts';
import { API_KEY_EXPRESSION_DEFAULT, checkApiMembers, checkHttpApiMembers, HTTP_EXPRESSION } from './api-rules.ts';
import { badRequest } from './find.ts';
import { checkTags } from './tag-rules.ts';

export const createApi: Operation<'apigatewayv2', 'CreateApi'> = async (input, request, world) => {
  const routeSelectionExpression = checkApi(input);
  checkTags('api', input.Tags);
  const apiId = ids.api();
  const api: Api = {
    id: apiId,
    account: request.caller.account,
    region: request.region,
    apiId,
    name: input.Name,
    protocolType: input.ProtocolType,
    routeSelectionExpression,
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

const PROTOCOLS: readonly string[] = ['HTTP', 'WEBSOCKET'];

/** The route selection expression, once everything else about the input is found good. */
function checkApi(input: CreateApiRequest): string {
  if (!PROTOCOLS.includes(input.ProtocolType)) {
    throw badRequest(`Invalid protocol specified. Must be one of [${PROTOCOLS.join(', ')}]`);
  }
  if (input.ProtocolType === 'HTTP') {
    checkHttpApiMembers(input);
    return HTTP_EXPRESSION;
  }
  if (!input.RouteSelectionExpression) {
    throw badRequest(
      'RouteSelectionExpression is required for WEBSOCKET protocol Apis, for example $request.body.action.',
    );
  }
  checkApiMembers(input);
  return input.RouteSelectionExpression;
}
