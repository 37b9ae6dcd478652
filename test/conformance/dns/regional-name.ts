// A custom domain name and its Regional name, on the shortest honest way: certificate, its CNAME in a served zone, domain name.

import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import { CreateDomainNameCommand, type IpAddressType } from '@aws-sdk/client-apigatewayv2';
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import type { Clients } from '../../../demo/chain.ts';
import { eventually } from '../../harness/eventually.ts';

/** An issued certificate of the zone's name and all names below it. */
export async function certify({ acm, route53 }: Clients, zoneId: string, zone: string): Promise<string> {
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({
      DomainName: zone,
      SubjectAlternativeNames: [`*.${zone}`],
      ValidationMethod: 'DNS',
      KeyAlgorithm: 'EC_prime256v1',
    }),
  );
  const describe = async () => (await acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  const { Name, Type, Value } = (await describe()).DomainValidationOptions![0]!.ResourceRecord!;
  const ResourceRecordSet = { Name, Type, TTL: 60, ResourceRecords: [{ Value }] };
  const ChangeBatch = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet }] };
  await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch }));
  await eventually('the certificate is issued', async () =>
    (await describe()).Status === 'ISSUED' ? true : undefined,
  );
  return CertificateArn!;
}

export interface Regional {
  /** `d-….execute-api.{region}.{suffix}` */
  readonly name: string;
  readonly zoneId: string;
}

export async function makeDomain(
  { gateway }: Clients,
  domainName: string,
  certificateArn: string,
  ipAddressType: IpAddressType = 'ipv4',
): Promise<Regional> {
  const { DomainNameConfigurations: made } = await gateway.send(
    new CreateDomainNameCommand({
      DomainName: domainName,
      DomainNameConfigurations: [{ CertificateArn: certificateArn, IpAddressType: ipAddressType }],
    }),
  );
  return { name: made![0]!.ApiGatewayDomainName!, zoneId: made![0]!.HostedZoneId! };
}
