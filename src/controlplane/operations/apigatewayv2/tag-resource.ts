// TagResource: adds tags, and replaces those of the same key.

import type { Operation } from '../operation.ts';
import { checkTags, findTagged } from './tag-rules.ts';

export const tagResource: Operation<'apigatewayv2', 'TagResource'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const tagged = await findTagged(transaction, request, input.ResourceArn);
    const tags = { ...tagged.tags, ...input.Tags };
    checkTags(tagged.kind, tags);
    tagged.write(transaction, tags);
    return {};
  });
