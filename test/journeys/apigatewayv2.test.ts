// API Gateway v2 through the unmodified SDK: every object from its creation to its end, what a PATCH leaves alone, every refusal
// in its exact words, pages of lists, and what one account sees of another's.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, type Change } from '@aws-sdk/client-route-53';
import { createClients, type Clients } from '../../demo/chain.ts';
import { eventually } from '../harness/eventually.ts';
import { REGION, startTestGateway } from '../harness/gateway.ts';

const ACCOUNT = '000000000000';
const OTHER_ACCOUNT = '111122223333';

const gateway = await startTestGateway({ after });
const { clients } = gateway;
const others = createClients(gateway.endpoint, REGION, OTHER_ACCOUNT);
const api = clients.gateway;

// ---- what the rows below refer to ----

const zone = await clients.route53.send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'v2' }));
const HostedZoneId = zone.HostedZone!.Id!;

async function requestCertificate([DomainName, ...rest]: string[], as: Clients = clients): Promise<string> {
  const names = rest.length === 0 ? {} : { SubjectAlternativeNames: rest };
  const request = { DomainName, ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1', ...names } as const;
  return (await as.acm.send(new RequestCertificateCommand(request))).CertificateArn!;
}

/** A certificate of the account, proven in the one zone that is served. */
async function issueCertificate(names: string[], as: Clients = clients): Promise<string> {
  const CertificateArn = await requestCertificate(names, as);
  const describe = async () => (await as.acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  const Changes = (await describe()).DomainValidationOptions!.map(({ ResourceRecord }): Change => {
    const ResourceRecords = [{ Value: ResourceRecord!.Value }];
    return {
      Action: 'UPSERT',
      ResourceRecordSet: { Name: ResourceRecord!.Name, Type: 'CNAME', TTL: 60, ResourceRecords },
    };
  });
  await clients.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
  await eventually(`the certificate of ${names[0]} is issued`, async () =>
    (await describe()).Status === 'ISSUED' ? true : undefined,
  );
  return CertificateArn;
}

const COVERED = ['example.com', '*.example.com', '*.one.example.com', '*.two.example.com', '*.deep.sub.example.com'];
const [certificate, secondCertificate, othersCertificate, pendingCertificate] = await Promise.all([
  issueCertificate(COVERED),
  issueCertificate(COVERED),
  issueCertificate(COVERED, others),
  requestCertificate(['pending.example.com']),
]);

async function makeApi(as: Clients = clients, name = 'test'): Promise<string> {
  const RouteSelectionExpression = '$request.body.action';
  const created = await as.gateway.send(
    new v2.CreateApiCommand({ Name: name, ProtocolType: 'WEBSOCKET', RouteSelectionExpression }),
  );
  return created.ApiId!;
}

async function makeRoute(ApiId: string, RouteKey: string, Target?: string): Promise<string> {
  return (await api.send(new v2.CreateRouteCommand({ ApiId, RouteKey, Target }))).RouteId!;
}

async function makeIntegration(ApiId: string): Promise<string> {
  return (await api.send(new v2.CreateIntegrationCommand({ ApiId, IntegrationType: 'MOCK' }))).IntegrationId!;
}

async function makeDomainName(DomainName: string, as: Clients = clients): Promise<v2.CreateDomainNameCommandOutput> {
  const CertificateArn = as === clients ? certificate : othersCertificate;
  const DomainNameConfigurations = [{ CertificateArn }];
  return as.gateway.send(new v2.CreateDomainNameCommand({ DomainName, DomainNameConfigurations }));
}

async function map(DomainName: string, ApiId: string, Stage: string, ApiMappingKey?: string) {
  return api.send(new v2.CreateApiMappingCommand({ DomainName, ApiId, Stage, ApiMappingKey }));
}

/** An API that has one of everything, mapped at `kept.example.com/v1`. No test changes it. */
const ApiId = await makeApi();
const IntegrationId = await makeIntegration(ApiId);
const RouteId = await makeRoute(ApiId, '$default', `integrations/${IntegrationId}`);
await api.send(new v2.CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }));
await api.send(new v2.CreateIntegrationResponseCommand({ ApiId, IntegrationId, IntegrationResponseKey: '$default' }));
const { DeploymentId } = await api.send(new v2.CreateDeploymentCommand({ ApiId }));
await api.send(new v2.CreateStageCommand({ ApiId, StageName: 'prod', DeploymentId }));
const KEPT = 'kept.example.com';
await makeDomainName(KEPT);
const { ApiMappingId } = await map(KEPT, ApiId, 'prod', 'v1');
const emptyApiId = await makeApi();

function withoutMetadata<T extends { $metadata: unknown }>(output: T): Omit<T, '$metadata'> {
  const { $metadata: _, ...rest } = output;
  return rest;
}

async function refusalOf(call: Promise<unknown>): Promise<{ name: string; status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata } = error as v2.ApiGatewayV2ServiceException;
    return { name, status: $metadata?.httpStatusCode ?? 0, message };
  }
  assert.fail('the call was answered, and should have been refused');
}

// ---- from creation to end ----

interface Resource {
  readonly kind: string;
  /** The members that say where the object is. */
  readonly scope?: object;
  /** When it is not the kind's name with `Id`. */
  readonly idMember?: string;
  readonly input: object;
  /** When it is not the text that most kinds have. */
  readonly gone?: (id: string) => string;
}

const lifeApiId = await makeApi();
const inLife = { ApiId: lifeApiId };
const inRoute = { ...inLife, RouteId: await makeRoute(lifeApiId, 'kept') };
const inIntegration = { ...inLife, IntegrationId: await makeIntegration(lifeApiId) };
await makeDomainName('mapping.example.com');
/** Has nothing but what is in a row, so that its lists are known. */
const ALONE = '555566667777';
const alone = createClients(gateway.endpoint, REGION, ALONE);

