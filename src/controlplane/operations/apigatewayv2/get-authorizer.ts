// GetAuthorizer.

import type { Operation } from '../operation.ts';
import { authorizerOutput } from './api-output.ts';
import { findAuthorizer } from './find.ts';

export const getAuthorizer: Operation<'apigatewayv2', 'GetAuthorizer'> = async (input, request, { store }) =>
  authorizerOutput(await findAuthorizer(store.view, request, input.ApiId, input.AuthorizerId));
