// GetTags, TagResource and UntagResource of the REST API: the same tags of the same resources as in version 2, in its own words.

import type { Operation } from '../operation.ts';
import { checkTags, findTagged } from '../apigatewayv2/tag-rules.ts';

export const getTagsOfRest: Operation<'apigateway', 'GetTags'> = async (input, request, { store }) => ({
  tags: (await findTagged(store.view, request, input.resourceArn)).tags,
});

export const tagRestResource: Operation<'apigateway', 'TagResource'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const tagged = await findTagged(transaction, request, input.resourceArn);
    const tags = { ...tagged.tags, ...input.tags };
    checkTags(tagged.kind, tags);
    tagged.write(transaction, tags);
  });

export const untagRestResource: Operation<'apigateway', 'UntagResource'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const tagged = await findTagged(transaction, request, input.resourceArn);
    const kept = Object.entries(tagged.tags).filter(([key]) => !input.tagKeys.includes(key));
    tagged.write(transaction, Object.fromEntries(kept));
  });
