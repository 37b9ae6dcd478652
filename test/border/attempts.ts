// What an account tries with the ids of another's objects: for each operation of the table the inputs that would succeed if they were its own.
// An operation that is not here fails the tests: nobody adds one and forgets the border.

import { functionArn, invocationsOf } from '../harness/lambda-server.ts';
import type { Ids } from './account-objects.ts';

/** What else an input needs. */
export interface Means {
  /** What the caller has of its own. */
  readonly own: Ids;
  readonly account: string;
  /** A certificate with its key, for the name that is imported under `importedArn`. */
  readonly leaf: { readonly certificatePem: string; readonly keyPem: string; readonly chainPem: string };
}

type Input = (theirs: Ids, means: Means) => object;

export interface Attempt {
  /** `refused`: each input names an object that the caller does not have. `own`: none is named, the caller sees and makes its own. */
  readonly expects: 'refused' | 'own';
  readonly inputs: readonly Input[];
}

const refused = (...inputs: Input[]): Attempt => ({ expects: 'refused', inputs });
const own = (...inputs: Input[]): Attempt => ({ expects: 'own', inputs });

/** Something of an API: asked for in their API, and in the caller's own. */
const ofApi = (part: Input, more: object = {}): Attempt =>
  refused(
    (theirs, means) => ({ ApiId: theirs.apiId, ...part(theirs, means), ...more }),
    (theirs, means) => ({ ApiId: means.own.apiId, ...part(theirs, means), ...more }),
  );
/** Something that only their API can be asked for. */
const inApi = (part: Input | object = {}): Attempt =>
  refused((theirs, means) => ({ ApiId: theirs.apiId, ...(typeof part === 'function' ? part(theirs, means) : part) }));

const authorizer: Input = ({ authorizerId: AuthorizerId }) => ({ AuthorizerId });
const deployment: Input = ({ deploymentId: DeploymentId }) => ({ DeploymentId });
const integration: Input = ({ integrationId: IntegrationId }) => ({ IntegrationId });
const integrationResponse: Input = ({ integrationId: IntegrationId, integrationResponseId }) => ({
  IntegrationId,
  IntegrationResponseId: integrationResponseId,
});
const model: Input = ({ modelId: ModelId }) => ({ ModelId });
const route: Input = ({ routeId: RouteId }) => ({ RouteId });
const routeResponse: Input = ({ routeId: RouteId, routeResponseId: RouteResponseId }) => ({ RouteId, RouteResponseId });
const stage: Input = ({ stageName: StageName }) => ({ StageName });
const link: Input = ({ vpcLinkId: VpcLinkId }) => ({ VpcLinkId });
const domain: Input = ({ domainName: DomainName }) => ({ DomainName });
const mapping: Input = ({ domainName: DomainName, apiMappingId: ApiMappingId }) => ({ DomainName, ApiMappingId });
const ownMapping: Input = (theirs, { own: mine }) => ({
  DomainName: mine.domainName,
  ApiMappingId: theirs.apiMappingId,
});
const tagged: readonly (keyof Ids)[] = ['apiArn', 'stageArn', 'domainArn', 'vpcLinkArn'];
const taggedWith = (more: Input): Attempt =>
  refused(...tagged.map((name): Input => (theirs, means) => ({ ResourceArn: theirs[name], ...more(theirs, means) })));
const description = { Description: 'seized' };
const overLink = {
  IntegrationType: 'HTTP_PROXY',
  IntegrationMethod: 'POST',
  IntegrationUri: 'http://orders.internal/',
  ConnectionType: 'VPC_LINK',
};

