// What the tags of a certificate may be, and how they are kept. Lengths and characters are in the input rules; this is what they
// cannot say.

import { Fault } from '../../../model/faults.ts';
import type { Tag } from '../../../protocol/wire/shapes-acm.ts';
import { limit } from '../../../settings/limits.ts';

const RESERVED = /^aws:/i;

/** Throws InvalidTagException for what is reserved, InvalidParameterException for a key that is there twice. */
export function checkCertificateTags(tags: readonly Tag[] = []): void {
  const reserved = tags.find(({ Key, Value = '' }) => RESERVED.test(Key) || RESERVED.test(Value));
  if (reserved) {
    const what = RESERVED.test(reserved.Key) ? `key '${reserved.Key}'` : `value of '${reserved.Key}'`;
    throw new Fault('InvalidTagException', `The tag ${what} begins with aws:, which is reserved.`);
  }
  const keys = tags.map(({ Key }) => Key);
  const repeated = keys.find((key, position) => keys.indexOf(key) !== position);
  if (repeated !== undefined) {
    throw new Fault('InvalidParameterException', `The tag key '${repeated}' is given more than once.`);
  }
}

/** Throws TooManyTagsException when they are more than a certificate can have. */
export function checkTagCount(tags: Readonly<Record<string, string>>): void {
  const count = Object.keys(tags).length;
  const max = limit('tagsPerCertificateMax');
  if (count > max) {
    throw new Fault('TooManyTagsException', `The certificate would have ${count} tags; at most ${max} are allowed.`);
  }
}

/** As they are kept: a tag without a value has an empty one. */
export function tagMap(tags: readonly Tag[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value = '' }) => [Key, Value]));
}
