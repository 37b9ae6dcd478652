// Every kind of stored object, and for each the laws that the store keeps an index of: what it is a part of (`parent`), what it
// refers to (`references`), so that "who uses this?" is one look-up, and when it must be looked at by itself (`due`).

import type {
  Api,
  Authorizer,
  Deployment,
  Integration,
  IntegrationResponse,
  Model,
  Route,
  RouteResponse,
  Stage,
} from './api.ts';
import type {
  AccountConfiguration,
  AcmeAccount,
  AcmeUse,
  Authority,
  Certificate,
  Challenge,
  ListenerCertificate,
} from './certificate.ts';
import type { ApiMapping, DomainName, RetiredRegionalName } from './domain-name.ts';
import type { HostedZone, RecordSet } from './hosted-zone.ts';
import type { VpcLink } from './vpc-link.ts';
import type { Stack } from './stack.ts';
import type { ApiKey, UsagePlan, UsagePlanKey } from './usage-plan.ts';

export interface Kinds {
  api: Api;
  route: Route;
  'route-response': RouteResponse;
  integration: Integration;
  'integration-response': IntegrationResponse;
  model: Model;
  authorizer: Authorizer;
  deployment: Deployment;
  stage: Stage;
  'domain-name': DomainName;
  'api-mapping': ApiMapping;
  'retired-regional-name': RetiredRegionalName;
  certificate: Certificate;
  'account-configuration': AccountConfiguration;
  authority: Authority;
  'listener-certificate': ListenerCertificate;
  challenge: Challenge;
  'acme-account': AcmeAccount;
  'acme-use': AcmeUse;
  'hosted-zone': HostedZone;
  'record-set': RecordSet;
  'vpc-link': VpcLink;
  'api-key': ApiKey;
  'usage-plan': UsagePlan;
  'usage-plan-key': UsagePlanKey;
  stack: Stack;
}

export type Kind = keyof Kinds;

interface Laws<T> {
  readonly parent?: (entity: T) => string;
  readonly references?: (entity: T) => string[];
  /** Milliseconds of lifecycle time; undefined while nothing happens to the object by itself. */
  readonly due?: (entity: T) => number | undefined;
}

export const KIND_LAWS: { readonly [K in Kind]: Laws<Kinds[K]> } = {
  api: {},
  route: { parent: (route) => route.apiId },
  'route-response': { parent: (response) => `${response.apiId}/${response.routeId}` },
  integration: {
    parent: (integration) => integration.apiId,
    references: ({ connectionId }) => (connectionId === undefined ? [] : [reference.vpcLink(connectionId)]),
  },
  'integration-response': { parent: (response) => `${response.apiId}/${response.integrationId}` },
  model: { parent: (model) => model.apiId },
  authorizer: { parent: (authorizer) => authorizer.apiId },
  deployment: { parent: (deployment) => deployment.apiId },
  stage: { parent: (stage) => stage.apiId },
  'domain-name': {
    references: (domain) => [
      reference.certificate(domain.certificateArn),
      reference.regionalName(domain.regionalDomainName),
      reference.namesBelow(domain.domainName.slice(domain.domainName.indexOf('.') + 1)),
    ],
  },
  'api-mapping': {
    parent: (mapping) => mapping.domainName,
    references: (mapping) => [reference.api(mapping.apiId), reference.stage(mapping.apiId, mapping.stage)],
  },
  'retired-regional-name': {},
  certificate: {
    references: (certificate) => [
      ...certificate.subjectAlternativeNames.map((name) => reference.certificateName(name)),
      ...(isPending(certificate) ? [reference.pendingCertificates()] : []),
      ...(certificate.idempotencyToken === undefined
        ? []
        : [reference.idempotencyToken(certificate.account, certificate.region, certificate.idempotencyToken)]),
    ],
    due: ({ status, issued }) => (status === 'ISSUED' ? issued?.reviewAtMs : undefined),
  },
  'account-configuration': {},
  authority: {},
  'listener-certificate': { due: (certificate) => certificate.renewAtMs },
  challenge: {},
  'acme-account': {},
  'acme-use': {},
  'hosted-zone': { references: (zone) => [reference.callerReference(zone.account, zone.callerReference)] },
  'record-set': { parent: (records) => records.hostedZoneId },
  'vpc-link': {},
  'api-key': { references: (key) => [reference.apiKeyValue(key.fingerprint)] },
  'usage-plan': { references: (plan) => plan.stages.map(({ apiId, stage }) => reference.stage(apiId, stage)) },
  'usage-plan-key': {
    parent: (planKey) => planKey.usagePlanId,
    references: (planKey) => [reference.apiKey(planKey.apiKeyId)],
  },
  stack: {},
};

/** Somebody's record or approval is waited for. */
function isPending({ status, methodUpdate }: Certificate): boolean {
  return status === 'PENDING_VALIDATION' || (status === 'ISSUED' && methodUpdate === 'PENDING_DOMAIN_VALIDATION');
}

/** The spelling of each thing that can be referred to. */
export const reference = {
  certificate: (arn: string) => `certificate:${arn}`,
  /** A name of a certificate, as it stands there: `*.example.com` is not `a.example.com`. */
  certificateName: (name: string) => `certificate-name:${name}`,
  pendingCertificates: () => 'pending-certificates',
  api: (apiId: string) => `api:${apiId}`,
  stage: (apiId: string, stage: string) => `stage:${apiId}/${stage}`,
  vpcLink: (vpcLinkId: string) => `vpc-link:${vpcLinkId}`,
  regionalName: (name: string) => `regional:${name}`,
  /** The names one label below `parent`, the wildcard among them. */
  namesBelow: (parent: string) => `below:${parent}`,
  idempotencyToken: (account: string, region: string, token: string) => `token:${account}/${region}/${token}`,
  apiKey: (apiKeyId: string) => `api-key:${apiKeyId}`,
  apiKeyValue: (fingerprint: string) => `api-key-value:${fingerprint}`,
  callerReference: (account: string, callerReference: string) => `caller:${account}/${callerReference}`,
} as const;

export const ALL_KINDS = Object.keys(KIND_LAWS) as Kind[];
