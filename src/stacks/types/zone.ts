// AWS::Route53::HostedZone, and the look-up of a zone by its name that records may be written with.

import type { StackResource } from '../../model/stack.ts';
import type { WireRecord } from '../../protocol/wire/model.ts';
import { isMap, UNNEEDED, type MemberSpec, type Properties, type StructureSpec } from '../property-spec.ts';
import { changedNames, type Made, type MakingContext, type ResourceType } from '../resource-type.ts';
import { OperationProblem } from '../wire-call.ts';
import { tagChanges, TAG_LIST } from './tag-lists.ts';

const SERVICE = 'route53';

const comment: StructureSpec = {
  kind: 'structure',
  members: { Comment: { spec: { kind: 'string' }, wire: 'Comment' } },
};
const refused = (refusal: string): MemberSpec => ({ spec: { kind: 'any' }, wire: '', refusal });

const bareId = (id: unknown) => String(id).replace(/^\/hostedzone\//, '');

export const HOSTED_ZONE: ResourceType = {
  spec: {
    kind: 'structure',
    members: {
      Name: { spec: { kind: 'string' }, wire: 'Name', isRequired: true },
      HostedZoneConfig: { spec: comment, wire: 'HostedZoneConfig' },
      HostedZoneTags: { spec: TAG_LIST, wire: '' },
      VPCs: refused('makes a private zone, and all zones here are public'),
      QueryLoggingConfig: { spec: { kind: 'any' }, wire: '', leftOut: UNNEEDED },
      HostedZoneFeatures: { spec: { kind: 'any' }, wire: '', leftOut: UNNEEDED },
    },
  },
  attributeNames: ['Id', 'NameServers'],
  isUpdatable: (before, after) => before['Name'] === after['Name'],
  async make(properties, context) {
    const { Name, HostedZoneConfig } = properties;
    const CallerReference = `${referenceOf(context)}${Date.now()}`;
    const input = { Name, CallerReference, ...(HostedZoneConfig !== undefined && { HostedZoneConfig }) };
    const { HostedZone, DelegationSet } = await context.client.call(SERVICE, 'CreateHostedZone', input);
    const made = madeOf(HostedZone, DelegationSet);
    await changeTags(made.physicalId, {}, properties, context);
    return made;
  },
  async find(properties, context, isKnown) {
    const name = String(properties['Name']);
    const { HostedZones } = await context.client.call(SERVICE, 'ListHostedZonesByName', { DNSName: name });
    const ours = ((HostedZones ?? []) as readonly WireRecord[]).find(
      ({ Id, CallerReference }) => String(CallerReference).startsWith(referenceOf(context)) && !isKnown(bareId(Id)),
    );
    if (!ours) return undefined;
    const { HostedZone, DelegationSet } = await context.client.call(SERVICE, 'GetHostedZone', {
      Id: bareId(ours['Id']),
    });
    return madeOf(HostedZone, DelegationSet);
  },
  async change(old, after, context) {
    const before = old.applied as Properties;
    if (changedNames(before, after).includes('HostedZoneConfig')) {
      const config = after['HostedZoneConfig'];
      const Comment = isMap(config) ? String(config['Comment'] ?? '') : '';
      await context.client.call(SERVICE, 'UpdateHostedZoneComment', { Id: old.physicalId, Comment });
    }
    await changeTags(old.physicalId, before, after, context);
    return old;
  },
  async remove(old, context) {
    try {
      await removeZone(old, context);
    } catch (error) {
      if (!(error instanceof OperationProblem) || error.code !== 'NoSuchHostedZone') throw error;
    }
  },
};

/** By it a zone is found that was made for this resource. */
function referenceOf({ stackName, logicalId }: MakingContext): string {
  return `${stackName}/${logicalId}/`;
}

function madeOf(zone: unknown, delegation: unknown): Made {
  const physicalId = bareId((zone as WireRecord)['Id']);
  const { NameServers = [] } = (delegation ?? {}) as { readonly NameServers?: readonly string[] };
  return { physicalId, attributes: { Id: physicalId, NameServers } };
}

async function changeTags(zoneId: string, before: Properties, after: Properties, { client }: MakingContext) {
  const { set, gone } = tagChanges(before['HostedZoneTags'], after['HostedZoneTags']);
  if (set.length === 0 && gone.length === 0) return;
  const lists = { ...(set.length > 0 && { AddTags: set }), ...(gone.length > 0 && { RemoveTagKeys: gone }) };
  await client.call(SERVICE, 'ChangeTagsForResource', { ResourceType: 'hostedzone', ResourceId: zoneId, ...lists });
}

/** The records that proved names of certificates go with the zone; whatever else is in it keeps it. */
async function removeZone({ physicalId: Id }: StackResource, { client }: MakingContext): Promise<void> {
  try {
    await client.call(SERVICE, 'DeleteHostedZone', { Id });
  } catch (error) {
    if (!(error instanceof OperationProblem) || error.code !== 'HostedZoneNotEmpty') throw error;
    const { ResourceRecordSets } = await client.call(SERVICE, 'ListResourceRecordSets', { HostedZoneId: Id });
    const proofs = ((ResourceRecordSets ?? []) as readonly WireRecord[]).filter(isProof);
    if (proofs.length === 0) throw error;
    const Changes = proofs.map((set) => ({ Action: 'DELETE', ResourceRecordSet: set }));
    await client.call(SERVICE, 'ChangeResourceRecordSets', { HostedZoneId: Id, ChangeBatch: { Changes } });
    await client.call(SERVICE, 'DeleteHostedZone', { Id });
  }
}

function isProof({ Name, Type, ResourceRecords }: WireRecord): boolean {
  const [value] = (ResourceRecords ?? []) as readonly WireRecord[];
  const target = String(value?.['Value']);
  return Type === 'CNAME' && String(Name).startsWith('_') && /\.acm-validations\.aws\.?$/.test(target);
}

/** `HostedZoneId`, or the zone that `HostedZoneName` names. */
export async function zoneIdOf(properties: Properties, { client }: MakingContext): Promise<string> {
  const { HostedZoneId: id, HostedZoneName: name } = properties;
  if (typeof id === 'string') return bareId(id);
  const wanted = `${String(name).replace(/\.$/, '')}.`;
  const { HostedZones } = await client.call(SERVICE, 'ListHostedZonesByName', { DNSName: wanted });
  const found = ((HostedZones ?? []) as readonly WireRecord[]).filter(({ Name }) => Name === wanted);
  if (found.length === 1) return bareId(found[0]!['Id']);
  const count = found.length === 0 ? 'no hosted zone' : 'more than one hosted zone';
  throw new OperationProblem('InvalidInput', 400, `there is ${count} of the name ${wanted}: give HostedZoneId`);
}
