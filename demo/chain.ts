// The whole chain, link by link, through the unmodified AWS SDK: zone → certificate → CNAME → ISSUED → API → stage → domain name
// → mapping → alias record. Each link is one step with a line of what it did; by-hand.ts has the same as AWS CLI commands.

import {
  ACMClient,
  DescribeCertificateCommand,
  RequestCertificateCommand,
  type CertificateDetail,
} from '@aws-sdk/client-acm';
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateApiMappingCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateRouteResponseCommand,
  CreateStageCommand,
} from '@aws-sdk/client-apigatewayv2';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand, Route53Client } from '@aws-sdk/client-route-53';

export interface Clients {
  readonly gateway: ApiGatewayV2Client;
  readonly acm: ACMClient;
  readonly route53: Route53Client;
}

export function createClients(
  endpoint: string,
  region: string,
  accessKeyId = 'test',
  secretAccessKey = 'test',
  sessionToken?: string,
): Clients {
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  const common = { endpoint, region, credentials };
  return { gateway: new ApiGatewayV2Client(common), acm: new ACMClient(common), route53: new Route53Client(common) };
}

/** One link of the chain; `did` is shown. */
export interface Step<T> {
  readonly title: string;
  run(): Promise<{ value: T; did: string }>;
}

/** Runs a step and shows it; the demo prints a line, tests do nothing. */
export type Runner = <T>(step: Step<T>) => Promise<T>;

export interface ChainOptions {
  readonly zone: string;
  readonly domainName: string;
  readonly mappingKey: string;
  readonly backendUrl: string;
  /** How often the certificate is looked at while it is pending. */
  readonly pollMs: number;
}

export interface Chain {
  readonly zoneId: string;
  readonly certificateArn: string;
  readonly apiId: string;
  readonly stage: string;
  readonly regionalDomainName: string;
}

const STAGE = 'production';

export async function buildChain(clients: Clients, options: ChainOptions, step: Runner): Promise<Chain> {
  const zoneId = await step(createZone(clients, options));
  const certificateArn = await step(requestCertificate(clients, options));
  await step(proveName(clients, options, zoneId, certificateArn));
  await step(awaitIssued(clients, options, certificateArn));
  const apiId = await step(createApi(clients));
  await step(createRoutes(clients, apiId, options));
  await step(deploy(clients, apiId));
  const regional = await step(createDomainName(clients, options, certificateArn));
  await step(createMapping(clients, options, apiId));
  await step(createAlias(clients, options, zoneId, regional));
  return { zoneId, certificateArn, apiId, stage: STAGE, regionalDomainName: regional.name };
}

function createZone({ route53 }: Clients, { zone }: ChainOptions): Step<string> {
  return {
    title: 'hosted zone',
    async run() {
      const created = await route53.send(
        new CreateHostedZoneCommand({ Name: zone, CallerReference: `demo-${Date.now()}` }),
      );
      const id = created.HostedZone!.Id!.replace('/hostedzone/', '');
      return { value: id, did: `${zone} is zone ${id}` };
    },
  };
}

function requestCertificate({ acm }: Clients, { domainName }: ChainOptions): Step<string> {
  return {
    title: 'certificate request',
    async run() {
      const { CertificateArn: arn } = await acm.send(
        new RequestCertificateCommand({ DomainName: domainName, ValidationMethod: 'DNS' }),
      );
      const { Certificate: certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
      return { value: arn!, did: `${domainName} is ${certificate?.Status}, until its CNAME is found` };
    },
  };
}

function proveName({ acm, route53 }: Clients, options: ChainOptions, zoneId: string, arn: string): Step<void> {
  return {
    title: 'validation CNAME',
    async run() {
      const { Certificate: certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
      const { Name, Type, Value } = certificate!.DomainValidationOptions![0]!.ResourceRecord!;
      const ResourceRecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
      await route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet }] },
        }),
      );
      return {
        value: undefined,
        did: `${Name!.slice(0, 9)}….${options.domainName} now leads to ${Value!.slice(0, 9)}…`,
      };
    },
  };
}

