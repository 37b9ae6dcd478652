// What a kept data directory holds, and what a gateway on one is asked: scripts/make-kept-data.ts makes a directory with it, the
// test of kept data asks every later gateway the same. Through the public operations alone.

import { promises as dns } from 'node:dns';
import { connect } from 'node:tls';
import * as acm from '@aws-sdk/client-acm';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as route53 from '@aws-sdk/client-route-53';
import type { Clients } from '../../demo/chain.ts';
import { foreignAuthority } from './certificates.ts';
import {
  aliasRecord,
  createDomain,
  importCertificate,
  issueCertificate,
  makeHostedZone,
  mapDomain,
  putRecord,
} from './domains.ts';
import { next } from './eventually.ts';
import type { Owner, ReachableGateway } from './gateway.ts';
import { functionArn, invocationsOf } from './lambda-server.ts';
import { addRoute, mock, type Target } from './sockets.ts';

export const ZONE = 'kept.example';
/** Custom domain names, and each mapping's path on the first. */
export const NAMES = { issued: `ws.${ZONE}`, imported: `shop.${ZONE}`, wildcard: `*.tenants.${ZONE}` } as const;
export const PATHS = { live: 'chat', next: 'chat/next/v2' } as const;
/** Functions that a gateway on the directory invokes. */
export const FUNCTIONS = { authorize: 'kept-authorize', gone: 'kept-gone' } as const;
/** Endpoints are told without the port of the moment. */
export const KEPT_FLAGS = ['--public-port', '443'];
const VALID_DAYS = 3_500;

/** What is served, beyond what operations tell. */
export interface Served {
  /** The connection that was open when the process was killed. */
  readonly owedConnectionId: string;
  /** Serial numbers by server name. */
  readonly serials: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, unknown>>;
}

function invoking(name: string): Target {
  return { IntegrationType: 'AWS_PROXY', IntegrationUri: invocationsOf(functionArn(name)) };
}

async function makeKeptApi(clients: Clients): Promise<string> {
  const { gateway } = clients;
  const made = await gateway.send(
    new v2.CreateApiCommand({
      Name: 'kept',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '${request.body.action}',
      Description: 'what a later version must serve',
      Version: '1',
      Tags: { kept: 'yes' },
    }),
  );
  const ApiId = made.ApiId!;
  const Schema = JSON.stringify({ type: 'object', required: ['text'], properties: { text: { maxLength: 8 } } });
  await gateway.send(
    new v2.CreateModelCommand({ ApiId, Name: 'Say', Schema, ContentType: 'application/json', Description: 'words' }),
  );
  const { AuthorizerId } = await gateway.send(
    new v2.CreateAuthorizerCommand({
      ApiId,
      Name: 'asks',
      AuthorizerType: 'REQUEST',
      AuthorizerUri: invocationsOf(functionArn(FUNCTIONS.authorize)),
      IdentitySource: ['route.request.querystring.token'],
    }),
  );
  const RouteId = await addRoute(clients, ApiId, '$connect', {});
  await gateway.send(new v2.UpdateRouteCommand({ ApiId, RouteId, AuthorizationType: 'CUSTOM', AuthorizerId }));
  await addRoute(clients, ApiId, '$disconnect', { target: invoking(FUNCTIONS.gone) });
  await addRoute(clients, ApiId, '$default', { target: mock('$context.connectionId'), isTwoWay: true });
  const say = await addRoute(clients, ApiId, 'say', {
    target: mock(`$context.stage says $stageVariables.greeting to $context.authorizer.principalId`),
    isTwoWay: true,
  });
  await gateway.send(
    new v2.UpdateRouteCommand({ ApiId, RouteId: say, ModelSelectionExpression: 'Say', RequestModels: { Say: 'Say' } }),
  );
  for (const StageName of Object.keys(PATHS)) {
    await gateway.send(
      new v2.CreateStageCommand({
        ApiId,
        StageName,
        StageVariables: { greeting: `hello-from-${StageName}` },
        DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
        Tags: { stage: StageName },
      }),
    );
    await gateway.send(new v2.CreateDeploymentCommand({ ApiId, StageName, Description: `for ${StageName}` }));
  }
  return ApiId;
}

