// GetVpcLink.

import type { Operation } from '../operation.ts';
import { findVpcLink, vpcLinkOutput } from './vpc-link-rules.ts';

export const getVpcLink: Operation<'apigatewayv2', 'GetVpcLink'> = async (input, request, { store, vpcLinkTargets }) =>
  vpcLinkOutput(await findVpcLink(store.view, request, input.VpcLinkId), vpcLinkTargets);
