// UpdateAuthorizer: members left out keep their value, an empty text clears its member. Open sockets are not asked again.

import { patch } from '../members.ts';
import type { Operation } from '../operation.ts';
import { authorizerOutput } from './api-output.ts';
import { checkAuthorizer, checkAuthorizerInput } from './authorizer-rules.ts';
import { badRequest, findAuthorizer } from './find.ts';

export const updateAuthorizer: Operation<'apigatewayv2', 'UpdateAuthorizer'> = async (input, request, { store }) => {
  checkAuthorizerInput(input);
  for (const name of ['Name', 'AuthorizerUri'] as const)
    if (input[name] === '') throw badRequest(`${name} must not be empty.`);
  return store.transact(async (transaction) => {
    const old = await findAuthorizer(transaction, request, input.ApiId, input.AuthorizerId);
    const authorizer = patch(old, {
      name: input.Name,
      authorizerUri: input.AuthorizerUri,
      identitySource: input.IdentitySource,
      authorizerCredentialsArn: input.AuthorizerCredentialsArn,
      identityValidationExpression: input.IdentityValidationExpression,
    });
    checkAuthorizer(authorizer);
    transaction.put('authorizer', authorizer);
    return authorizerOutput(authorizer);
  });
};