const APIGATEWAYV2: Readonly<Record<string, Attempt>> = {
  CreateApi: own((theirs) => ({
    Name: 'made',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
    Version: theirs.apiId,
  })),
  CreateApiMapping: refused(
    ({ domainName: DomainName }, { own: mine }) => ({
      DomainName,
      ApiId: mine.apiId,
      Stage: mine.stageName,
      ApiMappingKey: 'taken',
    }),
    (theirs, { own: mine }) => ({
      DomainName: mine.domainName,
      ApiId: theirs.apiId,
      Stage: theirs.stageName,
      ApiMappingKey: 'taken',
    }),
    (theirs, { own: mine }) => ({
      DomainName: mine.domainName,
      ApiId: mine.apiId,
      Stage: theirs.stageName,
      ApiMappingKey: 'taken',
    }),
  ),
  CreateAuthorizer: inApi((_, { account }) => ({
    AuthorizerType: 'REQUEST',
    Name: 'made',
    AuthorizerUri: invocationsOf(functionArn('made', account)),
    IdentitySource: ['route.request.header.Auth'],
  })),
  CreateDeployment: ofApi(stage),
  CreateDomainName: refused(({ certificateArn: CertificateArn }, { own: mine }) => ({
    DomainName: `taken.${mine.zoneName}`,
    DomainNameConfigurations: [{ CertificateArn }],
  })),
  CreateIntegration: refused(
    ({ apiId: ApiId }) => ({ ApiId, IntegrationType: 'MOCK' }),
    ({ vpcLinkId: ConnectionId }, { own: mine }) => ({ ApiId: mine.apiId, ...overLink, ConnectionId }),
  ),
  CreateIntegrationResponse: ofApi(integration, { IntegrationResponseKey: '/500/' }),
  CreateModel: inApi({ Name: 'Made', Schema: '{}' }),
  CreateRoute: refused(
    ({ apiId: ApiId }) => ({ ApiId, RouteKey: 'made' }),
    (theirs, { own: mine }) => ({
      ApiId: mine.apiId,
      RouteKey: 'made-2',
      Target: `integrations/${theirs.integrationId}`,
    }),
    ({ authorizerId: AuthorizerId }, { own: mine }) => ({
      ApiId: mine.apiId,
      RouteKey: '$connect',
      AuthorizationType: 'CUSTOM',
      AuthorizerId,
    }),
    ({ modelName: one }, { own: mine }) => ({
      ApiId: mine.apiId,
      RouteKey: 'made-3',
      ModelSelectionExpression: '$request.body.kind',
      RequestModels: { one },
    }),
  ),
  CreateRouteResponse: ofApi(route, { RouteResponseKey: '$default' }),
  CreateStage: refused(
    ({ apiId: ApiId }) => ({ ApiId, StageName: 'made' }),
    ({ deploymentId: DeploymentId }, { own: mine }) => ({ ApiId: mine.apiId, StageName: 'made-2', DeploymentId }),
  ),
  CreateVpcLink: own(({ vpcLinkId }) => ({ Name: vpcLinkId, SubnetIds: [] })),
  DeleteAccessLogSettings: ofApi(stage),
  DeleteApi: inApi(),
  DeleteApiMapping: refused(mapping, ownMapping),
  DeleteAuthorizer: ofApi(authorizer),
  DeleteCorsConfiguration: inApi(),
  DeleteDeployment: ofApi(deployment),
  DeleteDomainName: refused(domain),
  DeleteIntegration: ofApi(integration),
  DeleteIntegrationResponse: ofApi(integrationResponse),
  DeleteModel: ofApi(model),
  DeleteRoute: ofApi(route),
  DeleteRouteRequestParameter: ofApi(route, { RequestParameterKey: 'route.request.header.A' }),
  DeleteRouteResponse: ofApi(routeResponse),
  DeleteRouteSettings: ofApi(({ stageName: StageName, routeKey: RouteKey }) => ({ StageName, RouteKey })),
  DeleteStage: ofApi(stage),
  DeleteVpcLink: refused(link),
  ExportApi: inApi({ OutputType: 'JSON', Specification: 'OAS30' }),
  GetApi: inApi(),
  GetApiMapping: refused(mapping, ownMapping),
  GetApiMappings: refused(domain),
  GetApis: own(() => ({})),
  GetAuthorizer: ofApi(authorizer),
  GetAuthorizers: inApi(),
  GetDeployment: ofApi(deployment),
  GetDeployments: inApi(),
  GetDomainName: refused(domain),
  GetDomainNames: own(() => ({})),
  GetIntegration: ofApi(integration),
  GetIntegrationResponse: ofApi(integrationResponse),
  GetIntegrationResponses: ofApi(integration),
  GetIntegrations: inApi(),
  GetModel: ofApi(model),
  GetModelTemplate: ofApi(model),
  GetModels: inApi(),
  GetRoute: ofApi(route),
  GetRouteResponse: ofApi(routeResponse),
  GetRouteResponses: ofApi(route),
  GetRoutes: inApi(),
  GetStage: ofApi(stage),
  GetStages: inApi(),
  GetTags: taggedWith(() => ({})),
  GetVpcLink: refused(link),
  GetVpcLinks: own(() => ({})),
  ReimportApi: inApi({ Body: '{"openapi":"3.0.1","info":{"title":"a","version":"1"},"paths":{}}' }),
  ResetAuthorizersCache: ofApi(stage),
  TagResource: taggedWith(() => ({ Tags: { seized: 'yes' } })),
  UntagResource: taggedWith(({ tagKey }) => ({ TagKeys: [tagKey] })),
  UpdateApi: inApi(description),
  UpdateApiMapping: refused(
    (theirs, { own: mine }) => ({
      DomainName: theirs.domainName,
      ApiMappingId: theirs.apiMappingId,
      ApiId: mine.apiId,
      Stage: mine.stageName,
    }),
    (theirs, { own: mine }) => ({
      DomainName: mine.domainName,
      ApiMappingId: theirs.apiMappingId,
      ApiId: mine.apiId,
      Stage: mine.stageName,
    }),
    (theirs, { own: mine }) => ({
      DomainName: mine.domainName,
      ApiMappingId: mine.apiMappingId,
      ApiId: theirs.apiId,
      Stage: theirs.stageName,
    }),
    (theirs, { own: mine }) => ({
      DomainName: mine.domainName,
      ApiMappingId: mine.apiMappingId,
      ApiId: mine.apiId,
      Stage: theirs.stageName,
    }),
  ),
  UpdateAuthorizer: ofApi(authorizer, { Name: 'seized' }),
  UpdateDeployment: ofApi(deployment, description),
  UpdateDomainName: refused(
    ({ domainName: DomainName }, { own: mine }) => ({
      DomainName,
      DomainNameConfigurations: [{ CertificateArn: mine.certificateArn }],
    }),
    ({ certificateArn: CertificateArn }, { own: mine }) => ({
      DomainName: mine.domainName,
      DomainNameConfigurations: [{ CertificateArn }],
    }),
  ),
  UpdateIntegration: refused(
    ({ apiId: ApiId, integrationId: IntegrationId }) => ({ ApiId, IntegrationId, ...description }),
    ({ integrationId: IntegrationId }, { own: mine }) => ({ ApiId: mine.apiId, IntegrationId, ...description }),
    ({ vpcLinkId: ConnectionId }, { own: mine }) => ({
      ApiId: mine.apiId,
      IntegrationId: mine.integrationId,
      ...overLink,
      ConnectionId,
    }),
  ),
  UpdateIntegrationResponse: ofApi(integrationResponse, { IntegrationResponseKey: '/500/' }),
  UpdateModel: ofApi(model, description),
  UpdateRoute: refused(
    ({ apiId: ApiId, routeId: RouteId }) => ({ ApiId, RouteId, OperationName: 'seized' }),
    ({ routeId: RouteId }, { own: mine }) => ({ ApiId: mine.apiId, RouteId, OperationName: 'seized' }),
    (theirs, { own: mine }) => ({
      ApiId: mine.apiId,
      RouteId: mine.routeId,
      Target: `integrations/${theirs.integrationId}`,
    }),
    ({ modelName: one }, { own: mine }) => ({ ApiId: mine.apiId, RouteId: mine.routeId, RequestModels: { one } }),
  ),
  UpdateRouteResponse: ofApi(routeResponse, { ModelSelectionExpression: '$request.body.seized' }),
  UpdateStage: refused(
    ({ apiId: ApiId, stageName: StageName }) => ({ ApiId, StageName, ...description }),
    ({ stageName: StageName }, { own: mine }) => ({ ApiId: mine.apiId, StageName, ...description }),
    ({ deploymentId: DeploymentId }, { own: mine }) => ({ ApiId: mine.apiId, StageName: mine.stageName, DeploymentId }),
  ),
  UpdateVpcLink: refused((theirs, means) => ({ ...link(theirs, means), Name: 'seized' })),
};

