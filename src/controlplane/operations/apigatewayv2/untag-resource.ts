// UntagResource: removes tags by key; a key that is not there is no fault.

import type { Operation } from '../operation.ts';
import { findTagged } from './tag-rules.ts';

export const untagResource: Operation<'apigatewayv2', 'UntagResource'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const tagged = await findTagged(transaction, request, input.ResourceArn);
    const kept = Object.entries(tagged.tags).filter(([key]) => !input.TagKeys.includes(key));
    tagged.write(transaction, Object.fromEntries(kept));
  });
