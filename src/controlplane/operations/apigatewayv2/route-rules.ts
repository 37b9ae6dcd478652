// What a Route's members may hold (websocket-apis 1.5): used by CreateRoute and UpdateRoute alike, each on the whole Route as it
// would be, so that no sequence of edits makes what one call could not.

import type { Api, Route } from '../../../model/api.ts';
import type { UpdateRouteRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import type { View } from '../../../store/contract.ts';
import { checkExpression } from './expression-rules.ts';
import { badRequest, conflict } from './find.ts';

const RESERVED_KEYS = ['$connect', '$disconnect', '$default'];
const REQUEST_PARAMETER = /^route\.request\.(header|querystring)\.[A-Za-z0-9._$-]+$/;

type RouteInput = Omit<UpdateRouteRequest, 'ApiId' | 'RouteId'>;

/** Throws for members that no Route of a WebSocket API can have. */
export function checkRouteInput(input: RouteInput): void {
  if (input.AuthorizationType === 'JWT')
    throw badRequest('JWT authorization is not supported on WEBSOCKET protocol Apis.');
  if (input.AuthorizationScopes !== undefined)
    throw badRequest('AuthorizationScopes cannot be set for WEBSOCKET protocol Apis.');
}

/** Throws for a Route that means nothing, or that refers to what its Api does not have. */
export async function checkRoute(view: View, api: Api, route: Route): Promise<void> {
  checkKeyAndAuthorization(route);
  const { routeResponseSelectionExpression: responses } = route;
  if (responses !== undefined && responses !== '$default') {
    throw badRequest(`Invalid RouteResponseSelectionExpression '${responses}'. Only $default is supported.`);
  }
  checkExpression('ModelSelectionExpression', route.modelSelectionExpression);
  checkRequestParameters(route);
  if (route.target !== undefined) await checkTarget(view, api.apiId, route.target);
  if (route.authorizerId !== undefined) await checkAuthorizer(view, api.apiId, route.authorizerId);
  if (route.requestModels && api.disableSchemaValidation !== true)
    await checkModels(view, api.apiId, route.requestModels);
}

/** Throws ConflictException for a key that another Route has. */
export function checkKeyIsFree(others: readonly Route[], { routeKey, routeId }: Route): void {
  if (others.some((other) => other.routeKey === routeKey && other.routeId !== routeId)) {
    throw conflict(`Route with key ${routeKey} already exists for this API`);
  }
}

function checkKeyAndAuthorization({ routeKey, authorizationType, authorizerId, apiKeyRequired }: Route): void {
  if (routeKey.startsWith('$') && !RESERVED_KEYS.includes(routeKey)) {
    throw badRequest(`Invalid route key '${routeKey}'. The prefix $ is reserved for ${RESERVED_KEYS.join(', ')}.`);
  }
  if (authorizationType !== 'NONE' && routeKey !== '$connect') {
    throw badRequest('Currently, authorization is restricted to the $connect route only');
  }
  if (apiKeyRequired && routeKey !== '$connect') {
    throw badRequest('ApiKeyRequired can be set on the $connect route only: a key is sent with the handshake.');
  }
  if (authorizationType === 'CUSTOM' && authorizerId === undefined) {
    throw badRequest(
      'Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid authorizer.',
    );
  }
}

function checkRequestParameters({ routeKey, requestParameters = {} }: Route): void {
  const names = Object.keys(requestParameters);
  if (names.length > 0 && routeKey !== '$connect') {
    throw badRequest('RequestParameters can be set on the $connect route only.');
  }
  const wrong = names.find((name) => !REQUEST_PARAMETER.test(name));
  if (wrong === undefined) return;
  throw badRequest(
    `Invalid request parameter '${wrong}'. Expected route.request.header.NAME or route.request.querystring.NAME.`,
  );
}

async function checkTarget(view: View, apiId: string, target: string): Promise<void> {
  const integrationId = /^integrations\/([^/]+)$/.exec(target)?.[1];
  if (integrationId === undefined)
    throw badRequest(`Invalid target '${target}'. Expected integrations/{integrationId}.`);
  if (!(await view.get('integration', `${apiId}/${integrationId}`))) {
    throw badRequest(`Invalid Integration identifier specified ${integrationId}`);
  }
}

async function checkAuthorizer(view: View, apiId: string, authorizerId: string): Promise<void> {
  if (!(await view.get('authorizer', `${apiId}/${authorizerId}`))) {
    throw badRequest(`Invalid Authorizer identifier specified ${authorizerId}`);
  }
}

async function checkModels(view: View, apiId: string, requestModels: Readonly<Record<string, string>>): Promise<void> {
  const names = new Set((await view.children('model', apiId)).map((model) => model.name));
  const absent = Object.values(requestModels).find((name) => !names.has(name));
  if (absent !== undefined) throw badRequest(`Invalid Model identifier specified ${absent}`);
}

/** Request parameters in the model's form. */
export function requestParametersOf({ RequestParameters: given }: RouteInput): Route['requestParameters'] {
  return (
    given &&
    Object.fromEntries(Object.entries(given).map(([name, { Required }]) => [name, { required: Required ?? false }]))
  );
}
