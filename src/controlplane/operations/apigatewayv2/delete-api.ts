// DeleteApi: with everything in it, unless a custom domain name still maps to it (custom-domains 2.5). Open sockets stay.

import { reference, type Kind } from '../../../model/kinds.ts';
import type { Operation } from '../operation.ts';
import { badRequest, findApi } from './find.ts';

const PARTS: readonly Kind[] = ['route', 'integration', 'model', 'authorizer', 'deployment', 'stage'];

export const deleteApi: Operation<'apigatewayv2', 'DeleteApi'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const { apiId } = await findApi(transaction, request, input.ApiId);
    const mappings = await transaction.referring('api-mapping', reference.api(apiId), { limit: 1 });
    if (mappings.length > 0) {
      throw badRequest(
        `Deleting API ${apiId} failed. Please remove all API mappings for the API from your custom domain names.`,
      );
    }
    for (const kind of PARTS) {
      for (const part of await transaction.children(kind, apiId)) {
        transaction.remove(kind, part.id);
        if (kind !== 'route' && kind !== 'integration') continue;
        const inner = kind === 'route' ? 'route-response' : 'integration-response';
        for (const response of await transaction.children(inner, part.id)) transaction.remove(inner, response.id);
      }
    }
    transaction.remove('api', apiId);
  });
