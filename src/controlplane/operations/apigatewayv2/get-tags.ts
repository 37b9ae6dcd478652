// GetTags of an API, a stage, a domain name or a VPC link.

import type { Operation } from '../operation.ts';
import { findTagged } from './tag-rules.ts';

export const getTags: Operation<'apigatewayv2', 'GetTags'> = async (input, request, { store }) => ({
  Tags: (await findTagged(store.view, request, input.ResourceArn)).tags,
});
