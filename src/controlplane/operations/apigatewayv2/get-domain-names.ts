// GetDomainNames: the caller's names in this region, in order of name.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { domainNameOutput } from './domain-name-output.ts';
import { pageRequest } from './find.ts';

export const getDomainNames: Operation<'apigatewayv2', 'GetDomainNames'> = async (
  input,
  { caller, region },
  { store },
) => {
  const { items, nextToken } = await readPage(pageRequest(`domain-names/${caller.account}/${region}`, input), (page) =>
    store.view.owned('domain-name', caller.account, region, page),
  );
  return { Items: items.map(domainNameOutput), NextToken: nextToken };
};
