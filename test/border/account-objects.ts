// One object of every kind in an account and region, through the public operations; the ids of them all; and ids of the same form that nobody
// has.

import assert from 'node:assert/strict';
import * as rest from '@aws-sdk/client-api-gateway';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as r53 from '@aws-sdk/client-route-53';
import type { ForeignAuthority } from '../harness/certificates.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  mapDomain,
  requestCertificate,
} from '../harness/domains.ts';
import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import { mock } from '../harness/sockets.ts';
import { askPage, type Actor } from './actors.ts';

export interface Ids {
  readonly apiId: string;
  readonly apiArn: string;
  readonly stageName: string;
  readonly stageArn: string;
  readonly deploymentId: string;
  readonly routeId: string;
  readonly routeKey: string;
  readonly routeResponseId: string;
  readonly integrationId: string;
  readonly integrationResponseId: string;
  readonly authorizerId: string;
  readonly modelId: string;
  readonly modelName: string;
  readonly vpcLinkId: string;
  readonly vpcLinkArn: string;
  readonly domainName: string;
  readonly domainArn: string;
  readonly regionalName: string;
  readonly apiMappingId: string;
  readonly mappingKey: string;
  readonly certificateArn: string;
  readonly pendingArn: string;
  readonly mailArn: string;
  readonly mailName: string;
  readonly importedArn: string;
  readonly importedName: string;
  readonly zoneId: string;
  readonly zoneName: string;
  readonly changeId: string;
  readonly callerReference: string;
  readonly idempotencyToken: string;
  readonly apiKeyId: string;
  readonly apiKeyArn: string;
  readonly usagePlanId: string;
  readonly usagePlanArn: string;
  readonly tagKey: string;
  readonly tagValue: string;
  /** Of the settings file, where there is one with functions. */
  readonly functionName: string;
  readonly stackName: string;
}

/** The label is in every name; so whoever reads it where it was not sent reads somebody else's. */
export async function makeObjects(actor: Actor, authority: ForeignAuthority): Promise<Ids> {
  const { label } = actor;
  const tags = { tagKey: `tag-of-${label}`, tagValue: `value of ${label}` };
  const zone = await makeZone(actor, tags);
  const certificates = await makeCertificates(actor, authority, { ...tags, ...zone });
  const api = await makeApiParts(actor, tags);
  const keys = await makeKeys(actor, tags, api);
  const domainName = `ws.${zone.zoneName}`;
  const domain = await createDomain(actor.clients, domainName, certificates.certificateArn);
  const domainArn = `arn:aws:apigateway:${actor.region}::/domainnames/${domainName}`;
  const mappingKey = `chat-of-${label}`;
  const mapped = { apiId: api.apiId, stage: api.stageName };
  const apiMappingId = await mapDomain(actor.clients, domainName, mappingKey, mapped);
  await createDomain(actor.clients, certificates.importedName, certificates.importedArn);
  await mapDomain(actor.clients, domainName, `more-of-${label}`, mapped);
  const { gateway, route53 } = actor.clients;
  const links = await makeVpcLinks(actor);
  for (const ResourceArn of [domainArn, api.apiArn, api.stageArn, links.vpcLinkArn])
    await gateway.send(new v2.TagResourceCommand({ ResourceArn, Tags: { [tags.tagKey]: tags.tagValue } }));
  const ResourceRecordSet = aliasRecord(domainName, domain);
  const change = await route53.send(
    new r53.ChangeResourceRecordSetsCommand({
      HostedZoneId: zone.zoneId,
      ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
    }),
  );
  const changeId = change.ChangeInfo!.Id!.replace('/change/', '');
  const { regionalName } = domain;
  return {
    functionName: `function-of-${label}`,
    stackName: await makeStack(actor),
    ...tags,
    ...zone,
    ...certificates,
    ...api,
    ...links,
    ...keys,
    domainName,
    domainArn,
    regionalName,
    apiMappingId,
    mappingKey,
    changeId,
  };
}