const RESOURCES: readonly Resource[] = [
  {
    kind: 'Api',
    input: {
      Name: 'whole',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '${request.body.service}/${request.body.action}',
      Description: 'everything set',
      Version: '1.0',
      DisableSchemaValidation: true,
      DisableExecuteApiEndpoint: true,
      IpAddressType: 'dualstack',
      Tags: { team: 'chat' },
    },
    gone: (id) => `Invalid API identifier specified ${ALONE}:${id}`,
  },
  {
    kind: 'Route',
    scope: { ApiId: emptyApiId },
    input: {
      RouteKey: '$connect',
      OperationName: 'Connect',
      RouteResponseSelectionExpression: '$default',
      RequestParameters: { 'route.request.header.X-Room': { Required: true } },
    },
  },
  { kind: 'RouteResponse', scope: inRoute, input: { RouteResponseKey: '$default' } },
  {
    kind: 'Integration',
    scope: { ApiId: emptyApiId },
    input: {
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: 'http://127.0.0.1:9/${stageVariables.path}',
      Description: 'a backend',
      PassthroughBehavior: 'WHEN_NO_TEMPLATES',
      RequestParameters: { 'integration.request.header.x-id': 'context.connectionId' },
      TemplateSelectionExpression: '\\$default',
      TimeoutInMillis: 50,
    },
  },
  {
    kind: 'IntegrationResponse',
    scope: inIntegration,
    input: {
      IntegrationResponseKey: '/2\\d\\d/',
      ResponseTemplates: { $default: '{"ok":true}' },
      TemplateSelectionExpression: '\\$default',
    },
  },
  { kind: 'Deployment', scope: inLife, input: { Description: 'the first' } },
  {
    kind: 'Stage',
    scope: inLife,
    idMember: 'StageName',
    input: {
      StageName: 'a_stage-1',
      Description: 'a stage',
      StageVariables: { path: 'https://a.example.com/~b?c=d&e=f,g#h' },
      DefaultRouteSettings: { DetailedMetricsEnabled: true },
      RouteSettings: { kept: { DetailedMetricsEnabled: false } },
      Tags: { team: 'chat' },
    },
    gone: () => 'Invalid stage identifier specified',
  },
  {
    kind: 'ApiMapping',
    scope: { DomainName: 'mapping.example.com' },
    input: { ApiId, Stage: 'prod', ApiMappingKey: "a/$context.domainName/-_.+!*'()" },
    gone: (id) => `Unable to find ApiMapping with ID ${id}`,
  },
  {
    kind: 'DomainName',
    idMember: 'DomainName',
    input: {
      DomainName: '*.life.example.com',
      DomainNameConfigurations: [
        {
          CertificateArn: await issueCertificate(['*.life.example.com'], alone),
          EndpointType: 'REGIONAL',
          SecurityPolicy: 'TLS_1_2',
          IpAddressType: 'dualstack',
        },
      ],
      Tags: { team: 'chat' },
    },
    gone: () => 'Invalid domain name identifier specified',
  },
];

type Output = { readonly $metadata: { readonly httpStatusCode?: number } } & Readonly<Record<string, unknown>>;

/** Sends the SDK's command of that name. What has no scope is the account's own, of the one that has nothing else. */
function sendNamed(command: string, scope: object | undefined, input: object): Promise<Output> {
  const Command = (v2 as unknown as Record<string, new (input: object) => object>)[`${command}Command`]!;
  const client = (scope ? clients : alone).gateway as unknown as { send(command: object): Promise<Output> };
  return client.send(new Command({ ...scope, ...input }));
}

for (const { kind, scope, idMember = `${kind}Id`, input, gone } of RESOURCES) {
  void test(`${kind}: created, read, listed and deleted; then it is not found`, async () => {
    const created = await sendNamed(`Create${kind}`, scope, input);
    assert.equal(created.$metadata.httpStatusCode, 201);
    const output = withoutMetadata(created);
    // What was given is there, with the defaults of what was not.
    assert.partialDeepStrictEqual(output, input);
    const id = { [idMember]: (output as Record<string, unknown>)[idMember] };
    const list = async () => (await sendNamed(`Get${kind}s`, scope, {}))['Items'];
    assert.deepEqual(withoutMetadata(await sendNamed(`Get${kind}`, scope, id)), output);
    assert.deepEqual(await list(), [output]);
    assert.equal((await sendNamed(`Delete${kind}`, scope, id)).$metadata.httpStatusCode, 204);
    const own = String(id[idMember]);
    const message = gone?.(own) ?? `Invalid ${kind} identifier specified ${own}`;
    const refusal = { name: 'NotFoundException', status: 404, message };
    assert.deepEqual(await refusalOf(sendNamed(`Get${kind}`, scope, id)), refusal);
    assert.deepEqual(await refusalOf(sendNamed(`Delete${kind}`, scope, id)), refusal);
    assert.deepEqual(await list(), []);
  });
}

void test('DeleteApi takes everything in it along', async () => {
  const doomed = await makeApi();
  const integration = await makeIntegration(doomed);
  const route = await makeRoute(doomed, '$default', `integrations/${integration}`);
  await api.send(new v2.CreateStageCommand({ ApiId: doomed, StageName: 'test' }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId: doomed, StageName: 'test' }));
  await api.send(new v2.DeleteApiCommand({ ApiId: doomed }));
  const message = `Invalid API identifier specified ${ACCOUNT}:${doomed}`;
  for (const call of [
    api.send(new v2.GetApiCommand({ ApiId: doomed })),
    api.send(new v2.GetRouteCommand({ ApiId: doomed, RouteId: route })),
    api.send(new v2.GetStageCommand({ ApiId: doomed, StageName: 'test' })),
  ]) {
    assert.deepEqual(await refusalOf(call), { name: 'NotFoundException', status: 404, message });
  }
});

