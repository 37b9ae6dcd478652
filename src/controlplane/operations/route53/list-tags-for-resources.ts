// ListTagsForResources: of up to ten zones, in the order in which they are asked for. One that does not exist refuses all.

import type { Operation } from '../operation.ts';
import { findTaggedZone, tagSetOutput } from './zone-tags.ts';

export const listTagsForResources: Operation<'route53', 'ListTagsForResources'> = async (
  { ResourceType, ResourceIds },
  request,
  { store },
) => {
  const ids = [...new Set(ResourceIds)];
  const zones = await Promise.all(ids.map((id) => findTaggedZone(store.view, request, ResourceType, id)));
  return { ResourceTagSets: zones.map(tagSetOutput) };
};
