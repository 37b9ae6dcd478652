// Every operation that answers by the page: how to get a first page with one item, and what in it leads to the next one.

import type { Ids } from './account-objects.ts';

export interface List {
  readonly service: 'apigatewayv2' | 'apigateway' | 'acm' | 'route53';
  readonly first: (ids: Ids) => object;
  /** The input that asks for the next page, out of the body; undefined when it was the last. */
  readonly next: (body: string) => object | undefined;
  /** There is never more than one item, so no token either. */
  readonly isShort?: true;
}

const inJson = (member: string) => (body: string) => {
  const token = (JSON.parse(body) as Readonly<Record<string, string | undefined>>)[member];
  return token === undefined ? undefined : { NextToken: token };
};
const inXml =
  (...members: readonly (readonly [element: string, member: string])[]) =>
  (body: string) => {
    const found = members.flatMap(([element, member]) => {
      const text = new RegExp(`<${element}>([^<]+)</${element}>`).exec(body)?.[1];
      return text === undefined ? [] : [[member, text] as const];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };

const ofGateway = (more: (ids: Ids) => object = () => ({})): List => ({
  service: 'apigatewayv2',
  first: (ids) => ({ ...more(ids), MaxResults: '1' }),
  next: inJson('nextToken'),
});
const ofApi = () => ofGateway(({ apiId: ApiId }) => ({ ApiId }));

const ofRest = (more: (ids: Ids) => object): List => ({
  service: 'apigateway',
  first: (ids) => ({ ...more(ids), limit: 1 }),
  next: (body) => {
    const { position } = JSON.parse(body) as { readonly position?: string };
    return position === undefined ? undefined : { position };
  },
});

export const LISTS: Readonly<Record<string, List>> = {
  GetApis: ofGateway(),
  GetApiMappings: ofGateway(({ domainName: DomainName }) => ({ DomainName })),
  GetAuthorizers: ofApi(),
  GetDeployments: ofApi(),
  GetDomainNames: ofGateway(),
  GetIntegrationResponses: ofGateway(({ apiId: ApiId, integrationId: IntegrationId }) => ({ ApiId, IntegrationId })),
  GetIntegrations: ofApi(),
  GetModels: ofApi(),
  // A route has the response $default alone.
  GetRouteResponses: { ...ofGateway(({ apiId: ApiId, routeId: RouteId }) => ({ ApiId, RouteId })), isShort: true },
  GetRoutes: ofApi(),
  GetStages: ofApi(),
  GetVpcLinks: ofGateway(),
  GetApiKeys: ofRest(() => ({})),
  GetUsagePlans: ofRest(() => ({})),
  GetUsagePlanKeys: ofRest(({ usagePlanId }) => ({ usagePlanId })),
  GetUsage: ofRest(({ usagePlanId }) => ({ usagePlanId, startDate: '2026-01-01', endDate: '2026-01-02' })),
  // All tags are told at once.
  GetTags: { ...ofRest(({ apiKeyArn: resourceArn }) => ({ resourceArn })), isShort: true },
  ListCertificates: {
    service: 'acm',
    first: () => ({ MaxItems: 1, Includes: { keyTypes: ['EC_prime256v1'] } }),
    next: inJson('NextToken'),
  },
  ListCertificateDomainValidations: {
    service: 'acm',
    first: ({ pendingArn: CertificateArn }) => ({ CertificateArn, MaxItems: 1 }),
    next: inJson('NextToken'),
  },
  ListHostedZones: { service: 'route53', first: () => ({ MaxItems: 1 }), next: inXml(['NextMarker', 'Marker']) },
  ListHostedZonesByName: {
    service: 'route53',
    first: () => ({ MaxItems: 1 }),
    next: inXml(['NextDNSName', 'DNSName'], ['NextHostedZoneId', 'HostedZoneId']),
  },
  ListResourceRecordSets: {
    service: 'route53',
    first: ({ zoneId: HostedZoneId }) => ({ HostedZoneId, MaxItems: 1 }),
    next: inXml(['NextRecordName', 'StartRecordName'], ['NextRecordType', 'StartRecordType']),
  },
};