void test('of many that create the same thing at once, one has it and the others meet a conflict', async () => {
  const contested = await makeApi();
  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => makeRoute(contested, 'contested')));
  const winners = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  const losers = settled.filter((one) => one.status === 'rejected').map((one) => (one.reason as Error).name);
  assert.deepEqual([winners.length, [...new Set(losers)]], [1, ['ConflictException']]);
  const { Items } = await api.send(new v2.GetRoutesCommand({ ApiId: contested }));
  assert.deepEqual(
    Items!.map((route) => route.RouteId),
    winners,
  );
});

// ---- PATCH ----

void test('UpdateApi leaves alone what it does not name, and cannot change the protocol', async () => {
  const id = await makeApi();
  const before = withoutMetadata(await api.send(new v2.GetApiCommand({ ApiId: id })));
  assert.deepEqual(withoutMetadata(await api.send(new v2.UpdateApiCommand({ ApiId: id }))), before);
  const changes = { Name: 'renamed', Description: 'new', RouteSelectionExpression: '$request.body.kind' };
  const update = new v2.UpdateApiCommand({ ApiId: id, ...changes, ProtocolType: 'HTTP' } as never);
  const after = withoutMetadata(await api.send(update));
  assert.deepEqual(after, { ...before, ...changes });
  assert.deepEqual(withoutMetadata(await api.send(new v2.GetApiCommand({ ApiId: id }))), after);
});

void test('UpdateStage merges variables and settings by key, and an empty text removes a variable', async () => {
  const id = await makeApi();
  for (const key of ['a', 'b']) await makeRoute(id, key);
  const stage = { ApiId: id, StageName: 'test' };
  const { DeploymentId: deployment } = await api.send(new v2.CreateDeploymentCommand({ ApiId: id }));
  await api.send(
    new v2.CreateStageCommand({
      ...stage,
      StageVariables: { kept: '1', changed: '2', removed: '3' },
      RouteSettings: { a: { DetailedMetricsEnabled: true } },
    }),
  );
  const before = withoutMetadata(await api.send(new v2.GetStageCommand(stage)));
  const after = await api.send(
    new v2.UpdateStageCommand({
      ...stage,
      DeploymentId: deployment,
      StageVariables: { changed: 'two', removed: '', added: '4' },
      RouteSettings: { b: { DetailedMetricsEnabled: true } },
    }),
  );
  const { LastUpdatedDate: updated, ...rest } = withoutMetadata(after);
  const { LastUpdatedDate: created, ...original } = before;
  assert.deepEqual(rest, {
    ...original,
    DeploymentId: deployment,
    StageVariables: { kept: '1', changed: 'two', added: '4' },
    RouteSettings: { a: { DetailedMetricsEnabled: true }, b: { DetailedMetricsEnabled: true } },
  });
  assert.ok(updated! >= created!, 'the date of the last update does not go back');
});

void test('UpdateDomainName leaves alone what it does not name; the Regional name outlives the certificate', async () => {
  const name = 'updated.example.com';
  const before = withoutMetadata(await makeDomainName(name));
  assert.deepEqual(withoutMetadata(await api.send(new v2.UpdateDomainNameCommand({ DomainName: name }))), before);
  const DomainNameConfigurations = [{ CertificateArn: secondCertificate, IpAddressType: 'dualstack' as const }];
  await api.send(new v2.UpdateDomainNameCommand({ DomainName: name, DomainNameConfigurations }));
  const after = withoutMetadata(await api.send(new v2.GetDomainNameCommand({ DomainName: name })));
  const [configuration] = before.DomainNameConfigurations!;
  const changed = { CertificateArn: secondCertificate, IpAddressType: 'dualstack' };
  assert.deepEqual(after, { ...before, DomainNameConfigurations: [{ ...configuration, ...changed }] });
});

void test('UpdateApiMapping keeps stage and key when they are left out, and the empty key is the root', async () => {
  const name = 'remapped.example.com';
  await makeDomainName(name);
  const { ApiMappingId: id } = await map(name, ApiId, 'prod', 'v1');
  const update = async (changes: object) => {
    const request = { DomainName: name, ApiMappingId: id, ApiId, ...changes };
    return withoutMetadata(await api.send(new v2.UpdateApiMappingCommand(request)));
  };
  const mapping = { ApiId, ApiMappingId: id, Stage: 'prod' };
  assert.deepEqual(await update({}), { ...mapping, ApiMappingKey: 'v1' });
  assert.deepEqual(await update({ ApiMappingKey: '' }), { ...mapping, ApiMappingKey: '' });
  assert.deepEqual(await update({ ApiMappingKey: 'V1' }), { ...mapping, ApiMappingKey: 'V1' });
  await map(name, ApiId, 'prod', 'v1');
  const taken = await refusalOf(update({ ApiMappingKey: 'v1' }));
  assert.equal(taken.message, 'ApiMapping key already exists for this domain name');
});

void test('(none) and no key at all are both the root', async () => {
  await makeDomainName('root.example.com');
  assert.equal((await map('root.example.com', ApiId, 'prod', '(none)')).ApiMappingKey, '');
  const refusal = await refusalOf(map('root.example.com', ApiId, 'prod'));
  assert.deepEqual([refusal.name, refusal.status], ['ConflictException', 409]);
});

// ---- what is mapped or used stays ----

