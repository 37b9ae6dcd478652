// CreateDeployment: freezes everything that routing needs into one immutable value, and points a stage at it when one is named
// (websocket-apis 1.9). Open sockets of that stage follow with their next message.

import { ids } from '../../../ambient/ids.ts';
import type { Api, DeployedApi, Deployment } from '../../../model/api.ts';
import type { View } from '../../../store/contract.ts';
import { present, without } from '../members.ts';
import type { Operation } from '../operation.ts';
import { deploymentOutput } from './api-output.ts';
import { badRequest, findWebSocketApi, findStage } from './find.ts';

export const createDeployment: Operation<'apigatewayv2', 'CreateDeployment'> = async (
  input,
  request,
  { store, clock },
) =>
  store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    const frozen = await freeze(transaction, api);
    if (frozen.routes.length === 0) throw badRequest('At least one route is required before deploying the Api');
    const deploymentId = ids.deployment();
    const deployment: Deployment = {
      id: `${api.apiId}/${deploymentId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      deploymentId,
      createdAtMs: clock.now(),
      frozen,
      ...present({ description: input.Description }),
    };
    transaction.put('deployment', deployment);
    if (input.StageName !== undefined) {
      const stage = await findStage(transaction, request, api.apiId, input.StageName);
      transaction.put('stage', { ...stage, deploymentId, lastUpdatedAtMs: clock.now() });
    }
    return deploymentOutput(deployment);
  });

async function freeze(view: View, api: Api): Promise<DeployedApi> {
  const routes = await view.children('route', api.apiId);
  const integrations = await view.children('integration', api.apiId);
  return {
    routeSelectionExpression: api.routeSelectionExpression,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    routes: await Promise.all(
      routes.map(async (route) => {
        const responses = await view.children('route-response', route.id);
        const responseKeys = responses.map((response) => response.routeResponseKey);
        return { ...without(route, 'id', 'account', 'region', 'apiId'), responseKeys };
      }),
    ),
    models: (await view.children('model', api.apiId)).map(({ name, schema }) => ({ name, schema })),
    authorizers: (await view.children('authorizer', api.apiId)).map((one) =>
      without(one, 'id', 'account', 'region', 'apiId'),
    ),
    integrations: await Promise.all(
      integrations.map(async (integration) => {
        const responses = await view.children('integration-response', integration.id);
        return {
          ...without(integration, 'id', 'account', 'region', 'apiId'),
          responses: responses.map((response) =>
            without(response, 'id', 'account', 'region', 'apiId', 'integrationId'),
          ),
        };
      }),
    ),
  };
}
