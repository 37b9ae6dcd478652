// DeleteAuthorizer; refused while a route uses it. Deployments keep their copy.

import type { Operation } from '../operation.ts';
import { conflict, findAuthorizer } from './find.ts';

export const deleteAuthorizer: Operation<'apigatewayv2', 'DeleteAuthorizer'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const authorizer = await findAuthorizer(transaction, request, input.ApiId, input.AuthorizerId);
    const routes = await transaction.children('route', authorizer.apiId);
    const user = routes.find((route) => route.authorizerId === authorizer.authorizerId);
    if (user) throw conflict(`Cannot delete authorizer '${authorizer.name}', is referenced in route: ${user.routeKey}`);
    transaction.remove('authorizer', authorizer.id);
  });