void test('what a domain name maps to cannot be deleted before the mapping', async () => {
  const id = await makeApi();
  await api.send(new v2.CreateStageCommand({ ApiId: id, StageName: 'live' }));
  await makeDomainName('held.example.com');
  const { ApiMappingId: mapping } = await map('held.example.com', id, 'live');
  const deleteApi = () => api.send(new v2.DeleteApiCommand({ ApiId: id }));
  const deleteStage = () => api.send(new v2.DeleteStageCommand({ ApiId: id, StageName: 'live' }));
  assert.deepEqual(await refusalOf(deleteApi()), {
    name: 'BadRequestException',
    status: 400,
    message: `Deleting API ${id} failed. Please remove all API mappings for the API from your custom domain names.`,
  });
  const { message, ...refusal } = await refusalOf(deleteStage());
  assert.deepEqual(refusal, { name: 'BadRequestException', status: 400 });
  assert.match(message, /^Deleting stage live failed\. Please remove all .* mappings .*: held\.example\.com$/);
  const request = { DomainName: 'held.example.com', ApiMappingId: mapping };
  await api.send(new v2.DeleteApiMappingCommand(request));
  await deleteStage();
  await deleteApi();
});

void test('DeleteDomainName takes its mappings along and frees the name', async () => {
  const first = await makeDomainName('freed.example.com');
  const { ApiMappingId: mapping } = await map('freed.example.com', ApiId, 'prod', 'v1');
  await api.send(new v2.DeleteDomainNameCommand({ DomainName: 'freed.example.com' }));
  const getMapping = new v2.GetApiMappingCommand({ DomainName: 'freed.example.com', ApiMappingId: mapping });
  assert.equal((await refusalOf(api.send(getMapping))).message, 'Invalid domain name identifier specified');
  const second = await makeDomainName('freed.example.com');
  const regionalName = (domain: typeof first) => domain.DomainNameConfigurations![0]!.ApiGatewayDomainName;
  assert.notEqual(regionalName(second), regionalName(first));
  assert.deepEqual((await api.send(new v2.GetApiMappingsCommand({ DomainName: 'freed.example.com' }))).Items, []);
});

void test('an integration and a deployment can be deleted once nothing uses them', async () => {
  const id = await makeApi();
  const integration = await makeIntegration(id);
  const target = `integrations/${integration}`;
  const routes = [await makeRoute(id, 'a', target), await makeRoute(id, 'b', target)];
  const deleteIntegration = () => api.send(new v2.DeleteIntegrationCommand({ ApiId: id, IntegrationId: integration }));
  const { message, ...refusal } = await refusalOf(deleteIntegration());
  assert.deepEqual(refusal, { name: 'ConflictException', status: 409 });
  const listed = /^Cannot delete Integration because it is referenced by the following Routes with Ids: \[(.*)\]$/.exec(
    message,
  );
  assert.deepEqual(listed?.[1]?.split(', ').sort(), routes.sort(), message);
  for (const route of routes) await api.send(new v2.DeleteRouteCommand({ ApiId: id, RouteId: route }));
  await deleteIntegration();

  await makeRoute(id, '$default');
  await api.send(new v2.CreateStageCommand({ ApiId: id, StageName: 'test' }));
  const { DeploymentId: first } = await api.send(new v2.CreateDeploymentCommand({ ApiId: id, StageName: 'test' }));
  await api.send(new v2.CreateDeploymentCommand({ ApiId: id, StageName: 'test' }));
  await api.send(new v2.DeleteDeploymentCommand({ ApiId: id, DeploymentId: first }));
});

void test('a deployment for a stage that does not exist makes nothing', async () => {
  const id = await makeApi();
  await makeRoute(id, '$default');
  const refusal = await refusalOf(api.send(new v2.CreateDeploymentCommand({ ApiId: id, StageName: 'nowhere' })));
  assert.deepEqual(refusal, { name: 'NotFoundException', status: 404, message: 'Invalid stage identifier specified' });
  assert.deepEqual((await api.send(new v2.GetDeploymentsCommand({ ApiId: id }))).Items, []);
});

// ---- refusals in their exact words ----

type Row = readonly [name: string, call: () => Promise<unknown>, error: string, message: string | RegExp];

const STATUS: Readonly<Record<string, number>> = {
  BadRequestException: 400,
  NotFoundException: 404,
  ConflictException: 409,
  NotImplemented: 501,
};
const BAD = 'BadRequestException';
const GONE = 'NotFoundException';
const TAKEN = 'ConflictException';
const NONE = 'nosuch0';
const NO_API = `Invalid API identifier specified ${ACCOUNT}:${NONE}`;
const NO_DOMAIN = 'Invalid domain name identifier specified';
const NO_STAGE = 'Invalid stage identifier specified';
const KEY_TAKEN = 'ApiMapping key already exists for this domain name';
const KEY_CHARACTERS = "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()";
const ONE_CONFIGURATION = 'Invalid input. Expected one domain name configuration';
const NOT_COVERED = 'The domain name to be created is not covered by the provided certificate.';

const createApi = (input: object) =>
  api.send(new v2.CreateApiCommand({ Name: 'n', ProtocolType: 'WEBSOCKET', ...input }));
const selecting = (input: object) => createApi({ RouteSelectionExpression: '$request.body.action', ...input });
const createRoute = (RouteKey: string, input: object = {}) =>
  api.send(new v2.CreateRouteCommand({ ApiId: emptyApiId, RouteKey, ...input }));
const createIntegration = (input: object) =>
  api.send(new v2.CreateIntegrationCommand({ ApiId: emptyApiId, IntegrationType: 'MOCK', ...input }));
const createBackend = (input: object) =>
  createIntegration({
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: 'http://127.0.0.1:9/',
    ...input,
  });
