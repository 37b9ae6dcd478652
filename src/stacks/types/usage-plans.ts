// AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey: API keys, and what may be done with them.

import type { WireRecord } from '../../protocol/wire/model.ts';
import { specOfShape, toWire, withMembers, type Properties } from '../property-spec.ts';
import { changedNames, type MakingContext, type ResourceType } from '../resource-type.ts';
import { OperationProblem } from '../wire-call.ts';
import { tagChanges, TAG_LIST, tagsOf } from './tag-lists.ts';

const SERVICE = 'apigateway';

interface Patch {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: string;
}

const tagged = (shape: string, without: readonly string[] = []) =>
  withMembers(specOfShape(SERVICE, shape, ['tags', ...without]), { Tags: { spec: TAG_LIST, wire: '' } });

const tagMap = (properties: Properties) => {
  const tags = tagsOf(properties['Tags']).map(({ Key, Value }) => [Key, Value]);
  return tags.length === 0 ? {} : { tags: Object.fromEntries(tags) as object };
};

async function changeTags(path: string, before: Properties, after: Properties, { client, region }: MakingContext) {
  const resourceArn = `arn:aws:apigateway:${region}::${path}`;
  const { set, gone } = tagChanges(before['Tags'], after['Tags']);
  if (gone.length > 0) await client.call(SERVICE, 'UntagResource', { resourceArn, tagKeys: gone });
  const tags = Object.fromEntries(set.map(({ Key, Value }) => [Key, Value]));
  if (set.length > 0) await client.call(SERVICE, 'TagResource', { resourceArn, tags });
}

async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof OperationProblem) || error.code !== 'NotFoundException') throw error;
  }
}

const KEY_SPEC = tagged('CreateApiKeyRequest', ['stageKeys']);
const KEY_PATHS: Readonly<Record<string, string>> = {
  Name: '/name',
  Description: '/description',
  CustomerId: '/customerId',
  Enabled: '/enabled',
};

export const API_KEY: ResourceType = {
  spec: KEY_SPEC,
  secrets: ['Value'],
  attributeNames: ['APIKeyId'],
  isUpdatable: (before, after) =>
    changedNames(before, after).every((name) => name === 'Tags' || KEY_PATHS[name] !== undefined),
  async make(properties, { client }) {
    const wire = toWire(KEY_SPEC, properties) as Properties;
    const { Tags: _, ...input } = { ...wire, ...tagMap(properties) } as WireRecord;
    const { id } = await client.call(SERVICE, 'CreateApiKey', { enabled: true, ...input });
    return { physicalId: String(id), attributes: { APIKeyId: String(id) } };
  },
  async change(old, after, context) {
    const before = old.applied as Properties;
    const patchOperations = changedNames(before, after)
      .filter((name) => KEY_PATHS[name] !== undefined)
      .map((name): Patch => {
        const value = after[name] ?? (name === 'Enabled' ? true : '');
        return { op: 'replace', path: KEY_PATHS[name]!, value: String(value) };
      });
    if (patchOperations.length > 0)
      await context.client.call(SERVICE, 'UpdateApiKey', { apiKey: old.physicalId, patchOperations });
    await changeTags(`/apikeys/${old.physicalId}`, before, after, context);
    return old;
  },
  remove: ({ physicalId: apiKey }, { client }) => unlessGone(client.call(SERVICE, 'DeleteApiKey', { apiKey })),
};

const PLAN_SPEC = withMembers(tagged('CreateUsagePlanRequest', ['name']), {
  UsagePlanName: { spec: { kind: 'string' }, wire: 'name' },
});
const PATCHED = ['UsagePlanName', 'Description', 'Throttle', 'Quota', 'Tags'];

