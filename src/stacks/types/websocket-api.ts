// AWS::ApiGatewayV2::…: each type is a noun of the API, whose Create, Update and Delete operations take its properties as they are. Which
// properties an update takes says the wire model.

import type { StackResource } from '../../model/stack.ts';
import { SERVICES, type WireRecord } from '../../protocol/wire/model.ts';
import type { GatewayClient } from '../gateway-client.ts';
import { isMap, specOfShape, toWire, withMembers, type MemberSpec, type Properties } from '../property-spec.ts';
import { changedNames, type Attributes, type MakingContext, type Made, type ResourceType } from '../resource-type.ts';
import { OperationProblem } from '../wire-call.ts';

interface Noun {
  /** `Route` of CreateRoute. */
  readonly noun: string;
  /** The member that `Ref` is. */
  readonly id: string;
  /** Of `Fn::GetAtt`, out of what Create or Update answered. */
  readonly attributes?: (output: WireRecord) => Attributes;
  readonly attributeNames?: readonly string[];
  readonly without?: readonly string[];
  readonly members?: Readonly<Record<string, MemberSpec>>;
  /** What a member is when its property is taken away, where an empty text does not say so. */
  readonly resets?: Readonly<Record<string, string | number | Properties>>;
  /** Properties of which a part is taken away by an operation of its own. */
  readonly takesAway?: Readonly<Record<string, TakesAway>>;
  /** Members that no update takes away. */
  readonly lasting?: readonly string[];
  /** Under which ARN its tags are. */
  readonly tagged?: (old: Pick<StackResource, 'physicalId' | 'applied'>) => string;
}

/** Takes away what `before` has and `after` has not; `labels` are those of the resource. */
type TakesAway = (
  before: Properties[string] | undefined,
  after: Properties[string] | undefined,
  labels: WireRecord,
  client: GatewayClient,
) => Promise<void>;

const SERVICE = 'apigatewayv2';

function inputOf(operation: string) {
  const service = SERVICES[SERVICE];
  return service.shapes[service.operations[operation]?.input ?? ''];
}

const membersOf = (operation: string) => inputOf(operation)?.members ?? {};

export function nounOfApiGateway(noun: Noun): ResourceType {
  const create = `Create${noun.noun}`;
  const update = `Update${noun.noun}`;
  const spec = withMembers(specOfShape(SERVICE, SERVICES[SERVICE].operations[create]!.input!, noun.without), {
    ...noun.members,
  });
  const takes = membersOf(update);
  const labelsOf = (operation: string, { physicalId, applied }: StackResource) => {
    const labels = Object.entries(membersOf(operation)).filter(([, { location }]) => location === 'label');
    return Object.fromEntries(labels.map(([name]) => [name, name === noun.id ? physicalId : applied[name]]));
  };
  const madeOf = (output: WireRecord): Made => {
    const physicalId = String(output[noun.id]);
    return { physicalId, attributes: { [noun.id]: physicalId, ...noun.attributes?.(output) } };
  };
  const cleared = (name: string, before: Properties) =>
    noun.lasting?.includes(name)
      ? undefined
      : (noun.takesAway?.[name] && {}) || resetOf(spec.members[name], before[name], noun.resets?.[name]);
  const isTagged = (name: string) => name === 'Tags' && noun.tagged !== undefined;
  return {
    spec,
    attributeNames: [noun.id, ...(noun.attributeNames ?? [])],
    isUpdatable: (before, after) =>
      changedNames(before, after).every(
        (name) =>
          isTagged(name) ||
          (takes[name] !== undefined &&
            takes[name].location !== 'label' &&
            (after[name] !== undefined || cleared(name, before) !== undefined)),
      ),
    async make(properties, context) {
      return madeOf(await context.client.call(SERVICE, create, toWire(spec, properties) as WireRecord));
    },
    find: (properties, { client }, isKnown) =>
      findMade(noun, toWire(spec, properties) as WireRecord, client, isKnown).then((found) => found && madeOf(found)),
    async change(old, after, context) {
      const before = old.applied as Properties;
      const names = changedNames(before, after);
      const sent = [...new Set([...(inputOf(update)?.required ?? []), ...names])].filter((name) => !isTagged(name));
      const changes = sent.map((name) => {
        const isTakenAway = after[name] === undefined && noun.takesAway?.[name] !== undefined;
        const wanted = isTakenAway ? undefined : (after[name] ?? cleared(name, before));
        return [name, withoutGone(before[name], wanted)] as const;
      });
      const input = toWire(spec, Object.fromEntries(changes) as Properties) as WireRecord;
      const labels = labelsOf(update, old);
      for (const [name, takeAway] of Object.entries(noun.takesAway ?? {}))
        await takeAway(before[name], after[name], labels, context.client);
      if (names.some(isTagged)) await changeTags(noun.tagged!(old), before, after, context);
      const output = await context.client.call(SERVICE, update, { ...input, ...labels });
      return madeOf({ ...labels, ...output });
    },
    async remove(old, { client }) {
      const operation = `Delete${noun.noun}`;
      try {
        await client.call(SERVICE, operation, labelsOf(operation, old));
      } catch (error) {
        if (!(error instanceof OperationProblem) || error.code !== 'NotFoundException') throw error;
      }
    },
  };
}

