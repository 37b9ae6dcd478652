// How a DomainName and an ApiMapping look on the wire (custom-domains 1.4, 2.1).

import { formatArn } from '../../../model/arn.ts';
import type { ApiMapping, DomainName } from '../../../model/domain-name.ts';
import { toWire, without } from '../members.ts';

export function domainNameOutput(domain: DomainName) {
  return {
    ApiMappingSelectionExpression: '$request.basepath',
    DomainName: domain.domainName,
    DomainNameArn: formatArn('apigateway', domain.region, '', `/domainnames/${domain.domainName}`),
    DomainNameConfigurations: [
      {
        ApiGatewayDomainName: domain.regionalDomainName,
        CertificateArn: domain.certificateArn,
        DomainNameStatus: 'AVAILABLE' as const,
        EndpointType: 'REGIONAL' as const,
        HostedZoneId: domain.hostedZoneId,
        IpAddressType: domain.ipAddressType,
        SecurityPolicy: 'TLS_1_2' as const,
      },
    ],
    RoutingMode: domain.routingMode,
    Tags: domain.tags,
  };
}

export function apiMappingOutput(mapping: ApiMapping) {
  return toWire(without(mapping, 'id', 'account', 'region', 'domainName'));
}