async function makeStack(actor: Actor): Promise<string> {
  const name = `stack-of-${actor.label}`;
  const body = { revision: 0, template: `template of ${actor.label}`, resources: [], outgoing: [], functions: [] };
  const { status, body: answer } = await askPage(actor, 'PUT', `/_sallyport/stack?name=${name}`, body);
  assert.equal(status, 200, answer);
  return name;
}

/** Two, so that a list of one item a page has a token. */
async function makeVpcLinks({ clients: { gateway }, label, region }: Actor) {
  const made: string[] = [];
  for (const Name of [`link of ${label}`, `more of ${label}`]) {
    const { VpcLinkId } = await gateway.send(
      new v2.CreateVpcLinkCommand({ Name, SubnetIds: [`subnet of ${label}`], SecurityGroupIds: [`group of ${label}`] }),
    );
    made.push(VpcLinkId!);
  }
  const vpcLinkId = made[0]!;
  return { vpcLinkId, vpcLinkArn: `arn:aws:apigateway:${region}::/vpclinks/${vpcLinkId}` };
}

/** Two of each, so that a list of one item a page has a token. */
async function makeKeys(
  { endpoint, region, keyId: accessKeyId, secret: secretAccessKey, label }: Actor,
  { tagKey, tagValue }: Pick<Ids, 'tagKey' | 'tagValue'>,
  { apiId, stageName: stage }: Pick<Ids, 'apiId' | 'stageName'>,
) {
  const client = new rest.APIGatewayClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const tags = { [tagKey]: tagValue };
  const quota = { limit: 5, period: 'MONTH' as const };
  const made: { readonly key: string; readonly plan: string }[] = [];
  for (const number of [0, 1]) {
    const value = `value-${number}-of-${label}-and-more`;
    const named = { name: `key ${number} of ${label}`, customerId: `customer of ${label}`, enabled: true, value, tags };
    const { id: key } = await client.send(new rest.CreateApiKeyCommand(named));
    const apiStages = number === 0 ? [{ apiId, stage }] : [];
    const { id: plan } = await client.send(
      new rest.CreateUsagePlanCommand({ name: `plan ${number} of ${label}`, apiStages, quota, tags }),
    );
    made.push({ key: key!, plan: plan! });
  }
  const [first, second] = made;
  assert.ok(first && second);
  for (const [usagePlanId, keyId] of [
    [first.plan, first.key],
    [first.plan, second.key],
    [second.plan, first.key],
  ] as const)
    await client.send(new rest.CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
  return {
    apiKeyId: first.key,
    apiKeyArn: `arn:aws:apigateway:${region}::/apikeys/${first.key}`,
    usagePlanId: first.plan,
    usagePlanArn: `arn:aws:apigateway:${region}::/usageplans/${first.plan}`,
  };
}

async function makeZone(
  { clients: { route53 }, label }: Actor,
  { tagKey, tagValue }: Pick<Ids, 'tagKey' | 'tagValue'>,
) {
  const callerReference = `reference of ${label}`;
  const ids: string[] = [];
  for (const [number, Name] of [`${label}.test`, `more-${label}.test`].entries()) {
    const HostedZoneConfig = { Comment: `comment of ${label}` };
    const CallerReference = number === 0 ? callerReference : `${callerReference}, ${number}`;
    const made = await route53.send(new r53.CreateHostedZoneCommand({ Name, CallerReference, HostedZoneConfig }));
    ids.push(made.HostedZone!.Id!.replace('/hostedzone/', ''));
  }
  const zoneId = ids[0]!;
  const AddTags = [{ Key: tagKey, Value: tagValue }];
  await route53.send(new r53.ChangeTagsForResourceCommand({ ResourceType: 'hostedzone', ResourceId: zoneId, AddTags }));
  return { zoneId, zoneName: `${label}.test`, callerReference };
}

async function makeCertificates(
  { clients, label }: Actor,
  authority: ForeignAuthority,
  { zoneId, zoneName, tagKey, tagValue }: Pick<Ids, 'zoneId' | 'zoneName' | 'tagKey' | 'tagValue'>,
) {
  const idempotencyToken = `token${label.replaceAll('-', '')}`;
  const certificateArn = await issueCertificate(clients, zoneId, `ws.${zoneName}`, {
    IdempotencyToken: idempotencyToken,
    Tags: [{ Key: tagKey, Value: tagValue }],
    Options: { Export: 'ENABLED' },
  });
  const pendingArn = await requestCertificate(clients, `pending.${zoneName}`, {
    SubjectAlternativeNames: [`also-pending.${zoneName}`],
  });
  const mailName = `mail.${zoneName}`;
  const mailArn = await requestCertificate(clients, mailName, { ValidationMethod: 'EMAIL' });
  const importedName = `imported.${zoneName}`;
  const importedArn = await importCertificate(clients, await authority.leaf([importedName]));
  return { certificateArn, pendingArn, mailArn, mailName, importedArn, importedName, idempotencyToken };
}

async function makeApiParts(actor: Actor, { tagKey, tagValue }: Pick<Ids, 'tagKey' | 'tagValue'>) {
  const { clients, label, region } = actor;
  const { gateway } = clients;
  const selection = { RouteSelectionExpression: '$request.body.action' };
  const ids: string[] = [];
  for (const Name of [`api of ${label}`, `more of ${label}`]) {
    const Tags = { [tagKey]: tagValue };
    const api = await gateway.send(new v2.CreateApiCommand({ Name, ProtocolType: 'WEBSOCKET', ...selection, Tags }));
    ids.push(api.ApiId!);
  }
  const ApiId = ids[0]!;
  const parts = await makeRouting(actor, ApiId);
  const stageName = `stage-of-${label}`;
  await gateway.send(
    new v2.CreateStageCommand({
      ApiId,
      StageName: stageName,
      DefaultRouteSettings: { DetailedMetricsEnabled: false },
      RouteSettings: { [parts.routeKey]: { ThrottlingBurstLimit: 50, ThrottlingRateLimit: 50 } },
      StageVariables: { whose: `variable-of-${label}` },
    }),
  );
  await gateway.send(new v2.CreateStageCommand({ ApiId, StageName: `more-of-${label}` }));
  const deployments: string[] = [];
  for (const StageName of [stageName, undefined]) {
    const Description = `deployment of ${label}`;
    deployments.push(
      (await gateway.send(new v2.CreateDeploymentCommand({ ApiId, StageName, Description }))).DeploymentId!,
    );
  }
  const apiArn = `arn:aws:apigateway:${region}::/apis/${ApiId}`;
  return {
    ...parts,
    apiId: ApiId,
    apiArn,
    stageName,
    stageArn: `${apiArn}/stages/${stageName}`,
    deploymentId: deployments[0]!,
  };
}

/** Two of each, so that a list of one item a page has a token. */
async function makeRouting({ clients: { gateway }, account, label }: Actor, ApiId: string) {
  const made: Record<string, string>[] = [];
  for (const number of [0, 1]) {
    const name = `${number}of${label.replaceAll('-', '')}`;
    const { responses: _, ...integration } = mock('unused');
    const { IntegrationId } = await gateway.send(
      new v2.CreateIntegrationCommand({ ApiId, ...integration, Description: `integration of ${label}` }),
    );
    await gateway.send(
      new v2.CreateIntegrationResponseCommand({
        ApiId,
        IntegrationId,
        IntegrationResponseKey: '$default',
        ResponseTemplates: { $default: '$context.connectionId' },
      }),
    );
    await gateway.send(
      new v2.CreateIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseKey: '/404/' }),
    );
    const responses = await gateway.send(new v2.GetIntegrationResponsesCommand({ ApiId, IntegrationId }));
    const Schema = `{"type":"object","description":"schema of ${label}"}`;
    const { ModelId } = await gateway.send(
      new v2.CreateModelCommand({ ApiId, Name: `Model${name}`, Schema, ContentType: 'application/json' }),
    );
    const { AuthorizerId } = await gateway.send(
      new v2.CreateAuthorizerCommand({
        ApiId,
        Name: `authorizer ${name}`,
        AuthorizerType: 'REQUEST',
        AuthorizerUri: invocationsOf(functionArn('authorize', account)),
        IdentitySource: ['route.request.header.Auth'],
      }),
    );
    const { RouteId } = await gateway.send(
      new v2.CreateRouteCommand({
        ApiId,
        RouteKey: `route-${name}`,
        Target: `integrations/${IntegrationId}`,
        OperationName: `operation-${name}`,
        ModelSelectionExpression: '$request.body.kind',
        RequestModels: { one: `Model${name}` },
        RouteResponseSelectionExpression: '$default',
      }),
    );
    const { RouteResponseId } = await gateway.send(
      new v2.CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }),
    );
    const integrationResponseId = responses.Items!.find(
      ({ IntegrationResponseKey: key }) => key === '$default',
    )!.IntegrationResponseId!;
    const ids = { IntegrationId, ModelId, AuthorizerId, RouteId, RouteResponseId };
    made.push({ ...(ids as Record<string, string>), integrationResponseId, name });
  }
  const [first] = made;
  assert.ok(first);
  return {
    integrationId: first['IntegrationId']!,
    integrationResponseId: first['integrationResponseId']!,
    modelId: first['ModelId']!,
    modelName: `Model${first['name']}`,
    authorizerId: first['AuthorizerId']!,
    routeId: first['RouteId']!,
    routeKey: `route-${first['name']}`,
    routeResponseId: first['RouteResponseId']!,
  };
}