const RECORDS: readonly route53.ResourceRecordSet[] = [
  { Name: `host.${ZONE}`, Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }, { Value: '192.0.2.2' }] },
  { Name: `host.${ZONE}`, Type: 'AAAA', TTL: 60, ResourceRecords: [{ Value: '2001:db8::1' }] },
  { Name: `*.any.${ZONE}`, Type: 'TXT', TTL: 60, ResourceRecords: [{ Value: '"of a wildcard" "in two parts"' }] },
  { Name: ZONE, Type: 'MX', TTL: 60, ResourceRecords: [{ Value: `10 mail.${ZONE}.` }] },
  { Name: ZONE, Type: 'CAA', TTL: 60, ResourceRecords: [{ Value: '0 issue "ca.example"' }] },
  { Name: `alias.${ZONE}`, Type: 'CNAME', TTL: 60, ResourceRecords: [{ Value: `host.${ZONE}.` }] },
  { Name: `_wss._tcp.${ZONE}`, Type: 'SRV', TTL: 60, ResourceRecords: [{ Value: `1 2 443 ws.${ZONE}.` }] },
];

/** Makes everything on an empty gateway. Resolves to the API's id. */
export async function makeKept(owner: Owner, clients: Clients): Promise<string> {
  const apiId = await makeKeptApi(clients);
  const zoneId = await makeHostedZone(clients, ZONE);
  const authority = await foreignAuthority(owner);
  const foreign = await importCertificate(clients, await authority.leaf([NAMES.imported], { days: VALID_DAYS }));
  const certificates: readonly [name: string, arn: string][] = [
    [NAMES.issued, await issueCertificate(clients, zoneId, NAMES.issued)],
    [NAMES.imported, foreign],
    [NAMES.wildcard, await issueCertificate(clients, zoneId, NAMES.wildcard)],
  ];
  // After the certificates, which its CAA record would not let us issue.
  for (const record of RECORDS) await putRecord(clients, zoneId, record);
  for (const [name, arn] of certificates) {
    await putRecord(clients, zoneId, aliasRecord(name, await createDomain(clients, name, arn)));
  }
  for (const [stage, path] of Object.entries(PATHS)) await mapDomain(clients, NAMES.issued, path, { apiId, stage });
  await mapDomain(clients, NAMES.wildcard, '', { apiId, stage: 'live' });
  return apiId;
}

interface Sender {
  send(command: never): Promise<{ $metadata: unknown }>;
}

/** Everything that the reading operations tell of what `makeKept` makes, by operation and what it was asked; dates as texts. */
export async function readAll(clients: Clients, apiId: string): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {};
  const ask = async <T>(client: Sender, command: { readonly input: object }): Promise<T> => {
    const { $metadata: _, ...answer } = await client.send(command as never);
    const name = command.constructor.name.replace(/Command$/, '');
    told[`${name} ${JSON.stringify(command.input)}`] = JSON.parse(JSON.stringify(answer)) as unknown;
    return answer as T;
  };
  await readApi((command) => ask(clients.gateway, command), apiId);
  await readDomains((command) => ask(clients.gateway, command));
  const { CertificateSummaryList: certificates = [] } = await ask<acm.ListCertificatesResponse>(
    clients.acm,
    new acm.ListCertificatesCommand({ SortBy: 'CREATED_AT', SortOrder: 'ASCENDING' }),
  );
  for (const { CertificateArn } of certificates) {
    await ask(clients.acm, new acm.DescribeCertificateCommand({ CertificateArn }));
    await ask(clients.acm, new acm.GetCertificateCommand({ CertificateArn }));
    await ask(clients.acm, new acm.ListTagsForCertificateCommand({ CertificateArn }));
  }
  const zones = await ask<route53.ListHostedZonesResponse>(clients.route53, new route53.ListHostedZonesCommand({}));
  for (const { Id } of zones.HostedZones ?? []) {
    await ask(clients.route53, new route53.GetHostedZoneCommand({ Id }));
    await ask(clients.route53, new route53.ListResourceRecordSetsCommand({ HostedZoneId: Id }));
  }
  return told;
}