function awaitIssued({ acm }: Clients, { pollMs }: ChainOptions, arn: string): Step<CertificateDetail> {
  return {
    title: 'certificate issued',
    async run() {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const { Certificate: certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
        if (certificate?.Status === 'ISSUED') {
          const days = Math.round((certificate.NotAfter!.getTime() - Date.now()) / 86_400_000);
          return {
            value: certificate,
            did: `proven by a DNS query; serial ${certificate.Serial!.slice(0, 11)}…, ${days} days`,
          };
        }
        if (certificate?.Status !== 'PENDING_VALIDATION' || Date.now() > deadline) {
          throw new Error(`the certificate is ${certificate?.Status}, and should be ISSUED`);
        }
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
  };
}

function createApi({ gateway }: Clients): Step<string> {
  return {
    title: 'WebSocket API',
    async run() {
      const api = await gateway.send(
        new CreateApiCommand({
          Name: 'demo',
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression: '$request.body.action',
        }),
      );
      return { value: api.ApiId!, did: `${api.ApiId}, messages are routed by $request.body.action` };
    },
  };
}

/** What the backend is told of each event, by headers that the integration maps. */
export const BACKEND_HEADERS = {
  'integration.request.header.x-connection-id': 'context.connectionId',
  'integration.request.header.x-domain-name': 'context.domainName',
  'integration.request.header.x-stage': 'context.stage',
  'integration.request.header.x-event': 'context.eventType',
};

function createRoutes({ gateway }: Clients, apiId: string, { backendUrl }: ChainOptions): Step<void> {
  return {
    title: 'integration, routes',
    async run() {
      const { IntegrationId } = await gateway.send(
        new CreateIntegrationCommand({
          ApiId: apiId,
          IntegrationType: 'HTTP_PROXY',
          IntegrationMethod: 'POST',
          IntegrationUri: backendUrl,
          RequestParameters: BACKEND_HEADERS,
        }),
      );
      const keys = ['$connect', '$disconnect', '$default', 'notify-me'];
      for (const RouteKey of keys) {
        const { RouteId } = await gateway.send(
          new CreateRouteCommand({ ApiId: apiId, RouteKey, Target: `integrations/${IntegrationId}` }),
        );
        if (RouteKey.startsWith('$') && RouteKey !== '$default') continue;
        await gateway.send(new CreateRouteResponseCommand({ ApiId: apiId, RouteId, RouteResponseKey: '$default' }));
      }
      return { value: undefined, did: `${keys.join(', ')} → HTTP_PROXY ${backendUrl}` };
    },
  };
}

function deploy({ gateway }: Clients, apiId: string): Step<void> {
  return {
    title: 'deployment, stage',
    async run() {
      await gateway.send(new CreateStageCommand({ ApiId: apiId, StageName: STAGE }));
      const { DeploymentId } = await gateway.send(new CreateDeploymentCommand({ ApiId: apiId, StageName: STAGE }));
      return { value: undefined, did: `stage ${STAGE} follows deployment ${DeploymentId}` };
    },
  };
}

interface Regional {
  readonly name: string;
  readonly zoneId: string;
}

function createDomainName({ gateway }: Clients, { domainName }: ChainOptions, arn: string): Step<Regional> {
  return {
    title: 'custom domain name',
    async run() {
      const created = await gateway.send(
        new CreateDomainNameCommand({ DomainName: domainName, DomainNameConfigurations: [{ CertificateArn: arn }] }),
      );
      const [configuration] = created.DomainNameConfigurations!;
      const name = configuration!.ApiGatewayDomainName!;
      return {
        value: { name, zoneId: configuration!.HostedZoneId! },
        did: `${domainName} is ${configuration!.DomainNameStatus}, its Regional name is ${name}`,
      };
    },
  };
}

function createMapping({ gateway }: Clients, options: ChainOptions, apiId: string): Step<void> {
  const { domainName, mappingKey } = options;
  return {
    title: 'API mapping',
    async run() {
      await gateway.send(
        new CreateApiMappingCommand({ DomainName: domainName, ApiMappingKey: mappingKey, ApiId: apiId, Stage: STAGE }),
      );
      return { value: undefined, did: `/${mappingKey} leads to ${apiId}/${STAGE}` };
    },
  };
}

function createAlias(
  { route53 }: Clients,
  { domainName }: ChainOptions,
  zoneId: string,
  regional: Regional,
): Step<void> {
  return {
    title: 'alias record',
    async run() {
      const AliasTarget = { HostedZoneId: regional.zoneId, DNSName: regional.name, EvaluateTargetHealth: false };
      await route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          ChangeBatch: {
            Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: domainName, Type: 'A', AliasTarget } }],
          },
        }),
      );
      return { value: undefined, did: `${domainName} A → ${regional.name}` };
    },
  };
}
