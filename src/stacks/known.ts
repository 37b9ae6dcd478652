// What Ref and Fn::GetAtt are just now: of what is made already, of what needs no making, of what the user said, and of what is not made
// yet a text that is none, so that whatever hangs on it is seen to change.

import type { StackResource } from '../model/stack.ts';
import { UNKNOWN_MARK, type Properties } from './property-spec.ts';
import { ACCEPTED_TYPES, type Named } from './types/accepted-types.ts';
import { whyNotMade, type ResourceTypes } from './types/resource-types.ts';
import { evaluate } from './template/evaluate.ts';
import type { KnownResources, TemplateResource } from './template/stack-template.ts';

/** Something is asked for that nobody knows. The message is a phrase. */
export class UnknownReference extends Error {}

/** Who the stack belongs to, and where. */
export type Owned = Omit<Named, 'logicalId'>;

export interface KnownOptions {
  readonly resources: readonly TemplateResource[];
  /** `Table` and `Table.Arn`, as the user gave them. */
  readonly standIns: Readonly<Record<string, string>>;
  readonly owned: Owned;
  readonly types: ResourceTypes;
  /** What is there, and stays. */
  readonly made: (logicalId: string) => Pick<StackResource, 'physicalId' | 'attributes'> | undefined;
}

const NAMING = /^Id$|Name$/;
const unknown = (text: string) => `${UNKNOWN_MARK}${text}${UNKNOWN_MARK}`;

export function createKnown({ resources, standIns, owned, made, types }: KnownOptions): KnownResources {
  const byId = new Map(resources.map((one) => [one.logicalId, one]));
  const known: KnownResources = {
    ref(logicalId) {
      const { type, properties } = byId.get(logicalId)!;
      const stand = standIns[logicalId];
      if (stand !== undefined) return stand;
      if (types(type)) return made(logicalId)?.physicalId ?? unknown(logicalId);
      const accepted = ACCEPTED_TYPES[type];
      if (accepted) return accepted.ref(propertiesOf(properties), { ...owned, logicalId });
      throw new UnknownReference(lacking(logicalId, type, logicalId));
    },
    attribute(logicalId, name) {
      const { type, properties } = byId.get(logicalId)!;
      const stand = standIns[`${logicalId}.${name}`];
      if (stand !== undefined) return stand;
      const carried = types(type);
      if (carried) {
        if (!carried.attributeNames.includes(name))
          throw new UnknownReference(
            `${logicalId} has no attribute ${name}: ${type} has ${carried.attributeNames.join(', ') || 'none'}`,
          );
        return made(logicalId)?.attributes[name] ?? unknown(`${logicalId}.${name}`);
      }
      const accepted = ACCEPTED_TYPES[type]?.attributes?.[name];
      if (accepted) return accepted(propertiesOf(properties), { ...owned, logicalId });
      throw new UnknownReference(lacking(logicalId, type, `${logicalId}.${name}`));
    },
  };
  // The policies of a role may ask for what is not made; its name is all that is asked for here.
  const propertiesOf = ({ entries }: TemplateResource['properties']): Properties =>
    Object.fromEntries(
      [...entries].filter(([name]) => NAMING.test(name)).map(([name, value]) => [name, evaluate(value, known)]),
    );
  return known;
}

function lacking(logicalId: string, type: string, asked: string): string {
  return `it asks for ${asked}, and ${logicalId} (${type}) is not made: ${whyNotMade(type)}; or say what it is with --stand-in ${asked}=VALUE`;
}
