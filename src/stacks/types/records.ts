// AWS::Route53::RecordSet and RecordSetGroup: changes of one zone, each in one batch, whole or not at all.

import type { StackResource } from '../../model/stack.ts';
import { specOfShape, withMembers, type MemberSpec, type Properties, type StructureSpec } from '../property-spec.ts';
import { canonical, type MakingContext, type ResourceType } from '../resource-type.ts';
import type { Json } from '../template/stack-template.ts';
import { OperationProblem } from '../wire-call.ts';
import { zoneIdOf } from './zone.ts';

const SERVICE = 'route53';

const text = (isRequired = false): MemberSpec => ({ spec: { kind: 'string' }, wire: '', isRequired });

const ALIAS: StructureSpec = {
  kind: 'structure',
  members: {
    DNSName: text(true),
    HostedZoneId: text(true),
    EvaluateTargetHealth: { spec: { kind: 'boolean' }, wire: '' },
  },
};

const SET = withMembers(specOfShape(SERVICE, 'ResourceRecordSet', ['TrafficPolicyInstanceId']), {
  ResourceRecords: { spec: { kind: 'list', of: { kind: 'string' } }, wire: '' },
  AliasTarget: { spec: ALIAS, wire: '' },
});
const ZONE: Readonly<Record<string, MemberSpec>> = { HostedZoneId: text(), HostedZoneName: text(), Comment: text() };
const OF_ZONE = ['HostedZoneId', 'HostedZoneName', 'Comment'];

interface Change {
  readonly Action: 'CREATE' | 'UPSERT' | 'DELETE';
  readonly ResourceRecordSet: object;
}

/** As the operation takes a set: values in structures, and a choice that CloudFormation leaves out made. */
function setOf(properties: Properties): object {
  const { ResourceRecords, AliasTarget, ...rest } = Object.fromEntries(
    Object.entries(properties).filter(([name]) => !OF_ZONE.includes(name)),
  );
  return {
    ...rest,
    ...(ResourceRecords !== undefined && {
      ResourceRecords: (ResourceRecords as readonly string[]).map((Value) => ({ Value })),
    }),
    ...(AliasTarget !== undefined && { AliasTarget: { EvaluateTargetHealth: false, ...(AliasTarget as object) } }),
  };
}

/** Which set of the zone it is. */
const placeOf = ({ Name, Type, SetIdentifier }: Properties) =>
  canonical([String(Name).replace(/\.$/, '').toLowerCase(), Type, SetIdentifier]);
const zoneOf = ({ HostedZoneId, HostedZoneName }: Properties) => canonical([HostedZoneId, HostedZoneName]);

async function batch(properties: Properties, changes: readonly Change[], context: MakingContext): Promise<void> {
  if (changes.length === 0) return;
  const HostedZoneId = await zoneIdOf(properties, context);
  const { Comment } = properties;
  const ChangeBatch = { Changes: changes, ...(Comment !== undefined && { Comment }) };
  await context.client.call(SERVICE, 'ChangeResourceRecordSets', { HostedZoneId, ChangeBatch });
}

async function removeSets(old: StackResource, sets: readonly Properties[], context: MakingContext): Promise<void> {
  const changes = sets.map((set): Change => ({ Action: 'DELETE', ResourceRecordSet: setOf(set) }));
  try {
    await batch(old.applied as Properties, changes, context);
  } catch (error) {
    const isGone =
      error instanceof OperationProblem &&
      (error.code === 'NoSuchHostedZone' || (error.code === 'InvalidChangeBatch' && /not found/.test(error.message)));
    if (!isGone) throw error;
  }
}

/** Where somebody was ended who made it, it may be there. */
const making = ({ isRetried }: MakingContext) => (isRetried ? 'UPSERT' : 'CREATE') as Change['Action'];

export const RECORD_SET: ResourceType = {
  spec: withMembers(SET, ZONE),
  attributeNames: [],
  isUpdatable: (before, after) => placeOf(before) === placeOf(after) && zoneOf(before) === zoneOf(after),
  async make(properties, context) {
    await batch(properties, [{ Action: making(context), ResourceRecordSet: setOf(properties) }], context);
    return { physicalId: String(properties['Name']), attributes: {} };
  },
  async change(_, after, context) {
    await batch(after, [{ Action: 'UPSERT', ResourceRecordSet: setOf(after) }], context);
    return { physicalId: String(after['Name']), attributes: {} };
  },
  remove: (old, context) => removeSets(old, [old.applied as Properties], context),
};

const setsOf = (properties: Readonly<Record<string, unknown>>) =>
  (properties['RecordSets'] ?? []) as readonly Properties[];

export const RECORD_SET_GROUP: ResourceType = {
  spec: {
    kind: 'structure',
    members: { ...ZONE, RecordSets: { spec: { kind: 'list', of: withMembers(SET, ZONE) }, wire: '' } },
  },
  attributeNames: [],
  isUpdatable: (before, after) => zoneOf(before) === zoneOf(after),
  async make(properties, context) {
    const Action = making(context);
    await batch(
      properties,
      setsOf(properties).map((set) => ({ Action, ResourceRecordSet: setOf(set) })),
      context,
    );
    return { physicalId: `${context.stackName}-${context.logicalId}`, attributes: {} };
  },
  async change(old, after, context) {
    const wanted = new Set(setsOf(after).map(placeOf));
    const before = new Set(setsOf(old.applied).map((set) => canonical(set as Json)));
    const gone = setsOf(old.applied).filter((set) => !wanted.has(placeOf(set)));
    const changed = setsOf(after).filter((set) => !before.has(canonical(set as Json)));
    const changes: Change[] = [
      ...gone.map((set) => ({ Action: 'DELETE' as const, ResourceRecordSet: setOf(set) })),
      ...changed.map((set) => ({ Action: 'UPSERT' as const, ResourceRecordSet: setOf(set) })),
    ];
    await batch(after, changes, context);
    return old;
  },
  remove: (old, context) => removeSets(old, setsOf(old.applied), context),
};