const certificates: readonly (keyof Ids)[] = ['certificateArn', 'pendingArn', 'mailArn', 'importedArn'];
const ofCertificate = (more: Input | object = {}): Attempt =>
  refused(
    ...certificates.map((name): Input => (theirs, means) => ({
      CertificateArn: theirs[name],
      ...(typeof more === 'function' ? more(theirs, means) : more),
    })),
  );

const ACM: Readonly<Record<string, Attempt>> = {
  AddTagsToCertificate: ofCertificate({ Tags: [{ Key: 'seized', Value: 'yes' }] }),
  DeleteCertificate: ofCertificate(),
  DescribeCertificate: ofCertificate(),
  ExportCertificate: ofCertificate({ Passphrase: Buffer.from('passphrase') }),
  GetAccountConfiguration: own(() => ({})),
  GetCertificate: ofCertificate(),
  ImportCertificate: refused(({ importedArn: CertificateArn }, { leaf }) => ({
    CertificateArn,
    Certificate: Buffer.from(leaf.certificatePem),
    PrivateKey: Buffer.from(leaf.keyPem),
    CertificateChain: Buffer.from(leaf.chainPem),
  })),
  ListCertificateDomainValidations: ofCertificate(),
  ListCertificates: own(() => ({ Includes: { keyTypes: ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'] } })),
  ListTagsForCertificate: ofCertificate(),
  PutAccountConfiguration: own(({ idempotencyToken: IdempotencyToken }) => ({
    IdempotencyToken,
    ExpiryEvents: { DaysBeforeExpiry: 17 },
  })),
  RemoveTagsFromCertificate: ofCertificate(({ tagKey: Key }) => ({ Tags: [{ Key }] })),
  RenewCertificate: ofCertificate(),
  RequestCertificate: own(({ idempotencyToken: IdempotencyToken, tagKey, tagValue, zoneName }) => ({
    DomainName: `ws.${zoneName}`,
    ValidationMethod: 'DNS',
    KeyAlgorithm: 'EC_prime256v1',
    IdempotencyToken,
    Tags: [{ Key: tagKey, Value: tagValue }],
    Options: { Export: 'ENABLED' },
  })),
  ResendValidationEmail: refused(({ mailArn: CertificateArn, mailName: Domain }) => ({
    CertificateArn,
    Domain,
    ValidationDomain: Domain,
  })),
  UpdateCertificateOptions: ofCertificate({ Options: { CertificateTransparencyLoggingPreference: 'DISABLED' } }),
};

const zone: Input = ({ zoneId: Id }) => ({ Id });
const inZone: Input = ({ zoneId: HostedZoneId }) => ({ HostedZoneId });
const zoneTags: Input = ({ zoneId: ResourceId }) => ({ ResourceType: 'hostedzone', ResourceId });

const ROUTE53: Readonly<Record<string, Attempt>> = {
  ChangeResourceRecordSets: refused(
    (theirs) => ({ HostedZoneId: theirs.zoneId, ChangeBatch: batch('UPSERT', `seized.${theirs.zoneName}`) }),
    ({ zoneId, regionalName }, { own: mine }) => ({
      HostedZoneId: mine.zoneId,
      ChangeBatch: aliasBatch(`stolen.${mine.zoneName}`, zoneId, regionalName),
    }),
  ),
  ChangeTagsForResource: refused((theirs, means) => ({
    ...zoneTags(theirs, means),
    AddTags: [{ Key: 'seized', Value: 'yes' }],
    RemoveTagKeys: [theirs.tagKey],
  })),
  CreateHostedZone: own(({ callerReference: CallerReference, zoneName: Name }) => ({ Name, CallerReference })),
  DeleteHostedZone: refused(zone),
  GetChange: refused(({ changeId: Id }) => ({ Id })),
  GetDNSSEC: refused(inZone),
  GetHostedZone: refused(zone),
  GetHostedZoneCount: own(() => ({})),
  ListHostedZones: own(
    () => ({}),
    ({ zoneId: Marker }) => ({ Marker }),
  ),
  ListHostedZonesByName: own(
    () => ({}),
    ({ zoneName: DNSName }) => ({ DNSName }),
    ({ zoneName: DNSName, zoneId: HostedZoneId }) => ({ DNSName, HostedZoneId }),
  ),
  ListResourceRecordSets: refused(inZone),
  ListTagsForResource: refused(zoneTags),
  ListTagsForResources: refused(
    ({ zoneId }) => ({ ResourceType: 'hostedzone', ResourceIds: [zoneId] }),
    ({ zoneId }, { own: mine }) => ({ ResourceType: 'hostedzone', ResourceIds: [mine.zoneId, zoneId] }),
  ),
  TestDNSAnswer: refused(({ zoneId: HostedZoneId, domainName: RecordName }) => ({
    HostedZoneId,
    RecordName,
    RecordType: 'A',
  })),
  UpdateHostedZoneComment: refused(({ zoneId: Id }) => ({ Id, Comment: 'seized' })),
};

function batch(Action: string, Name: string) {
  const ResourceRecordSet = { Name, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] };
  return { Changes: [{ Action, ResourceRecordSet }] };
}

function aliasBatch(Name: string, HostedZoneId: string, DNSName: string) {
  const AliasTarget = { HostedZoneId, DNSName, EvaluateTargetHealth: false };
  return { Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name, Type: 'A', AliasTarget } }] };
}