const createStage = (input: object) => api.send(new v2.CreateStageCommand({ ApiId, StageName: 'new', ...input }));
const createDomain = (DomainName: string, ...DomainNameConfigurations: object[]) =>
  api.send(new v2.CreateDomainNameCommand({ DomainName, DomainNameConfigurations }));
const certified = (DomainName: string, CertificateArn = certificate) => createDomain(DomainName, { CertificateArn });
const wrongly = (configuration: object) =>
  createDomain('wrong.example.com', { CertificateArn: certificate, ...configuration });
const updateDomain = (DomainName: string, ...DomainNameConfigurations: object[]) =>
  api.send(new v2.UpdateDomainNameCommand({ DomainName, DomainNameConfigurations }));
const updateStage = (input: object) => api.send(new v2.UpdateStageCommand({ ApiId, StageName: 'prod', ...input }));
const updateMapping = (input: object) => api.send(new v2.UpdateApiMappingCommand({ ...inKept, ...input }));
const inKept = { ApiId, RouteId, IntegrationId, DeploymentId, StageName: 'prod', DomainName: KEPT, ApiMappingId };

const EDGE =
  'Only REGIONAL domain names can be managed through the API Gateway V2 API. For EDGE domain names, please use the API ' +
  'Gateway V1 API. Also note that only REST APIs can be attached to EDGE domain names.';
const TLS_1_0 =
  'Only REGIONAL domain names with a security policy of TLS 1.2 can be managed through the API Gateway V2 API. For TLS 1.0 ' +
  'domain names, please use the API Gateway V1 API to upgrade your security policy to TLS 1.2. Currently, only REST APIs can ' +
  'be attached to a domain name with a security policy of TLS 1.0.';
const NOT_ISSUED = new RegExp(
  `^Certificate ${pendingCertificate} in account ${ACCOUNT} not yet issued \\(Service: AWSCertificateManager; Status Code: ` +
    '400; Error Code: RequestInProgressException; Request ID: [0-9a-f-]{36}; Proxy: null\\)$',
);
const NOT_OWNED = 'The certificate provided must be owned by the account creating the domain.';
const CONNECT_ONLY = 'Currently, authorization is restricted to the $connect route only';
const EXISTS = 'The domain name you provided already exists.';
const NO_ROUTE = 'Unable to find Route by key nobody within the provided RouteSettings';
const elsewhere = certificate.replace(REGION, 'us-west-2');
const unknown = certificate.replace(/.{12}$/, '000000000000');
const nobody = { RouteSettings: { nobody: { DetailedMetricsEnabled: true } } };
const one = { CertificateArn: certificate };