type Asker = <T>(command: { readonly input: object }) => Promise<T>;

async function readApi(ask: Asker, ApiId: string): Promise<void> {
  await ask(new v2.GetApisCommand({}));
  await ask(new v2.GetApiCommand({ ApiId }));
  const routes = await ask<v2.GetRoutesResponse>(new v2.GetRoutesCommand({ ApiId }));
  for (const { RouteId } of routes.Items ?? []) {
    await ask(new v2.GetRouteCommand({ ApiId, RouteId }));
    await ask(new v2.GetRouteResponsesCommand({ ApiId, RouteId }));
  }
  const integrations = await ask<v2.GetIntegrationsResponse>(new v2.GetIntegrationsCommand({ ApiId }));
  for (const { IntegrationId } of integrations.Items ?? []) {
    await ask(new v2.GetIntegrationCommand({ ApiId, IntegrationId }));
    await ask(new v2.GetIntegrationResponsesCommand({ ApiId, IntegrationId }));
  }
  await ask(new v2.GetModelsCommand({ ApiId }));
  await ask(new v2.GetAuthorizersCommand({ ApiId }));
  await ask(new v2.GetDeploymentsCommand({ ApiId }));
  const stages = await ask<v2.GetStagesResponse>(new v2.GetStagesCommand({ ApiId }));
  for (const { StageName } of stages.Items ?? []) await ask(new v2.GetStageCommand({ ApiId, StageName }));
}

async function readDomains(ask: Asker): Promise<void> {
  const domains = await ask<v2.GetDomainNamesResponse>(new v2.GetDomainNamesCommand({}));
  for (const { DomainName } of domains.Items ?? []) {
    await ask(new v2.GetDomainNameCommand({ DomainName }));
    await ask(new v2.GetApiMappingsCommand({ DomainName }));
  }
}

/** The serial number of the certificate that a client is shown for each name. */
export async function shownSerials({ tlsPort: port }: ReachableGateway): Promise<Record<string, string>> {
  const serials: Record<string, string> = {};
  for (const name of [NAMES.issued, NAMES.imported, NAMES.wildcard.replace('*', 'any')]) {
    // Whom it is signed by is no question here: the serial number is held against what was shown before.
    const socket = connect({ port, host: '127.0.0.1', servername: name, rejectUnauthorized: false });
    await next(socket, 'secureConnect');
    serials[name] = socket.getPeerCertificate().serialNumber;
    socket.destroy();
  }
  return serials;
}

/** What the zone answers over DNS, by question. */
export async function dnsAnswers({ dnsServer }: ReachableGateway): Promise<Record<string, unknown>> {
  const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([dnsServer]);
  return {
    'host A': (await resolver.resolve4(`host.${ZONE}`)).toSorted(),
    'host AAAA': await resolver.resolve6(`host.${ZONE}`),
    'alias A': (await resolver.resolve4(`alias.${ZONE}`)).toSorted(),
    'ws A': await resolver.resolve4(NAMES.issued),
    'one.tenants A': await resolver.resolve4(`one.tenants.${ZONE}`),
    'x.any TXT': await resolver.resolveTxt(`x.any.${ZONE}`),
    MX: await resolver.resolveMx(ZONE),
    CAA: await resolver.resolveCaa(ZONE),
    SRV: await resolver.resolveSrv(`_wss._tcp.${ZONE}`),
    NS: (await resolver.resolveNs(ZONE)).toSorted(),
    SOA: await resolver.resolveSoa(ZONE),
  };
}
