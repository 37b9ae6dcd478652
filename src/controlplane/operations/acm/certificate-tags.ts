// What the tags of a certificate may be. Lengths and counts are in the input rules; this is what they cannot say.

import { Fault } from '../../../model/faults.ts';
import type { Tag } from '../../../protocol/wire/shapes-acm.ts';

/** Throws InvalidTagException for a reserved key. */
export function checkCertificateTags(tags: readonly Tag[] = []): void {
  const reserved = tags.find((tag) => tag.Key.toLowerCase().startsWith('aws:'));
  if (reserved)
    throw new Fault('InvalidTagException', `The tag key '${reserved.Key}' begins with aws:, which is reserved.`);
}
