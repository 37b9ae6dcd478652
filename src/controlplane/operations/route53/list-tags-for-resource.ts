// ListTagsForResource.

import type { Operation } from '../operation.ts';
import { findTaggedZone, tagSetOutput } from './zone-tags.ts';

export const listTagsForResource: Operation<'route53', 'ListTagsForResource'> = async (input, request, { store }) => ({
  ResourceTagSet: tagSetOutput(await findTaggedZone(store.view, request, input.ResourceType, input.ResourceId)),
});