/** What was made of these properties, and is nobody's that is known. */
async function findMade(
  { noun, id }: Noun,
  properties: WireRecord,
  client: GatewayClient,
  isKnown: (physicalId: string) => boolean,
): Promise<WireRecord | undefined> {
  const wanted = Object.entries(properties);
  const listing = `Get${noun}s`;
  const labels = Object.fromEntries(wanted.filter(([name]) => membersOf(listing)[name]?.location === 'label'));
  const described = Object.fromEntries(wanted.filter(([name]) => !(name in labels) && name !== 'Tags'));
  for (let more: WireRecord = {}; ;) {
    const { Items, NextToken } = await client.call(SERVICE, listing, { ...labels, ...more });
    const items = (Items ?? []) as readonly WireRecord[];
    const found = items.find((item) => !isKnown(String(item[id])) && includes(item, described));
    if (found || typeof NextToken !== 'string') return found;
    more = { NextToken };
  }
}

/** Whether something has all that is wanted, and perhaps more. */
function includes(has: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return has === wanted;
  if (typeof has !== 'object' || has === null) return false;
  return Object.entries(wanted).every(([name, one]) => includes((has as WireRecord)[name], one));
}

/** What takes a property away again; undefined where nothing does. */
function resetOf(
  member: MemberSpec | undefined,
  before: unknown,
  reset: string | number | Properties | undefined,
): Properties[string] | undefined {
  if (reset !== undefined) return reset;
  if (!member) return undefined;
  if (member.spec.kind === 'string') return member.spec.allowed ? undefined : '';
  if (member.spec.kind === 'jsonText') return '';
  if (member.spec.kind === 'boolean') return false;
  if (member.spec.kind === 'list') return [];
  const isOfTexts = member.spec.kind === 'map' && member.spec.of.kind === 'string';
  return isOfTexts && isMap(before) ? Object.fromEntries(Object.keys(before).map((key) => [key, ''])) : undefined;
}

/** Maps of texts merge by key, and an empty text takes an entry away. */
function withoutGone(before: unknown, after: Properties[string] | undefined): Properties[string] | undefined {
  if (!isMap(before) || !isMap(after) || !Object.values(after).every((one) => typeof one === 'string')) return after;
  const gone = Object.keys(before).filter((key) => after[key] === undefined);
  return { ...after, ...Object.fromEntries(gone.map((key) => [key, ''])) };
}

async function changeTags(
  ResourceArn: string,
  before: Properties,
  after: Properties,
  { client, region }: MakingContext,
): Promise<void> {
  const [old, wanted] = [before['Tags'] ?? {}, after['Tags'] ?? {}] as readonly [Properties, Properties];
  const arn = ResourceArn.replace('{region}', region);
  const gone = Object.keys(old).filter((key) => wanted[key] === undefined);
  if (gone.length > 0) await client.call(SERVICE, 'UntagResource', { ResourceArn: arn, TagKeys: gone });
  if (Object.keys(wanted).length > 0) await client.call(SERVICE, 'TagResource', { ResourceArn: arn, Tags: wanted });
}

/** An entry of a map by an operation, with the entry's key as a member. */
const entryBy =
  (operation: string, member: string): TakesAway =>
  async (before, after, labels, client) => {
    const [old, wanted] = [before ?? {}, after ?? {}] as readonly [Properties, Properties];
    for (const key of Object.keys(old).filter((one) => wanted[one] === undefined))
      await client.call(SERVICE, operation, { ...labels, [member]: key });
  };

const accessLogs: TakesAway = async (before, after, labels, client) => {
  if (before !== undefined && after === undefined) await client.call(SERVICE, 'DeleteAccessLogSettings', labels);
};

