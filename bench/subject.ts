// The gateway under load: the real process with a custom domain name, a P-256 certificate and one API, all made through the SDK;
// and the like certificate for the bases.

import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  CreateApiCommand,
  CreateApiMappingCommand,
  CreateDeploymentCommand,
  CreateDomainNameCommand,
  CreateIntegrationCommand,
  CreateIntegrationResponseCommand,
  CreateModelCommand,
  CreateRouteCommand,
  CreateRouteResponseCommand,
  CreateStageCommand,
  type CreateIntegrationCommandInput,
  type CreateStageCommandInput,
} from '@aws-sdk/client-apigatewayv2';
import { ChangeResourceRecordSetsCommand, CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClients, type Clients } from '../demo/chain.ts';
import { fetchCa } from '../demo/client-side.ts';
import { EPHEMERAL, startGatewayProcess, type GatewayProcess } from '../demo/gateway-process.ts';
import { createSigning } from '../src/certificates/signing.ts';

export const REGION = 'us-east-1';
export const STAGE = 'bench';
const ZONE = 'bench.example';
const DOMAIN = `ws.${ZONE}`;
const DAY_MS = 86_400_000;
const POLL_MS = 20;
const ISSUE_TIMEOUT_MS = 60_000;

/** What is measured is the work, not the rates at which an account is held back. */
export const UNTHROTTLED = [
  'accountRequestsPerSecondMax=1000000000',
  'accountRequestsBurstMax=1000000000',
  'accountConnectionsPerSecondMax=1000000000',
  // All load comes from one address.
  'connectionsPerAddressMax=1000000000',
  'connectionsPerAddressPerSecondMax=1000000000',
  'connectionsPerAddressBurstMax=1000000000',
  'unfinishedHandshakesPerAddressMax=1000000000',
  'unfinishedHandshakesMax=1000000000',
  'openConnectionsPerAccountMax=1000000000',
  'controlRequestsPerAddressPerSecondMax=1000000000',
  'controlRequestsPerAddressBurstMax=1000000000',
  'controlRequestsPerAccountPerSecondMax=1000000000',
  'controlRequestsPerAccountBurstMax=1000000000',
  'controlConnectionsPerAddressMax=1000000000',
  'pingsPerSecondMax=1000000000',
].flatMap((limit) => ['--limit', limit]);

/** Where a load finds a server. The name resolves nowhere: the address is dialled, the name is asked for and verified. */
export interface Target {
  readonly name: string;
  readonly port: number;
  readonly path: string;
  readonly ca: string;
}

export interface Integration extends Omit<CreateIntegrationCommandInput, 'ApiId'> {
  /** The reply of a MOCK: a template. */
  readonly reply?: string;
  /** The JSON Schema that its messages are held against. */
  readonly schema?: string;
}

/** What its stage asks for besides. */
export type StageSettings = Pick<CreateStageCommandInput, 'AccessLogSettings' | 'DefaultRouteSettings'>;