// -- One refusal a line: it is read as a table.
// prettier-ignore
const REFUSALS: readonly Row[] = [
  ['an Api of a protocol that does not exist', () => selecting({ ProtocolType: 'TCP' }), BAD, 'Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]'],
  ['an Api without a route selection expression', () => createApi({}), BAD, /RouteSelectionExpression is required/],
  ['an Api with an expression that means nothing', () => createApi({ RouteSelectionExpression: '$context.x' }), BAD, /'context\.x'/],
  ['an Api without a name', () => selecting({ Name: '' }), BAD, /'name'.*length greater than or equal to 1/],
  ['an Api with CORS', () => selecting({ CorsConfiguration: {} }), BAD, /^CorsConfiguration /],
  ['an Api by quick create', () => selecting({ Target: 'https://example.com/' }), BAD, /^Target /],
  ['an Api with another key selection', () => selecting({ ApiKeySelectionExpression: '$request.body.key' }), BAD, /ApiKeySelectionExpression/],
  ['an API key on a route of messages', () => createRoute('keyed', { ApiKeyRequired: true }), BAD, /^ApiKeyRequired can be set on the \$connect route only/],
  ['UpdateApi of none', () => api.send(new v2.UpdateApiCommand({ ApiId: NONE })), GONE, NO_API],
  ['DeleteApi of none', () => api.send(new v2.DeleteApiCommand({ ApiId: NONE })), GONE, NO_API],
  ['a list in an Api that does not exist', () => api.send(new v2.GetRoutesCommand({ ApiId: NONE })), GONE, NO_API],

  ['a second Route of a key', () => makeRoute(ApiId, '$default'), TAKEN, 'Route with key $default already exists for this API'],
  ['a Route of a reserved key', () => createRoute('$other'), BAD, /'\$other'/],
  ['a Route to no integration', () => createRoute('a', { Target: `integrations/${NONE}` }), BAD, new RegExp(NONE)],
  ['a Route to what is no target', () => createRoute('a', { Target: 'https://example.com/' }), BAD, /target/],
  ['authorization on another route than $connect', () => createRoute('a', { AuthorizationType: 'AWS_IAM' }), BAD, CONNECT_ONLY],
  ['an authorizer on another route than $connect', () => createRoute('a', { AuthorizationType: 'CUSTOM', AuthorizerId: 'a' }), BAD, CONNECT_ONLY],
  ['a RouteResponse of another key', () => api.send(new v2.CreateRouteResponseCommand({ ...inKept, RouteResponseKey: '200' })), BAD, /'200'/],
  ['a second RouteResponse', () => api.send(new v2.CreateRouteResponseCommand({ ...inKept, RouteResponseKey: '$default' })), TAKEN, /\$default already exists/],

  ['a proxy without a method', () => createBackend({ IntegrationMethod: undefined }), BAD, /^IntegrationMethod /],
  ['a proxy to what is no URL', () => createBackend({ IntegrationUri: 'ftp://example.com/' }), BAD, /'ftp:\/\/example\.com\/'/],
  ['a timeout below 50 ms', () => createBackend({ TimeoutInMillis: 49 }), BAD, /50 ms and 29000 ms, and is 49 ms/],
  ['a timeout above 29 s', () => createBackend({ TimeoutInMillis: 29_001 }), BAD, /50 ms and 29000 ms, and is 29001 ms/],
  ['payload format 2.0', () => createBackend({ PayloadFormatVersion: '2.0' }), BAD, /'2\.0'/],
  ['an IntegrationResponse of a broken pattern', () => api.send(new v2.CreateIntegrationResponseCommand({ ...inKept, IntegrationResponseKey: '/(/' })), BAD, /'\/\(\/'/],
  ['a second IntegrationResponse of a key', () => api.send(new v2.CreateIntegrationResponseCommand({ ...inKept, IntegrationResponseKey: '$default' })), TAKEN, /\$default already exists/],
  ['DeleteIntegration of one that a route targets', () => api.send(new v2.DeleteIntegrationCommand(inKept)), TAKEN, `Cannot delete Integration because it is referenced by the following Routes with Ids: [${RouteId}]`],

  ['a deployment without routes', () => api.send(new v2.CreateDeploymentCommand({ ApiId: emptyApiId })), BAD, 'At least one route is required before deploying the Api'],
  ['DeleteDeployment of one that a stage points to', () => api.send(new v2.DeleteDeploymentCommand(inKept)), BAD, 'Active stages pointing to this deployment must be moved or deleted'],
  ['a second Stage of a name', () => createStage({ StageName: 'prod' }), TAKEN, 'Stage already exists'],
  ['a Stage name with a blank', () => createStage({ StageName: 'a b' }), BAD, /'stageName'/],
  ['a Stage named $default', () => createStage({ StageName: '$default' }), BAD, /\$default/],
  ['a Stage of no deployment', () => createStage({ DeploymentId: NONE }), GONE, `Invalid Deployment identifier specified ${NONE}`],
  ['a Stage variable with a blank', () => createStage({ StageVariables: { a: 'b c' } }), BAD, /'a'/],
  ['a Stage variable with a bad name', () => createStage({ StageVariables: { 'a-b': 'c' } }), BAD, /'a-b'/],
  ['CreateStage with settings of no route', () => createStage(nobody), GONE, NO_ROUTE],
  ['UpdateStage with settings of no route', () => updateStage(nobody), GONE, NO_ROUTE],
  ['UpdateStage to no deployment', () => updateStage({ DeploymentId: NONE }), GONE, `Invalid Deployment identifier specified ${NONE}`],
  ['UpdateStage of none', () => updateStage({ StageName: NONE }), GONE, NO_STAGE],

  ['a DomainName without configuration', () => createDomain('wrong.example.com'), BAD, ONE_CONFIGURATION],
  ['a DomainName with two configurations', () => createDomain('wrong.example.com', one, one), BAD, ONE_CONFIGURATION],
  ['a DomainName that exists', () => certified(KEPT), BAD, EXISTS],
  ['a DomainName that exists, in capitals', () => certified(KEPT.toUpperCase()), BAD, EXISTS],
  ['a trailing dot', () => certified('wrong.example.com.'), BAD, 'Trailing period should be omitted from domain name'],
  ['a DomainName with an underscore', () => certified('wro_ng.example.com'), BAD, /'wro_ng'/],
  ['a DomainName of one label', () => certified('localhost'), BAD, /two labels/],
  ['a wildcard of a top-level domain', () => certified('*.com'), BAD, /two labels/],
  ['a wildcard that is not the whole first label', () => certified('a*.example.com'), BAD, /'a\*'/],
  ['a wildcard that is not the first label', () => certified('a.*.example.com'), BAD, /'\*'/],
  ['a DomainName that is an address', () => certified('192.0.2.1'), BAD, /IP address/],
  ['a label of 64 octets', () => certified(`${'a'.repeat(64)}.example.com`), BAD, /64 octets/],
  ['an EDGE domain name', () => wrongly({ EndpointType: 'EDGE' }), BAD, EDGE],
  ['a domain name of TLS 1.0', () => wrongly({ SecurityPolicy: 'TLS_1_0' }), BAD, TLS_1_0],
  ['a certificate of another region', () => certified('wrong.example.com', elsewhere), BAD, `Invalid certificate ARN: ${elsewhere}. Certificate must be in 'us-east-1'.`],
  ['a certificate of another account', () => certified('wrong.example.com', othersCertificate), BAD, NOT_OWNED],
  ['a certificate that does not exist', () => certified('wrong.example.com', unknown), BAD, 'The provided certificate does not exist.'],
  ['a certificate that is not issued', () => certified('pending.example.com', pendingCertificate), BAD, NOT_ISSUED],
  ['a name that the certificate does not have', () => certified('wrong.example.org'), BAD, NOT_COVERED],
  ['a name two labels below the wildcard of the certificate', () => certified('a.b.example.com'), BAD, NOT_COVERED],
  ['a wildcard without that wildcard in the certificate', () => certified('*.kept.example.com'), BAD, NOT_COVERED],
  ['the apex of a wildcard of the certificate', () => certified('deep.sub.example.com'), BAD, NOT_COVERED],
  ['GetDomainName in capitals', () => api.send(new v2.GetDomainNameCommand({ DomainName: KEPT.toUpperCase() })), GONE, NO_DOMAIN],
  ['UpdateDomainName of none', () => updateDomain(NONE, one), GONE, NO_DOMAIN],
  ['UpdateDomainName with two configurations', () => updateDomain(KEPT, one, one), BAD, ONE_CONFIGURATION],
  ['UpdateDomainName to EDGE', () => updateDomain(KEPT, { ...one, EndpointType: 'EDGE' }), BAD, EDGE],
  ['UpdateDomainName to TLS 1.0', () => updateDomain(KEPT, { ...one, SecurityPolicy: 'TLS_1_0' }), BAD, TLS_1_0],
  ['UpdateDomainName to a certificate of another account', () => updateDomain(KEPT, { CertificateArn: othersCertificate }), BAD, NOT_OWNED],
  ['UpdateDomainName to a certificate that is not issued', () => updateDomain(KEPT, { CertificateArn: pendingCertificate }), BAD, NOT_ISSUED],
  ['DeleteDomainName of none', () => api.send(new v2.DeleteDomainNameCommand({ DomainName: NONE })), GONE, NO_DOMAIN],

  ['an ApiMapping of no domain name, before all else', () => map(NONE, NONE, NONE, '/'), GONE, NO_DOMAIN],
  ['ApiMappings of no domain name', () => api.send(new v2.GetApiMappingsCommand({ DomainName: NONE })), GONE, NO_DOMAIN],
  ['an ApiMapping to no Api, before stage and key', () => map(KEPT, NONE, NONE, '/'), BAD, `Invalid API identifier specified: ${NONE}`],
  ['an ApiMapping to no Stage, before the key', () => map(KEPT, ApiId, NONE, 'v1'), BAD, NO_STAGE],
  ['an ApiMapping to the stage (none)', () => map(KEPT, ApiId, '(none)', 'v2'), BAD, NO_STAGE],
  ['an ApiMapping of a key that is taken', () => map(KEPT, ApiId, 'prod', 'v1'), TAKEN, KEY_TAKEN],
  ...['a b', 'a%20b', 'é', '/', '/a', 'a/', 'a//b', 'a?b'].map(
    (key): Row => [`the ApiMapping key '${key}'`, () => map(KEPT, ApiId, 'prod', key), BAD, KEY_CHARACTERS],
  ),
  ['an ApiMapping key of 301 characters', () => map(KEPT, ApiId, 'prod', 'a'.repeat(301)), BAD, /300/],
  ['UpdateApiMapping to no Api', () => updateMapping({ ApiId: NONE }), BAD, `Invalid API identifier specified: ${NONE}`],
  ['UpdateApiMapping to no Stage', () => updateMapping({ Stage: NONE }), BAD, NO_STAGE],
  ['UpdateApiMapping without an Api', () => updateMapping({ ApiId: undefined }), BAD, /'apiId'.*must not be null/],
  ['UpdateApiMapping of none', () => updateMapping({ ApiMappingId: NONE }), GONE, `Unable to find ApiMapping with ID ${NONE}`],
];