/** A digit or letter becomes another one of its kind, so that the whole keeps its form. */
function turned(text: string): string {
  const other = text
    .replace(/[0-9a-f]/g, (character) =>
      character === 'f' ? 'a' : character === '9' ? '0' : String.fromCharCode(character.charCodeAt(0) + 1),
    )
    .replace(/[B-Y]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 1));
  // Of a short id by chance no character is among those.
  return other === text ? text.replace(/[g-y]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 1)) : other;
}

/** Parts of ids that are turned into others; the rest of an ARN, such as its account and region, stays. */
const LEAVES: readonly (keyof Ids)[] = [
  'apiId',
  'stageName',
  'deploymentId',
  'routeId',
  'routeKey',
  'routeResponseId',
  'integrationId',
  'integrationResponseId',
  'authorizerId',
  'modelId',
  'modelName',
  'vpcLinkId',
  'domainName',
  'mailName',
  'importedName',
  'zoneName',
  'apiMappingId',
  'apiKeyId',
  'usagePlanId',
  'mappingKey',
  'zoneId',
  'changeId',
  'functionName',
];

/** Ids of the same form as these, that there are not. `pairs` has each text that differs, with what it became. */
export function absentIds(ids: Ids): { readonly ids: Ids; readonly pairs: ReadonlyMap<string, string> } {
  const uuids = Object.values(ids).flatMap((text: string) => /certificate\/(.+)$/.exec(text)?.[1] ?? []);
  const pairs = new Map([...LEAVES.map((name) => ids[name]), ...uuids].map((text) => [text, turned(text)]));
  const entries = Object.entries(ids as unknown as Record<string, string>).map(([name, text]) => {
    const leaf = [...pairs.keys()]
      .filter((one) => text.endsWith(one) || text.includes(`${one}/`))
      .sort((a, b) => b.length - a.length);
    return [name, leaf.reduce((changed, one) => changed.replace(one, pairs.get(one)!), text)];
  });
  return { ids: Object.fromEntries(entries) as unknown as Ids, pairs };
}