/** Pages under `/_sallyport`: what follows the path, and the body. `refused` only where the page names one object. */
export interface PageAttempt {
  readonly expects: 'refused' | 'answered' | 'operator';
  readonly asks: readonly ((theirs: Ids) => readonly [query: string, body?: object])[];
}

const page = (expects: PageAttempt['expects'], ...asks: PageAttempt['asks']): PageAttempt => ({ expects, asks });
const plain = (): readonly [string] => [''];
/** What explain says of a name is what the world sees of it; so it is answered whether or not it is one's own. */
const EXPLAINED: readonly ((theirs: Ids) => string)[] = [
  ({ domainName, mappingKey }) => `wss://${domainName}/${mappingKey}`,
  ({ domainName }) => `wss://${domainName}/`,
  ({ regionalName, mappingKey }) => `wss://${regionalName}/${mappingKey}`,
  ({ apiId, stageName }) => `wss://${apiId}.execute-api.us-east-1.localhost/${stageName}`,
  ({ apiId, stageName }) => `wss://localhost/_aws/execute-api/${apiId}/${stageName}`,
  ({ importedName }) => `wss://${importedName}/`,
  ({ mailName }) => `wss://${mailName}/`,
];

export const PAGES: Readonly<Record<string, PageAttempt>> = {
  'GET /_sallyport/health': page('answered', plain),
  'GET /_localstack/health': page('answered', plain),
  'GET /_sallyport/ready': page('answered', plain),
  'GET /_sallyport/ca.pem': page('answered', plain),
  'GET /_sallyport/explain': page(
    'answered',
    ...EXPLAINED.map((url) => (theirs: Ids) => [`?url=${encodeURIComponent(url(theirs))}`] as const),
  ),
  'GET /_sallyport/domains': page('answered', plain, () => ['?after=a']),
  'GET /_sallyport/domains?name': page('refused', ({ domainName }) => [`?name=${domainName}`]),
  'GET /_sallyport/domains/impact': page('refused', ({ domainName }) => [`?name=${domainName}`]),
  'GET /_sallyport/zones': page('answered', plain, ({ zoneId }) => [`?after=${zoneId}`]),
  'GET /_sallyport/zones?zone': page(
    'refused',
    ({ zoneId }) => [`?zone=${zoneId}`],
    ({ zoneName }) => [`?zone=${zoneName}`],
  ),
  'POST /_sallyport/zones/serve': page('operator', ({ zoneId: id }) => ['', { id }]),
  'POST /_sallyport/zones/serve/undo': page('operator', ({ zoneId: id }) => ['', { id }]),
  'GET /_sallyport/status': page('operator', plain),
  'GET /_sallyport/keys': page('operator', plain),
  'POST /_sallyport/keys/rotate': page('operator', () => ['', {}]),
  'POST /_sallyport/accounts/reload': page('operator', () => ['', {}]),
  'POST /_sallyport/accounts/seal': page('operator', () => [
    '',
    { accessKeyId: 'AKIATAKEN', secret: 'a secret of theirs' },
  ]),
  'GET /_sallyport/trust': page('answered', plain),
  'GET /_sallyport/certificates': page('answered', plain, ({ certificateArn }) => [`?after=${certificateArn}`]),
  'GET /_sallyport/certificates?arn': page(
    'refused',
    ({ certificateArn }) => [`?arn=${certificateArn}`],
    ({ importedArn }) => [`?arn=${importedArn}`],
    ({ mailArn }) => [`?arn=${mailArn}`],
    ({ domainName }) => [`?name=${domainName}`],
  ),
  'GET /_sallyport/certificates/budget': page('answered', plain),
  'POST /_sallyport/certificates/renew': page('refused', ({ certificateArn: arn }) => ['', { arn }]),
  'GET /_sallyport/clock': page('answered', plain),
  'GET /_sallyport/mail': page('answered', plain),
  'GET /_sallyport/metrics': page('answered', plain),
  'GET /_sallyport/tenants': page('answered', plain),
  'GET /_sallyport/tenants?domain': page('refused', ({ domainName }) => [`?domain=${domainName}`]),
  'POST /_sallyport/clock': page('operator', () => ['', { advance: '1m' }]),
  'GET /_sallyport/stacks': page('answered', plain),
  'GET /_sallyport/stack': page('answered', ({ stackName }) => [`?name=${stackName}`]),
  'PUT /_sallyport/stack': page('refused', ({ stackName }) => [
    `?name=${stackName}`,
    { revision: 1, template: 'template.yaml', resources: [], outgoing: [], functions: [{ name: 'Chat' }] },
  ]),
  'DELETE /_sallyport/stack': page('refused', ({ stackName }) => [`?name=${stackName}&revision=1`]),
  'GET /_sallyport/events': page(
    'answered',
    () => ['?for=1ms'],
    ({ apiId, stageName }) => [`?for=1ms&api=${apiId}&stage=${stageName}`],
    ({ domainName }) => [`?for=1ms&domain=${encodeURIComponent(domainName)}&bodies=true`],
  ),
  'GET /_sallyport/connections': page(
    'answered',
    plain,
    ({ apiId, stageName }) => [`?api=${apiId}&stage=${stageName}`],
    ({ domainName }) => [`?domain=${encodeURIComponent(domainName)}`],
    ({ apiId }) => [`?api=${apiId}&count=true`],
  ),
  'POST /_sallyport/connections/close': page(
    'answered',
    ({ apiId: api }) => ['', { api }],
    ({ domainName: domain }) => ['', { domain }],
  ),
};

