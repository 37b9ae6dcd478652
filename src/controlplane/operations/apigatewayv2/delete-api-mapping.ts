// DeleteApiMapping: new connections no longer find it; open sockets stay.

import type { Operation } from '../operation.ts';
import { findApiMapping } from './find.ts';

export const deleteApiMapping: Operation<'apigatewayv2', 'DeleteApiMapping'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const mapping = await findApiMapping(transaction, request, input.DomainName, input.ApiMappingId);
    transaction.remove('api-mapping', mapping.id);
  });
