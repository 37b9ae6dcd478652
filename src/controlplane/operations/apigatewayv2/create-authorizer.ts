// CreateAuthorizer. `$connect` refers to it; a deployment copies it.

import { ids } from '../../../ambient/ids.ts';
import type { Authorizer } from '../../../model/api.ts';
import { present } from '../members.ts';
import type { Operation } from '../operation.ts';
import { authorizerOutput } from './api-output.ts';
import { checkAuthorizer, checkAuthorizerInput } from './authorizer-rules.ts';
import { findWebSocketApi } from './find.ts';
import { checkQuota } from './quota-rules.ts';

export const createAuthorizer: Operation<'apigatewayv2', 'CreateAuthorizer'> = async (input, request, { store }) => {
  checkAuthorizerInput(input);
  return store.transact(async (transaction) => {
    const api = await findWebSocketApi(transaction, request, input.ApiId);
    checkQuota('Authorizers', (await transaction.children('authorizer', api.apiId)).length);
    const authorizerId = ids.authorizer();
    const authorizer: Authorizer = {
      id: `${api.apiId}/${authorizerId}`,
      account: api.account,
      region: api.region,
      apiId: api.apiId,
      authorizerId,
      authorizerType: 'REQUEST',
      authorizerUri: input.AuthorizerUri ?? '',
      identitySource: input.IdentitySource,
      name: input.Name,
      ...present({
        authorizerCredentialsArn: input.AuthorizerCredentialsArn,
        identityValidationExpression: input.IdentityValidationExpression,
      }),
    };
    checkAuthorizer(authorizer);
    transaction.put('authorizer', authorizer);
    return authorizerOutput(authorizer);
  });
};
