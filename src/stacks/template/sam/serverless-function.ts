// AWS::Serverless::Function becomes an AWS::Lambda::Function, and what goes with it. Events are nobody's here to send: a WebSocket API
// names its functions itself.

import type { Draft, Expansion } from '../draft.ts';
import type { ProblemList } from '../problem-list.ts';
import type { MapValue, NotCarried, Value } from '../stack-template.ts';
import { builtHandler } from './built-handler.ts';
import { made, partOf, refuseOthers } from './made.ts';
import { attributeOf, mapMember, mapOf, textMember, textValue } from './values.ts';

/** Properties of the function of Lambda that have the same name there. */
const SAME = [
  'Architectures',
  'CapacityProviderConfig',
  'CodeSigningConfigArn',
  'Description',
  'DurableConfig',
  'Environment',
  'EphemeralStorage',
  'FileSystemConfigs',
  'FunctionName',
  'FunctionScalingConfig',
  'Handler',
  'ImageConfig',
  'KmsKeyArn',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'PackageType',
  'PublishToLatestPublished',
  'RecursiveLoop',
  'ReservedConcurrentExecutions',
  'Runtime',
  'RuntimeManagementConfig',
  'SnapStart',
  'TenancyConfig',
  'Timeout',
  'VpcConfig',
];
/** What a function of this machine does without, and why. */
const NOT_NEEDED: Readonly<Record<string, string>> = {
  AssumeRolePolicyDocument: 'a local function has no role',
  AutoPublishAlias: 'a local function has one version, which its aliases lead to',
  AutoPublishAliasAllProperties: 'a local function has one version',
  AutoPublishCodeSha256: 'a local function has one version',
  DeploymentPreference: 'a local function changes at once',
  PermissionsBoundary: 'a local function has no role',
  Policies: 'a local function has no role: it may do what its access key may',
  PropagateTags: 'tags of functions are not kept',
  ProvisionedConcurrencyConfig: 'processes are started when they are needed',
  RolePath: 'a local function has no role',
  SourceKMSKeyArn: 'code of this machine is not encrypted',
  VersionDeletionPolicy: 'a local function has one version',
  VersionDescription: 'a local function has one version',
};
const NOT_CARRIED: Readonly<Record<string, string>> = {
  DeadLetterQueue: 'failed events go to no queue here',
  EventInvokeConfig: 'events are invoked once, and their results go nowhere',
};
const OWN = ['CodeUri', 'Events', 'FunctionUrlConfig', 'ImageUri', 'InlineCode', 'Role', 'Tags', 'Tracing'];
const KNOWN = [...SAME, ...Object.keys(NOT_NEEDED), ...Object.keys(NOT_CARRIED), ...OWN];
const S3 = /^s3:\/\/([^/]+)\/(.+)$/;
/** Build methods that change no handler's place: what they install is expected to be there. */
const PLAIN_BUILDS = /^(?:nodejs|python)/;

export function expandFunction(draft: Draft, into: Expansion, problems: ProblemList): void {
  const { logicalId, properties, line, dependsOn } = draft;
  refuseOthers(draft, KNOWN, problems);
  const { entries } = properties;
  const same = Object.fromEntries(SAME.map((name) => [name, entries.get(name)]));
  const tracing = entries.get('Tracing');
  const role = entries.get('Role') ?? attributeOf(`${logicalId}Role`, 'Arn', line);
  const handler = builtHandler(draft);
  const lambda = mapOf(line, {
    ...same,
    ...(handler === undefined ? {} : { Handler: textValue(handler, entries.get('Handler')!.line) }),
    Code: codeOf(properties),
    Role: role,
    Tags: tagsOf(properties),
    TracingConfig: tracing && mapOf(tracing.line, { Mode: tracing }),
  });
  into.drafts.push({ ...made(draft, logicalId, 'AWS::Lambda::Function', lambda, dependsOn), metadata: draft.metadata });
  if (!entries.has('Role')) into.drafts.push(roleOf(draft));
  const url = entries.get('FunctionUrlConfig');
  if (url?.kind === 'map') into.drafts.push(urlOf(draft, url));
  const alias = textMember(properties, 'AutoPublishAlias');
  const otherNames = [
    `${logicalId}.Alias`,
    `${logicalId}.Version`,
    ...(alias === undefined ? [] : [`${logicalId}Alias${alias}`]),
  ];
  for (const name of otherNames) into.otherNames.set(name, { logicalId, attribute: 'Arn' });
  into.notNeeded.push(...partsOf(draft, NOT_NEEDED, problems));
  into.notCarried.push(
    ...partsOf(draft, NOT_CARRIED, problems),
    ...eventsOf(draft, into, problems),
    ...buildOf(draft, problems),
  );
}

