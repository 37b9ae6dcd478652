// What an Api's members may hold: used by CreateApi and UpdateApi alike.

import { parseSelectionExpression } from '../../../protocol/selection-expression.ts';
import { refuseUnavailable } from '../not-available.ts';
import { badRequest } from './find.ts';

const API_KEY_EXPRESSIONS = ['$request.header.x-api-key', '$context.authorizer.usageIdentifierKey'];
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
    const parsed = parseSelectionExpression(input.RouteSelectionExpression);
    if ('problem' in parsed) throw badRequest(`Invalid RouteSelectionExpression: ${parsed.problem}.`);
  }
  const keyExpression = input.ApiKeySelectionExpression;
  if (keyExpression !== undefined && !API_KEY_EXPRESSIONS.includes(keyExpression)) {
    throw badRequest(
      `Invalid ApiKeySelectionExpression '${keyExpression}'. Must be one of [${API_KEY_EXPRESSIONS.join(', ')}]`,
    );
  }
  refuseUnavailable('an Api', {
    "ApiKeySelectionExpression '$context.authorizer.usageIdentifierKey'": keyExpression === API_KEY_EXPRESSIONS[1],
  });
}
