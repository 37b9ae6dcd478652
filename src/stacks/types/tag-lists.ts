// Tags as a list of Key and Value, as most of CloudFormation has them.

import { isMap, type Spec } from '../property-spec.ts';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const text = (wire: string) => ({ spec: { kind: 'string' } as const, wire, isRequired: true });

export const TAG_LIST: Spec = {
  kind: 'list',
  of: { kind: 'structure', members: { Key: text('Key'), Value: text('Value') } },
};

export function tagsOf(value: unknown): readonly Tag[] {
  return Array.isArray(value) ? (value.filter(isMap) as unknown as readonly Tag[]) : [];
}

/** What is to be set, and which keys are to go. */
export function tagChanges(
  before: unknown,
  after: unknown,
): { readonly set: readonly Tag[]; readonly gone: readonly string[] } {
  const [old, wanted] = [tagsOf(before), tagsOf(after)];
  const isThere = (list: readonly Tag[], { Key, Value }: Tag) =>
    list.some((one) => one.Key === Key && one.Value === Value);
  return {
    set: wanted.filter((one) => !isThere(old, one)),
    gone: old.filter(({ Key }) => !wanted.some((one) => one.Key === Key)).map(({ Key }) => Key),
  };
}
