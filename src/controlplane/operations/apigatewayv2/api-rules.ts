// What an Api's members may hold: used by CreateApi and UpdateApi alike.

import { refuseUnavailable } from '../not-available.ts';
import { checkExpression } from './expression-rules.ts';
import { badRequest } from './find.ts';

const API_KEY_EXPRESSIONS = ['$request.header.x-api-key', '$context.authorizer.usageIdentifierKey'];
export const HTTP_EXPRESSION = '${request.method} ${request.path}';
export const API_KEY_EXPRESSION_DEFAULT = '$request.header.x-api-key';

interface ApiMembers {
  readonly RouteSelectionExpression?: string | undefined;
  readonly ApiKeySelectionExpression?: string | undefined;
  readonly CorsConfiguration?: unknown;
  readonly RouteKey?: unknown;
  readonly Target?: unknown;
  readonly CredentialsArn?: unknown;
}

/** Throws BadRequestException for a member that a WebSocket API cannot have, or that does not mean anything. */
export function checkApiMembers(input: ApiMembers): void {
  for (const name of ['CorsConfiguration', 'RouteKey', 'Target', 'CredentialsArn'] as const) {
    if (input[name] !== undefined) throw badRequest(`${name} cannot be set for WEBSOCKET protocol Apis.`);
  }
  if (input.RouteSelectionExpression !== undefined) {
    if (input.RouteSelectionExpression === '') throw badRequest('Invalid RouteSelectionExpression: it is empty.');
    checkExpression('RouteSelectionExpression', input.RouteSelectionExpression);
  }
  checkKeyExpression(input.ApiKeySelectionExpression);
}

function checkKeyExpression(expression: string | undefined): void {
  if (expression !== undefined && !API_KEY_EXPRESSIONS.includes(expression)) {
    throw badRequest(
      `Invalid ApiKeySelectionExpression '${expression}'. Must be one of [${API_KEY_EXPRESSIONS.join(', ')}]`,
    );
  }
}

/**
 * The same for an HTTP API, whose expressions are always the same. Throws NotImplemented for members by which it would be served:
 * quick create would make an integration and a route.
 */
export function checkHttpApiMembers(input: ApiMembers): void {
  const { CorsConfiguration, RouteKey, Target, CredentialsArn, RouteSelectionExpression: expression } = input;
  if (expression !== undefined && expression !== HTTP_EXPRESSION) {
    throw badRequest(`RouteSelectionExpression must be ${HTTP_EXPRESSION} for HTTP protocol Apis.`);
  }
  checkKeyExpression(input.ApiKeySelectionExpression);
  refuseUnavailable('an Api of protocolType HTTP', { CorsConfiguration, RouteKey, Target, CredentialsArn });
}