export interface Subject {
  readonly target: Target;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a gateway whose API has these routes, each with an integration and a reply to the client. */
export async function startSubject(
  env: NodeJS.ProcessEnv,
  routes: Readonly<Record<string, Integration>>,
  flags: readonly string[] = [],
  stage: StageSettings = {},
): Promise<Subject> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  const gateway = await startGatewayProcess(['--data-dir', dataDir, ...EPHEMERAL, ...UNTHROTTLED, ...flags], { env });
  const stop = async () => {
    await gateway.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    return { target: await prepare(gateway, routes, stage), pid: gateway.ready.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(
  gateway: GatewayProcess,
  routes: Readonly<Record<string, Integration>>,
  stage: StageSettings,
): Promise<Target> {
  const clients = createClients(gateway.endpoint, REGION);
  const certificateArn = await certify(clients);
  const apiId = await makeApi(clients, routes, stage);
  const { gateway: api } = clients;
  await api.send(
    new CreateDomainNameCommand({
      DomainName: DOMAIN,
      DomainNameConfigurations: [{ CertificateArn: certificateArn }],
    }),
  );
  await api.send(new CreateApiMappingCommand({ DomainName: DOMAIN, ApiMappingKey: STAGE, ApiId: apiId, Stage: STAGE }));
  return { name: DOMAIN, port: gateway.tlsPort, path: `/${STAGE}`, ca: await fetchCa(gateway.endpoint) };
}

async function certify({ acm, route53 }: Clients): Promise<string> {
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name: ZONE, CallerReference: 'bench' }));
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({ DomainName: DOMAIN, ValidationMethod: 'DNS', KeyAlgorithm: 'EC_prime256v1' }),
  );
  const describe = async () => (await acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  const { Name, Type, Value } = (await describe()).DomainValidationOptions![0]!.ResourceRecord!;
  const ResourceRecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: HostedZone!.Id,
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet }] },
    }),
  );
  const deadline = Date.now() + ISSUE_TIMEOUT_MS;
  while ((await describe()).Status !== 'ISSUED') {
    if (Date.now() > deadline) throw new Error('the certificate was not issued');
    await wait(POLL_MS);
  }
  return CertificateArn!;
}

/** An API with these routes, deployed to the stage STAGE. */
export async function makeApi(
  { gateway }: Clients,
  routes: Readonly<Record<string, Integration>>,
  stage: StageSettings = {},
): Promise<string> {
  const { ApiId } = await gateway.send(
    new CreateApiCommand({
      Name: 'bench',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
  );
  for (const [RouteKey, { reply, schema, ...integration }] of Object.entries(routes)) {
    const { IntegrationId } = await gateway.send(new CreateIntegrationCommand({ ...integration, ApiId }));
    if (reply !== undefined) {
      await gateway.send(
        new CreateIntegrationResponseCommand({
          ApiId,
          IntegrationId,
          IntegrationResponseKey: '$default',
          ResponseTemplates: { $default: reply },
        }),
      );
    }
    const Target = `integrations/${IntegrationId}`;
    const validation = schema === undefined ? {} : { ModelSelectionExpression: 'of', RequestModels: { of: RouteKey } };
    if (schema !== undefined) {
      await gateway.send(
        new CreateModelCommand({ ApiId, Name: RouteKey, ContentType: 'application/json', Schema: schema }),
      );
    }
    const { RouteId } = await gateway.send(new CreateRouteCommand({ ApiId, RouteKey, Target, ...validation }));
    await gateway.send(new CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }));
  }
  await gateway.send(new CreateStageCommand({ ...stage, ApiId, StageName: STAGE }));
  await gateway.send(new CreateDeploymentCommand({ ApiId, StageName: STAGE }));
  return ApiId!;
}

/** A MOCK that answers with a literal text. */
export function mock(reply: string): Integration {
  return { IntegrationType: 'MOCK', RequestTemplates: { $default: '{"statusCode": 200}' }, reply };
}

/** What a base serves TLS with: the gateway's own kind of chain and key, and its settings. */
export interface BaseTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A P-256 certificate of the same name, signed by an authority of the same kind as the gateway's. */
export async function baseTls(): Promise<BaseTls> {
  const signing = createSigning();
  const validity = { notBeforeMs: Date.now() - DAY_MS, notAfterMs: Date.now() + DAY_MS };
  const authority = await signing.sign({ make: 'authority', commonName: 'Bench CA', ...validity });
  const leaf = await signing.sign({
    make: 'leaf',
    names: [DOMAIN],
    keyAlgorithm: 'EC_prime256v1',
    ...validity,
    authorityPem: authority.certificatePem,
    authorityKeyPem: authority.keyPem,
  });
  await signing.close();
  return { cert: leaf.certificatePem, key: leaf.keyPem, ca: authority.certificatePem };
}

export function baseTarget(port: number, { ca }: BaseTls): Target {
  return { name: DOMAIN, port, path: `/${STAGE}`, ca };
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