const replaced = (path: string, value: string) => ({ patchOperations: [{ op: 'replace', path, value }] });
const ofKey = (more: object = {}) => refused(({ apiKeyId: apiKey }) => ({ apiKey, ...more }));
const ofPlan = (more: object = {}) => refused(({ usagePlanId }) => ({ usagePlanId, ...more }));
/** A key of theirs in a plan of one's own, and the other way round. */
const ofPlanKey = (more: object = {}) =>
  refused(
    ({ usagePlanId, apiKeyId: keyId }) => ({ usagePlanId, keyId, ...more }),
    ({ apiKeyId: keyId }, { own: mine }) => ({ usagePlanId: mine.usagePlanId, keyId, ...more }),
    ({ usagePlanId }, { own: mine }) => ({ usagePlanId, keyId: mine.apiKeyId, ...more }),
  );
const restTagged = (more: object = {}) =>
  refused(
    ({ apiKeyArn: resourceArn }) => ({ resourceArn, ...more }),
    ({ usagePlanArn: resourceArn }) => ({ resourceArn, ...more }),
  );
const days = { startDate: '2026-01-01', endDate: '2026-01-02' };

const APIGATEWAY: Readonly<Record<string, Attempt>> = {
  // A value that a stranger has is one's own here: nobody learns that there is one.
  CreateApiKey: own(() => ({ name: 'made' })),
  CreateUsagePlan: refused(({ apiId, stageName: stage }) => ({ name: 'made', apiStages: [{ apiId, stage }] })),
  CreateUsagePlanKey: ofPlanKey({ keyType: 'API_KEY' }),
  DeleteApiKey: ofKey(),
  DeleteUsagePlan: ofPlan(),
  DeleteUsagePlanKey: ofPlanKey(),
  GetApiKey: ofKey({ includeValue: true }),
  GetApiKeys: own(() => ({ includeValues: true })),
  GetTags: restTagged(),
  GetUsage: refused(
    ({ usagePlanId }) => ({ usagePlanId, ...days }),
    ({ apiKeyId: keyId }, { own: mine }) => ({ usagePlanId: mine.usagePlanId, keyId, ...days }),
  ),
  GetUsagePlan: ofPlan(),
  GetUsagePlanKey: ofPlanKey(),
  GetUsagePlanKeys: ofPlan(),
  GetUsagePlans: refused(({ apiKeyId: keyId }) => ({ keyId })),
  ImportApiKeys: refused(({ usagePlanId }) => ({
    body: Buffer.from(`name,key,usageplanids\nmade,a-value-of-enough-characters,${usagePlanId}`),
    format: 'csv',
    failOnWarnings: true,
  })),
  TagResource: restTagged({ tags: { seized: 'yes' } }),
  UntagResource: refused(
    ({ apiKeyArn: resourceArn, tagKey }) => ({ resourceArn, tagKeys: [tagKey] }),
    ({ usagePlanArn: resourceArn, tagKey }) => ({ resourceArn, tagKeys: [tagKey] }),
  ),
  UpdateApiKey: ofKey(replaced('/name', 'seized')),
  UpdateUsage: ofPlanKey(replaced('/remaining', '4')),
  UpdateUsagePlan: refused(
    ({ usagePlanId }) => ({ usagePlanId, ...replaced('/name', 'seized') }),
    ({ apiId, stageName }, { own: mine }) => ({
      usagePlanId: mine.usagePlanId,
      patchOperations: [{ op: 'add', path: '/apiStages', value: `${apiId}:${stageName}` }],
    }),
  ),
};

/** Nothing of anybody can be named. */
const STS: Readonly<Record<string, Attempt>> = {
  GetCallerIdentity: own(() => ({})),
  GetSessionToken: own(() => ({})),
};

const ofFunction = refused(({ functionName: FunctionName }) => ({ FunctionName }));
const LAMBDA: Readonly<Record<string, Attempt>> = {
  GetFunction: ofFunction,
  GetFunctionConfiguration: ofFunction,
  Invoke: ofFunction,
  ListFunctions: own(() => ({})),
};

export const ATTEMPTS = {
  apigatewayv2: APIGATEWAYV2,
  apigateway: APIGATEWAY,
  acm: ACM,
  route53: ROUTE53,
  sts: STS,
  lambda: LAMBDA,
} as const;