export const USAGE_PLAN: ResourceType = {
  spec: PLAN_SPEC,
  attributeNames: ['Id'],
  // Rates of single routes are many paths of a patch: a new plan says them at once.
  isUpdatable: (before, after) =>
    changedNames(before, after).every(
      (name) => PATCHED.includes(name) || (name === 'ApiStages' && isPlain(before) && isPlain(after)),
    ) && !(before['UsagePlanName'] !== undefined && after['UsagePlanName'] === undefined),
  async make(properties, { client, stackName, logicalId }) {
    const wire = toWire(PLAN_SPEC, properties) as WireRecord;
    const input = { name: `${stackName}-${logicalId}`, ...wire, ...tagMap(properties) };
    const { id } = await client.call(SERVICE, 'CreateUsagePlan', input);
    return { physicalId: String(id), attributes: { Id: String(id) } };
  },
  async change(old, after, context) {
    const before = old.applied as Properties;
    const changed = changedNames(before, after);
    const patchOperations: Patch[] = [];
    for (const [name, path] of [
      ['UsagePlanName', '/name'],
      ['Description', '/description'],
    ] as const)
      if (changed.includes(name)) patchOperations.push({ op: 'replace', path, value: String(after[name] ?? '') });
    if (changed.includes('Throttle')) patchOperations.push(...rates('/throttle', after['Throttle']));
    if (changed.includes('Quota')) patchOperations.push(...rates('/quota', after['Quota'], before['Quota']));
    patchOperations.push(...stagePatches(before, after));
    if (patchOperations.length > 0)
      await context.client.call(SERVICE, 'UpdateUsagePlan', { usagePlanId: old.physicalId, patchOperations });
    await changeTags(`/usageplans/${old.physicalId}`, before, after, context);
    return old;
  },
  async remove({ physicalId: usagePlanId, applied }, { client }) {
    // A plan with stages is not deleted.
    const patchOperations = stagesOf(applied as Properties).map((value) => ({
      op: 'remove',
      path: '/apiStages',
      value,
    }));
    if (patchOperations.length > 0)
      await unlessGone(client.call(SERVICE, 'UpdateUsagePlan', { usagePlanId, patchOperations }));
    await unlessGone(client.call(SERVICE, 'DeleteUsagePlan', { usagePlanId }));
  },
};

const apiStages = (properties: Properties) => (properties['ApiStages'] ?? []) as readonly Properties[];
const stagesOf = (properties: Properties) =>
  apiStages(properties).map(({ ApiId, Stage }) => `${String(ApiId)}:${String(Stage)}`);
const isPlain = (properties: Properties) => apiStages(properties).every(({ Throttle }) => Throttle === undefined);

function stagePatches(before: Properties, after: Properties): readonly Patch[] {
  const [old, wanted] = [stagesOf(before), stagesOf(after)];
  const patch =
    (op: Patch['op']) =>
    (value: string): Patch => ({ op, path: '/apiStages', value });
  return [
    ...old.filter((one) => !wanted.includes(one)).map(patch('remove')),
    ...wanted.filter((one) => !old.includes(one)).map(patch('add')),
  ];
}

/** Taken away whole where it is not wanted, or where a member of it is not any more. */
function rates(path: string, wanted: Properties[string] | undefined, before?: Properties[string]): readonly Patch[] {
  const members = Object.entries((wanted ?? {}) as Properties);
  const clear: readonly Patch[] =
    before === undefined && wanted !== undefined && path === '/quota' ? [] : [{ op: 'remove', path }];
  return [
    ...clear,
    ...members.map(([name, value]): Patch => ({
      op: 'replace',
      path: `${path}/${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      value: String(value),
    })),
  ];
}

const PLAN_KEY_SPEC = specOfShape(SERVICE, 'CreateUsagePlanKeyRequest');

export const USAGE_PLAN_KEY: ResourceType = {
  spec: PLAN_KEY_SPEC,
  attributeNames: ['Id'],
  isUpdatable: () => false,
  async make(properties, { client }) {
    const { id } = await client.call(SERVICE, 'CreateUsagePlanKey', toWire(PLAN_KEY_SPEC, properties) as WireRecord);
    const physicalId = `${String(id)}:${String(properties['UsagePlanId'])}`;
    return { physicalId, attributes: { Id: physicalId } };
  },
  change: (old) => Promise.resolve(old),
  remove: ({ applied }, { client }) =>
    unlessGone(
      client.call(SERVICE, 'DeleteUsagePlanKey', { usagePlanId: applied['UsagePlanId'], keyId: applied['KeyId'] }),
    ),
};
