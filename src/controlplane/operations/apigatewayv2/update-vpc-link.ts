// UpdateVpcLink: another name, and with it other targets, at once.

import type { Operation } from '../operation.ts';
import { checkVpcLinkName, findVpcLink, vpcLinkOutput } from './vpc-link-rules.ts';

export const updateVpcLink: Operation<'apigatewayv2', 'UpdateVpcLink'> = async (
  input,
  request,
  { store, vpcLinkTargets },
) =>
  store.transact(async (transaction) => {
    const old = await findVpcLink(transaction, request, input.VpcLinkId);
    const link = { ...old, name: input.Name ?? old.name };
    checkVpcLinkName(link.name);
    transaction.put('vpc-link', link);
    return vpcLinkOutput(link, vpcLinkTargets);
  });