const NOT_YET = 'NotImplemented';
const inStage = { ApiId, StageName: 'prod' };
const mutual = { DomainNameConfigurations: [one], MutualTlsAuthentication: { TruststoreUri: 's3://a/b' } };

// -- One refusal a line: it is read as a table.
// prettier-ignore
const NOT_AVAILABLE: readonly Row[] = [
  ['quick create of an HTTP Api', () => createApi({ ProtocolType: 'HTTP', Target: 'https://example.com/' }), NOT_YET, /^Target of an Api of protocolType HTTP /],
  ['mutual TLS', () => api.send(new v2.CreateDomainNameCommand({ ...mutual, DomainName: 'wrong.example.com' })), NOT_YET, /^MutualTlsAuthentication /],
];

for (const [name, call, error, message] of [...REFUSALS, ...NOT_AVAILABLE]) {
  void test(`refuses ${name}`, async () => {
    const refusal = await refusalOf(call());
    assert.deepEqual([refusal.name, refusal.status], [error, STATUS[error]], refusal.message);
    if (typeof message === 'string') assert.equal(refusal.message, message);
    else assert.match(refusal.message, message);
  });
}

void test('a domain name takes its protocol from its first mapping, and is free again without any', async () => {
  const { ApiId: http } = await createApi({ ProtocolType: 'HTTP' });
  await api.send(new v2.CreateStageCommand({ ApiId: http, StageName: 'prod' }));
  for (const [first, second] of [
    [ApiId, http!],
    [http!, ApiId],
  ] as const) {
    const name = `${first}.example.com`;
    await makeDomainName(name);
    const { ApiMappingId: only } = await map(name, first, 'prod', 'first');
    const refusal = await refusalOf(map(name, second, 'prod', 'second'));
    assert.deepEqual([refusal.name, refusal.status], [BAD, 400]);
    assert.match(refusal.message, /WebSocket APIs can only be attached to a domain name with other WebSocket APIs\./);
    const update = { DomainName: name, ApiMappingId: only, ApiId: second };
    assert.equal((await api.send(new v2.UpdateApiMappingCommand(update))).ApiId, second, 'the only mapping may change');
    await api.send(new v2.DeleteApiMappingCommand(update));
    await map(name, first, 'prod');
  }
});

void test('an Api, a Stage and a DomainName have tags, of which each call names some', async () => {
  const id = await makeApi();
  await api.send(new v2.CreateStageCommand({ ApiId: id, StageName: 'test' }));
  await makeDomainName('*.deep.sub.example.com');
  for (const resource of [`apis/${id}`, `apis/${id}/stages/test`, 'domainnames/*.deep.sub.example.com']) {
    const ResourceArn = `arn:aws:apigateway:us-east-1::/${resource}`;
    const tags = async () => (await api.send(new v2.GetTagsCommand({ ResourceArn }))).Tags;
    assert.deepEqual(await tags(), {});
    await api.send(new v2.TagResourceCommand({ ResourceArn, Tags: { a: '1', b: '2' } }));
    await api.send(new v2.TagResourceCommand({ ResourceArn, Tags: { b: 'two', c: '3' } }));
    await api.send(new v2.UntagResourceCommand({ ResourceArn, TagKeys: ['a', 'none'] }));
    assert.deepEqual(await tags(), { b: 'two', c: '3' });
  }
});

