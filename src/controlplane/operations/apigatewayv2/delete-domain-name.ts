// DeleteDomainName: takes its mappings along and frees the name at once (custom-domains 1.13). Open sockets stay.

import type { Operation } from '../operation.ts';
import { findDomainName } from './find.ts';
import { retireRegionalName } from './regional-names.ts';

export const deleteDomainName: Operation<'apigatewayv2', 'DeleteDomainName'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const domain = await findDomainName(transaction, request, input.DomainName);
    const { domainName } = domain;
    for (const mapping of await transaction.children('api-mapping', domainName))
      transaction.remove('api-mapping', mapping.id);
    transaction.remove('domain-name', domainName);
    retireRegionalName(transaction, domain);
  });
