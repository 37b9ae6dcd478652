// CreateVpcLink. It is there at once, or says that the operator has to name its targets.

import { ids } from '../../../ambient/ids.ts';
import type { VpcLink } from '../../../model/vpc-link.ts';
import type { Transaction } from '../../../store/contract.ts';
import type { Operation } from '../operation.ts';
import { checkTags } from './tag-rules.ts';
import { checkVpcLinkName, checkVpcLinkQuota, vpcLinkOutput } from './vpc-link-rules.ts';

export const createVpcLink: Operation<'apigatewayv2', 'CreateVpcLink'> = async (input, { caller, region }, world) => {
  checkVpcLinkName(input.Name);
  checkTags('vpc-link', input.Tags);
  return world.store.transact(async (transaction) => {
    checkVpcLinkQuota((await transaction.owned('vpc-link', caller.account, region)).length);
    const vpcLinkId = await freeId(transaction);
    const link: VpcLink = {
      id: vpcLinkId,
      account: caller.account,
      region,
      vpcLinkId,
      name: input.Name,
      subnetIds: input.SubnetIds,
      securityGroupIds: input.SecurityGroupIds ?? [],
      createdAtMs: world.clock.now(),
      tags: input.Tags ?? {},
    };
    transaction.put('vpc-link', link);
    return vpcLinkOutput(link, world.vpcLinkTargets);
  });
};

/** Ids are six characters, and one in the whole server. */
async function freeId(transaction: Transaction): Promise<string> {
  for (;;) {
    const id = ids.part();
    if ((await transaction.get('vpc-link', id)) === undefined) return id;
  }
}
