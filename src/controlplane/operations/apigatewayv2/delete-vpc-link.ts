// DeleteVpcLink; refused while an Integration names it. What a deployment froze of it fails from now on.

import { reference } from '../../../model/kinds.ts';
import type { Operation } from '../operation.ts';
import { badRequest } from './find.ts';
import { findVpcLink } from './vpc-link-rules.ts';

export const deleteVpcLink: Operation<'apigatewayv2', 'DeleteVpcLink'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const { vpcLinkId } = await findVpcLink(transaction, request, input.VpcLinkId);
    const [user] = await transaction.referring('integration', reference.vpcLink(vpcLinkId), { limit: 1 });
    if (user) {
      throw badRequest(`Cannot delete vpc link. Vpc link '${vpcLinkId}', is referenced in integration: ${user.id}`);
    }
    transaction.remove('vpc-link', vpcLinkId);
    return {};
  });
