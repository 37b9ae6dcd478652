// GetVpcLinks: the caller's links in this region.

import type { Operation } from '../operation.ts';
import { readPage } from '../paging.ts';
import { pageRequest } from './find.ts';
import { vpcLinkOutput } from './vpc-link-rules.ts';

export const getVpcLinks: Operation<'apigatewayv2', 'GetVpcLinks'> = async (
  input,
  { caller, region },
  { store, vpcLinkTargets },
) => {
  const { items, nextToken } = await readPage(pageRequest(`vpc-links/${caller.account}/${region}`, input), (page) =>
    store.view.owned('vpc-link', caller.account, region, page),
  );
  return { Items: items.map((link) => vpcLinkOutput(link, vpcLinkTargets)), NextToken: nextToken };
};
