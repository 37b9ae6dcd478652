// Everything that an account can read of its own objects, as one text: what must be the same to the byte before and after a stranger tried.

import { ask, askPage, type Actor, type RawAnswer } from './actors.ts';
import type { Ids } from './account-objects.ts';

type Reading = readonly [service: 'apigatewayv2' | 'apigateway' | 'acm' | 'route53', name: string, input: object];

function readingsOf(ids: Ids): Reading[] {
  const { apiId: ApiId, integrationId: IntegrationId, routeId: RouteId, domainName: DomainName, zoneId } = ids;
  const ofApi = (name: string, more: object = {}): Reading => ['apigatewayv2', name, { ApiId, ...more }];
  const certificates = [ids.certificateArn, ids.pendingArn, ids.mailArn, ids.importedArn];
  return [
    ['apigatewayv2', 'GetApis', {}],
    ...['GetApi', 'GetAuthorizers', 'GetDeployments', 'GetIntegrations', 'GetModels', 'GetRoutes', 'GetStages'].map(
      (name) => ofApi(name),
    ),
    ofApi('GetIntegrationResponses', { IntegrationId }),
    ofApi('GetRouteResponses', { RouteId }),
    ['apigatewayv2', 'GetDomainNames', {}],
    ['apigatewayv2', 'GetDomainName', { DomainName }],
    ['apigatewayv2', 'GetApiMappings', { DomainName }],
    ...[ids.apiArn, ids.stageArn, ids.domainArn].map((ResourceArn): Reading => [
      'apigatewayv2',
      'GetTags',
      { ResourceArn },
    ]),
    ['apigateway', 'GetApiKeys', { includeValues: true }],
    ['apigateway', 'GetUsagePlans', {}],
    ['apigateway', 'GetUsagePlanKeys', { usagePlanId: ids.usagePlanId }],
    ['apigateway', 'GetUsage', { usagePlanId: ids.usagePlanId, startDate: '2026-01-01', endDate: '2026-01-02' }],
    ['apigateway', 'GetTags', { resourceArn: ids.apiKeyArn }],
    ['acm', 'ListCertificates', {}],
    ['acm', 'GetAccountConfiguration', {}],
    ...certificates.flatMap((CertificateArn): Reading[] => [
      ['acm', 'DescribeCertificate', { CertificateArn }],
      ['acm', 'ListTagsForCertificate', { CertificateArn }],
    ]),
    ['acm', 'GetCertificate', { CertificateArn: ids.certificateArn }],
    ['acm', 'GetCertificate', { CertificateArn: ids.importedArn }],
    ['route53', 'ListHostedZones', {}],
    ['route53', 'GetHostedZone', { Id: zoneId }],
    ['route53', 'ListResourceRecordSets', { HostedZoneId: zoneId }],
    ['route53', 'ListTagsForResource', { ResourceType: 'hostedzone', ResourceId: zoneId }],
  ];
}

const PAGES: readonly string[] = ['domains', 'zones', 'certificates', 'mail', 'stacks'];

/** By what was asked. Fails where a reading is refused: nothing would be compared. The pages are those of all regions. */
export async function ownView(actor: Actor, ids: Ids, pages = PAGES): Promise<Readonly<Record<string, string>>> {
  const view: Record<string, string> = {};
  const keep = (what: string, { status, headers, body }: RawAnswer) => {
    if (status !== 200) throw new Error(`${what} of one's own answered ${status}: ${body}`);
    // When a pending certificate is looked at next is no part of it.
    view[what] = JSON.stringify({ headers, body: body.replaceAll(/"nextTryAt":"[^"]*"/g, '') });
  };
  for (const [service, name, input] of readingsOf(ids))
    keep(`${name} ${JSON.stringify(input)}`, await ask(actor, service, name, input));
  for (const page of pages) keep(page, await askPage(actor, 'GET', `/_sallyport/${page}`));
  return view;
}
