// ChangeTagsForResource: adds tags, replaces their values, and removes tags by key; a key that is not there is removed already.

import { Fault } from '../../../model/faults.ts';
import type { ChangeTagsForResourceRequest } from '../../../protocol/wire/shapes-route53.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { findTaggedZone } from './zone-tags.ts';
import { transactInZone } from './zone-transaction.ts';

export const changeTagsForResource: Operation<'route53', 'ChangeTagsForResource'> = async (
  input,
  request,
  { store },
) => {
  const added = readTags(input);
  const removed = input.RemoveTagKeys ?? [];
  await transactInZone(store, async (transaction) => {
    const zone = await findTaggedZone(transaction, request, input.ResourceType, input.ResourceId);
    const kept = Object.entries(zone.tags ?? {}).filter(([key]) => !removed.includes(key) && !added.has(key));
    const tags = Object.fromEntries([...kept, ...added]);
    const count = Object.keys(tags).length;
    const max = limit('tagsPerHostedZoneMax');
    if (count > max) throw invalid(`a hosted zone may have at most ${max} tags, and would have ${count}`);
    transaction.put('hosted-zone', { ...zone, tags });
  });
  return {};
};

function invalid(why: string): Fault {
  return new Fault('InvalidInput', `The tags are not valid: ${why}.`);
}

/** Lengths are in the input rules; this is what they cannot say. */
function readTags({ AddTags, RemoveTagKeys: removed = [] }: ChangeTagsForResourceRequest): ReadonlyMap<string, string> {
  if (AddTags === undefined && removed.length === 0) throw invalid('there is none to add and none to remove');
  const entries = (AddTags ?? []).map(({ Key, Value = '' }) => {
    if (Key === undefined) throw invalid('a tag has no key');
    if (/^aws:/i.test(Key)) throw invalid(`the key '${Key}' begins with aws:, which is reserved`);
    if (removed.includes(Key)) throw invalid(`the key '${Key}' is added and removed`);
    return [Key, Value] as const;
  });
  const keys = entries.map(([key]) => key);
  const repeated = keys.find((key, at) => keys.indexOf(key) !== at);
  if (repeated !== undefined) throw invalid(`the key '${repeated}' is given more than once`);
  return new Map(entries);
}
