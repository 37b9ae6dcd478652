// A Deployment of an Api as it is now: an immutable copy of everything that routing needs (websocket-apis 1.9). Later edits are
// not seen before the next one.

import { ids } from '../../../ambient/ids.ts';
import type { Api, DeployedApi, Deployment } from '../../../model/api.ts';
import { without } from '../members.ts';
import type { Parts } from './drafts.ts';
import { badRequest } from './find.ts';

/** Throws BadRequestException for an Api that cannot be deployed: it has no route, or a route needs a Model that is not there. */
export async function makeDeployment(
  parts: Parts,
  api: Api,
  createdAtMs: number,
  members: Pick<Deployment, 'description' | 'autoDeployed'> = {},
): Promise<Deployment> {
  const frozen = await freeze(parts, api);
  if (frozen.routes.length === 0) throw badRequest('At least one route is required before deploying the Api');
  if (api.disableSchemaValidation !== true) checkModels(frozen);
  const deploymentId = ids.deployment();
  const { apiId, account, region } = api;
  return { id: `${apiId}/${deploymentId}`, account, region, apiId, deploymentId, createdAtMs, frozen, ...members };
}

function checkModels({ routes, models }: DeployedApi): void {
  const names = new Set(models.map((model) => model.name));
  for (const { requestModels = {} } of routes) {
    const absent = Object.values(requestModels).find((name) => !names.has(name));
    if (absent !== undefined) throw badRequest(`Invalid Model identifier specified ${absent}`);
  }
}

async function freeze(parts: Parts, api: Api): Promise<DeployedApi> {
  const routes = await parts.children('route', api.apiId);
  const integrations = await parts.children('integration', api.apiId);
  return {
    routeSelectionExpression: api.routeSelectionExpression,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    apiKeySelectionExpression: api.apiKeySelectionExpression,
    routes: await Promise.all(
      routes.map(async (route) => {
        const responses = await parts.children('route-response', route.id);
        const responseKeys = responses.map((response) => response.routeResponseKey);
        return { ...without(route, 'id', 'account', 'region', 'apiId'), responseKeys };
      }),
    ),
    models: (await parts.children('model', api.apiId)).map(({ name, schema }) => ({ name, schema })),
    authorizers: (await parts.children('authorizer', api.apiId)).map((one) =>
      without(one, 'id', 'account', 'region', 'apiId'),
    ),
    integrations: await Promise.all(
      integrations.map(async (integration) => {
        const responses = await parts.children('integration-response', integration.id);
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