// ---- pages ----

const paged = createClients(gateway.endpoint, REGION, '222233334444');
const pagedIds = new Set<string>();
for (let count = 0; count < 5; count += 1) pagedIds.add(await makeApi(paged, `api ${count}`));
const page = (MaxResults?: string, NextToken?: string, as = paged) =>
  as.gateway.send(new v2.GetApisCommand({ MaxResults, NextToken }));

void test('pages hold each item once, also when what ended a page is deleted meanwhile', async () => {
  const extra = await makeApi(paged, 'extra');
  const all = (await page()).Items!.map((item) => item.ApiId!);
  assert.deepEqual(new Set(all), new Set([...pagedIds, extra]));
  const seen: string[] = [];
  let token: string | undefined;
  do {
    const { Items, NextToken } = await page('2', token);
    assert.ok(Items!.length === 2 || NextToken === undefined, 'only the last page is short');
    seen.push(...Items!.map((item) => item.ApiId!));
    if (Items!.at(-1)!.ApiId === extra) await paged.gateway.send(new v2.DeleteApiCommand({ ApiId: extra }));
    token = NextToken;
  } while (token !== undefined);
  assert.deepEqual(seen, all);
});

const { NextToken: apisToken } = await page('1');
await Promise.all(['a', 'b'].map((key) => makeRoute(lifeApiId, key)));
const { NextToken: routesToken } = await api.send(new v2.GetRoutesCommand({ ApiId: lifeApiId, MaxResults: '1' }));
assert.ok(apisToken !== undefined && routesToken !== undefined, 'there is a next page of each');

const BAD_PAGES: readonly (readonly [name: string, call: () => Promise<unknown>, names: RegExp])[] = [
  ...['0', '501', '-1', '1.5', 'ten', ''].map(
    (max) => [`maxResults '${max}'`, () => page(max), /maxResults must be a number from 1 to 500/] as const,
  ),
  ['a token that is none', () => page('1', 'bm90IGEgdG9rZW4'), /token/],
  ['a token of another list', () => page('1', routesToken), /token/],
  [
    'a token of the same list of another Api',
    () => api.send(new v2.GetRoutesCommand({ ApiId, NextToken: routesToken })),
    /token/,
  ],
  ['a token of another account', () => page('1', apisToken, others), /token/],
];

for (const [name, call, names] of BAD_PAGES) {
  void test(`refuses ${name}`, async () => {
    const { message, ...refusal } = await refusalOf(call());
    assert.deepEqual(refusal, { name: BAD, status: 400 }, message);
    assert.match(message, names);
  });
}

// ---- accounts and regions ----

const NOT_THERE: readonly (readonly [name: string, call: () => Promise<unknown>, message: string])[] = [
  ['an Api', () => others.gateway.send(new v2.GetApiCommand({ ApiId })), `${OTHER_ACCOUNT}:${ApiId}`],
  ['a Route', () => others.gateway.send(new v2.GetRouteCommand({ ApiId, RouteId })), `${OTHER_ACCOUNT}:${ApiId}`],
  ['a Stage', () => others.gateway.send(new v2.DeleteStageCommand(inStage)), `${OTHER_ACCOUNT}:${ApiId}`],
  ['a DomainName', () => others.gateway.send(new v2.GetDomainNameCommand({ DomainName: KEPT })), NO_DOMAIN],
  ['an ApiMapping', () => others.gateway.send(new v2.DeleteApiMappingCommand(inKept)), NO_DOMAIN],
  [
    'an Api of another region',
    () => elsewhereClients.gateway.send(new v2.GetApiCommand({ ApiId })),
    `${ACCOUNT}:${ApiId}`,
  ],
];
const elsewhereClients = createClients(gateway.endpoint, 'eu-west-1');

for (const [name, call, message] of NOT_THERE) {
  void test(`${name} is not found by who does not own it`, async () => {
    const refusal = await refusalOf(call());
    assert.deepEqual([refusal.name, refusal.status], [GONE, 404]);
    assert.ok(refusal.message.endsWith(message), refusal.message);
  });
}

void test('lists show what the account has in the region', async () => {
  assert.deepEqual((await others.gateway.send(new v2.GetApisCommand({}))).Items, []);
  assert.deepEqual((await elsewhereClients.gateway.send(new v2.GetApisCommand({}))).Items, []);
});

void test('another account’s Api cannot be mapped', async () => {
  await makeDomainName('mine.two.example.com', others);
  const request = { DomainName: 'mine.two.example.com', ApiId, Stage: 'prod' };
  const refusal = await refusalOf(others.gateway.send(new v2.CreateApiMappingCommand(request)));
  assert.deepEqual(refusal, { name: BAD, status: 400, message: `Invalid API identifier specified: ${ApiId}` });
});

const conflict = async (name: string, as: Clients) => {
  const refusal = await refusalOf(makeDomainName(name, as));
  assert.deepEqual([refusal.name, refusal.status], [BAD, 400]);
  assert.ok(refusal.message.includes(name) && !refusal.message.includes(ACCOUNT), refusal.message);
};

void test('a wildcard and a name below it live together in one account, and conflict between two, both ways', async () => {
  await makeDomainName('*.one.example.com');
  await makeDomainName('a.one.example.com');
  await conflict('b.one.example.com', others);
  await makeDomainName('one.example.com', others);
  await makeDomainName('b.two.example.com', others);
  await conflict('*.two.example.com', clients);
  await makeDomainName('two.example.com');
  assert.equal((await refusalOf(makeDomainName('a.one.example.com', others))).message, EXISTS);
  await api.send(new v2.DeleteDomainNameCommand({ DomainName: '*.one.example.com' }));
  await makeDomainName('b.one.example.com', others);
});