const QUIET: Properties = { DataTraceEnabled: false, DetailedMetricsEnabled: false, LoggingLevel: 'OFF' };

const refused = (refusal: string): MemberSpec => ({ spec: { kind: 'any' }, wire: '', refusal });
const ofHttp = refused('is for HTTP APIs, which are kept as records here and not served');
const ofJson = (wire: string, isRequired = false): MemberSpec => ({ spec: { kind: 'jsonText' }, wire, isRequired });
const arnOf = (path: string) => `arn:aws:apigateway:{region}::${path}`;

export const API_GATEWAY_V2: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGatewayV2::Api': nounOfApiGateway({
    noun: 'Api',
    id: 'ApiId',
    resets: { ApiKeySelectionExpression: '$request.header.x-api-key', IpAddressType: 'ipv4' },
    lasting: ['Version'],
    members: {
      Body: refused('is an OpenAPI document, of which no WebSocket API can be made'),
      BodyS3Location: refused('is an OpenAPI document, of which no WebSocket API can be made'),
      BasePath: ofHttp,
      FailOnWarnings: ofHttp,
    },
    attributeNames: ['ApiEndpoint'],
    attributes: ({ ApiEndpoint }) => ({ ApiEndpoint: String(ApiEndpoint) }),
    tagged: ({ physicalId }) => arnOf(`/apis/${physicalId}`),
  }),
  'AWS::ApiGatewayV2::Route': nounOfApiGateway({
    noun: 'Route',
    id: 'RouteId',
    resets: { AuthorizationType: 'NONE' },
    takesAway: { RequestParameters: entryBy('DeleteRouteRequestParameter', 'RequestParameterKey') },
  }),
  'AWS::ApiGatewayV2::RouteResponse': nounOfApiGateway({ noun: 'RouteResponse', id: 'RouteResponseId' }),
  'AWS::ApiGatewayV2::Integration': nounOfApiGateway({
    noun: 'Integration',
    id: 'IntegrationId',
    resets: { TimeoutInMillis: 29_000, ConnectionType: 'INTERNET', PassthroughBehavior: 'WHEN_NO_MATCH' },
  }),
  'AWS::ApiGatewayV2::IntegrationResponse': nounOfApiGateway({
    noun: 'IntegrationResponse',
    id: 'IntegrationResponseId',
  }),
  'AWS::ApiGatewayV2::Model': nounOfApiGateway({
    noun: 'Model',
    id: 'ModelId',
    members: { Schema: ofJson('Schema', true) },
  }),
  'AWS::ApiGatewayV2::Authorizer': nounOfApiGateway({ noun: 'Authorizer', id: 'AuthorizerId' }),
  'AWS::ApiGatewayV2::Deployment': nounOfApiGateway({ noun: 'Deployment', id: 'DeploymentId' }),
  'AWS::ApiGatewayV2::Stage': nounOfApiGateway({
    noun: 'Stage',
    id: 'StageName',
    resets: { DefaultRouteSettings: QUIET },
    takesAway: {
      RouteSettings: entryBy('DeleteRouteSettings', 'RouteKey'),
      AccessLogSettings: accessLogs,
    },
    members: { AccessPolicyId: refused('is no property that an operation takes') },
    tagged: ({ physicalId, applied }) => arnOf(`/apis/${String(applied['ApiId'])}/stages/${physicalId}`),
  }),
  'AWS::ApiGatewayV2::DomainName': nounOfApiGateway({
    noun: 'DomainName',
    id: 'DomainName',
    attributeNames: ['DomainNameArn', 'RegionalDomainName', 'RegionalHostedZoneId'],
    attributes: ({ DomainNameArn, DomainNameConfigurations: configurations }) => {
      const [first] = (configurations ?? []) as readonly WireRecord[];
      return {
        DomainNameArn: String(DomainNameArn),
        RegionalDomainName: String(first?.['ApiGatewayDomainName']),
        RegionalHostedZoneId: String(first?.['HostedZoneId']),
      };
    },
    tagged: ({ physicalId }) => arnOf(`/domainnames/${physicalId}`),
  }),
  'AWS::ApiGatewayV2::ApiMapping': nounOfApiGateway({ noun: 'ApiMapping', id: 'ApiMappingId' }),
  'AWS::ApiGatewayV2::VpcLink': nounOfApiGateway({
    noun: 'VpcLink',
    id: 'VpcLinkId',
    tagged: ({ physicalId }) => arnOf(`/vpclinks/${physicalId}`),
  }),
};
