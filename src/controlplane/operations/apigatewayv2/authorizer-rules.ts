// What an Authorizer of a WebSocket API may hold (websocket-apis 1.8): a Lambda function of kind REQUEST, whose results are not kept. Used
// by CreateAuthorizer and UpdateAuthorizer alike.

import type { Authorizer } from '../../../model/api.ts';
import type { UpdateAuthorizerRequest } from '../../../protocol/wire/shapes-apigatewayv2.ts';
import { badRequest } from './find.ts';
import { checkCredentials, checkInvocations, isRole } from './integration-uri.ts';

type AuthorizerInput = Omit<UpdateAuthorizerRequest, 'ApiId' | 'AuthorizerId'>;

const HTTP_ONLY = [
  'AuthorizerPayloadFormatVersion',
  'AuthorizerResultTtlInSeconds',
  'EnableSimpleResponses',
  'JwtConfiguration',
] as const;
const IDENTITY_SOURCE = /^(route\.request\.(querystring|header)|stageVariables|context)\.[a-zA-Z0-9._-]+$/;

/** Throws BadRequestException for what belongs to HTTP APIs, whatever its value. */
export function checkAuthorizerInput(input: AuthorizerInput): void {
  if (input.AuthorizerType !== undefined && input.AuthorizerType !== 'REQUEST') {
    throw badRequest('Invalid authorizer type. Only REQUEST authorizer type is supported on WEBSOCKET protocol Apis.');
  }
  for (const name of HTTP_ONLY) {
    if (input[name] !== undefined) throw badRequest(`${name} cannot be set for WEBSOCKET protocol Apis.`);
  }
  if (input.IdentityValidationExpression === '') throw badRequest('IdentityValidationExpression must not be empty.');
}

/** Throws BadRequestException for an Authorizer that could not be asked. */
export function checkAuthorizer({
  account,
  name,
  authorizerUri,
  identitySource,
  authorizerCredentialsArn,
}: Authorizer): void {
  if (name === '') throw badRequest('Name must not be empty.');
  if (authorizerUri === '') throw badRequest('AuthorizerUri is required for authorizers of type REQUEST.');
  checkInvocations(authorizerUri, 'AWS_PROXY', account);
  if (authorizerCredentialsArn !== undefined) {
    if (!isRole(authorizerCredentialsArn)) throw badRequest('Invalid role ARN');
    checkCredentials(authorizerCredentialsArn, account);
  }
  const wrong = identitySource.find((source) => !IDENTITY_SOURCE.test(source));
  if (wrong === undefined) return;
  throw badRequest(
    `Invalid request identity source expression: ${wrong.slice(0, 256)}. The sources must be separated by comma, and each source must be either a request parameter, matching 'route.request.querystring|header.[a-zA-Z0-9._-]+', or a stage variable, matching 'stageVariables.[a-zA-Z0-9._-]+', or a context parameter, matching 'context.[a-zA-Z0-9._-]+'`,
  );
}
