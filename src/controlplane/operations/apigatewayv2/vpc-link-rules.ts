// VPC links: what they may be, how they look on the wire, and which of them an integration may name. Those of this server are links of
// version 2 that WebSocket APIs may use, with targets that the operator names (`--vpc-link`).

import type { Integration } from '../../../model/api.ts';
import { Fault } from '../../../model/faults.ts';
import { vpcLinkTargetsName, type VpcLink, type VpcLinkTargets } from '../../../model/vpc-link.ts';
import { limit } from '../../../settings/limits.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { badRequest, notFound } from './find.ts';

/** Lengths are AWS's. */
const NAME = /^.{1,128}$/su;

export function checkVpcLinkName(name: string): void {
  if (!NAME.test(name)) throw badRequest('The Name of a VpcLink has 1 to 128 characters.');
}

/** Throws TooManyRequestsException when an account that has `count` of them in a region may get no other. */
export function checkVpcLinkQuota(count: number): void {
  const max = limit('vpcLinksPerRegionMax');
  if (count < max) return;
  throw new Fault(
    'TooManyRequestsException',
    `Maximum number of VpcLinks of this account in this region has been reached: ${max} (vpcLinksPerRegionMax).`,
    { members: { limitType: 'vpcLinksPerRegionMax' } },
  );
}

export async function findVpcLink(view: View, { caller, region }: OperationRequest, id: string): Promise<VpcLink> {
  const link = await view.get('vpc-link', id);
  if (link?.account !== caller.account || link.region !== region) {
    throw notFound(`Invalid VpcLink identifier specified ${id}`);
  }
  return link;
}

/** A link is there when the operator named targets for it, whenever that was. */
export function vpcLinkOutput(link: VpcLink, targets: VpcLinkTargets) {
  const name = vpcLinkTargetsName(link);
  const isThere = Object.hasOwn(targets, name);
  return {
    CreatedDate: new Date(link.createdAtMs),
    Name: link.name,
    SecurityGroupIds: link.securityGroupIds,
    SubnetIds: link.subnetIds,
    Tags: link.tags,
    VpcLinkId: link.vpcLinkId,
    VpcLinkStatus: isThere ? ('AVAILABLE' as const) : ('FAILED' as const),
    VpcLinkStatusMessage: isThere
      ? 'VPC link is ready to route traffic'
      : `The operator of this server named no targets: --vpc-link ${name}=HOST:PORT`,
    VpcLinkVersion: 'V2' as const,
  };
}

/** Throws BadRequestException for a connection that the integration cannot have. What a stage variable will hold is checked at each call. */
export async function checkConnection(view: View, request: OperationRequest, integration: Integration): Promise<void> {
  const { connectionType, connectionId, integrationType: type } = integration;
  if (connectionType === 'INTERNET') {
    if (connectionId === undefined) return;
    throw badRequest('ConnectionId cannot be set for integrations of ConnectionType INTERNET.');
  }
  if (type !== 'HTTP' && type !== 'HTTP_PROXY') {
    throw badRequest(`ConnectionType VPC_LINK is for integrations of type HTTP and HTTP_PROXY, and not ${type}.`);
  }
  if (connectionId === undefined)
    throw badRequest('ConnectionId is required for integrations of ConnectionType VPC_LINK.');
  if (connectionId.includes('${stageVariables.')) return;
  const link = await view.get('vpc-link', connectionId);
  if (link?.account === request.caller.account && link.region === request.region) return;
  throw badRequest(`Invalid VpcLink identifier specified ${connectionId.slice(0, 64)}`);
}
