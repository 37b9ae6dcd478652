// GetApiMappings.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { apiMappingOutput } from './domain-name-output.ts';
import { findDomainName, pageRequest } from './find.ts';

export const getApiMappings: Operation<'apigatewayv2', 'GetApiMappings'> = async (input, request, { store }) => {
  const { domainName } = await findDomainName(store.view, request, input.DomainName);
  const { items, nextToken } = await readPage(pageRequest(`api-mappings/${domainName}`, input), (page) =>
    store.view.children('api-mapping', domainName, page),
  );
  return { Items: items.map(apiMappingOutput), NextToken: nextToken };
};