function codeOf(properties: MapValue): Value {
  const { entries, line } = properties;
  const inline = entries.get('InlineCode');
  if (inline) return mapOf(inline.line, { ZipFile: inline });
  const image = entries.get('ImageUri');
  if (image) return mapOf(image.line, { ImageUri: image });
  const uri = entries.get('CodeUri');
  if (!uri) return textValue('.', line);
  if (uri.kind === 'map') {
    const { entries: parts } = uri;
    return mapOf(uri.line, {
      S3Bucket: parts.get('Bucket'),
      S3Key: parts.get('Key'),
      S3ObjectVersion: parts.get('Version'),
    });
  }
  const [, bucket, key] = (uri.kind === 'scalar' && S3.exec(uri.text)) || [];
  if (bucket === undefined || key === undefined) return uri;
  return mapOf(uri.line, { S3Bucket: textValue(bucket, uri.line), S3Key: textValue(key, uri.line) });
}

function tagsOf(properties: MapValue): Value | undefined {
  const tags = mapMember(properties, 'Tags');
  if (!tags) return undefined;
  const items = [...tags.entries].map(([key, value]) =>
    mapOf(value.line, { Key: textValue(key, value.line), Value: value }),
  );
  return { kind: 'list', items, line: tags.line };
}

function roleOf(draft: Draft): Draft {
  const { line } = draft;
  const principal = mapOf(line, { Service: textValue('lambda.amazonaws.com', line) });
  const statement = mapOf(line, {
    Effect: textValue('Allow', line),
    Principal: principal,
    Action: textValue('sts:AssumeRole', line),
  });
  const document = mapOf(line, {
    Version: textValue('2012-10-17', line),
    Statement: { kind: 'list', items: [statement], line },
  });
  const properties = mapOf(line, { AssumeRolePolicyDocument: document });
  return made(draft, `${draft.logicalId}Role`, 'AWS::IAM::Role', properties);
}

function urlOf(draft: Draft, url: MapValue): Draft {
  const properties = mapOf(url.line, {
    ...Object.fromEntries(url.entries),
    TargetFunctionArn: attributeOf(draft.logicalId, 'Arn', url.line),
  });
  return made(draft, `${draft.logicalId}Url`, 'AWS::Lambda::Url', properties);
}

function partsOf(draft: Draft, reasons: Readonly<Record<string, string>>, problems: ProblemList): NotCarried[] {
  return [...draft.properties.entries]
    .filter(([name]) => Object.hasOwn(reasons, name))
    .map(([name, { line }]) => partOf(draft, name, line, reasons[name]!, problems));
}

/** The API that SAM makes for events that name none, so that whoever asks for it learns why it is not there. */
const IMPLICIT_APIS: Readonly<
  Record<string, { readonly logicalId: string; readonly type: string; readonly named: string }>
> = {
  Api: { logicalId: 'ServerlessRestApi', type: 'AWS::Serverless::Api', named: 'RestApiId' },
  HttpApi: { logicalId: 'ServerlessHttpApi', type: 'AWS::Serverless::HttpApi', named: 'ApiId' },
};

function eventsOf(draft: Draft, into: Expansion, problems: ProblemList): NotCarried[] {
  return [...(mapMember(draft.properties, 'Events')?.entries ?? [])].map(([name, event]) => {
    const type = (event.kind === 'map' && textMember(event, 'Type')) || 'no Type';
    const properties = event.kind === 'map' ? mapMember(event, 'Properties') : undefined;
    const api = Object.hasOwn(IMPLICIT_APIS, type) ? IMPLICIT_APIS[type]! : undefined;
    const isThere = (id: string) => into.written.has(id) || into.drafts.some(({ logicalId }) => logicalId === id);
    if (api && !isThere(api.logicalId) && !properties?.entries.has(api.named))
      into.drafts.push(made(draft, api.logicalId, api.type, mapOf(event.line, {})));
    const reason = `events of the type ${type} are sent by nobody here; the gateway invokes functions for WebSocket routes and authorizers`;
    return partOf(draft, `Events.${name}`, event.line, reason, problems);
  });
}

function buildOf(draft: Draft, problems: ProblemList): NotCarried[] {
  const method = draft.metadata?.entries.get('BuildMethod');
  if (method?.kind !== 'scalar' || method.text === 'esbuild' || PLAIN_BUILDS.test(method.text)) return [];
  const reason = `nothing is built here: run sam build, and read .aws-sam/build/template.yaml`;
  return [partOf(draft, `BuildMethod ${method.text}`, method.line, reason, problems)];
}
