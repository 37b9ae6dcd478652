// The chain of a custom domain name, by the public operations only: zone, certificate, domain name, record, mapping.

import {
  DescribeCertificateCommand,
  ImportCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
} from '@aws-sdk/client-acm';
import { CreateApiMappingCommand, CreateDomainNameCommand } from '@aws-sdk/client-apigatewayv2';
import {
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  type Change,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Clients } from '../../demo/chain.ts';
import type { ForeignLeaf } from './certificates.ts';
import { eventually } from './eventually.ts';

/** Resolves to the zone's id, without its prefix. */
export async function makeHostedZone({ route53 }: Clients, Name: string): Promise<string> {
  const zone = await route53.send(new CreateHostedZoneCommand({ Name, CallerReference: `the zone ${Name}` }));
  return zone.HostedZone!.Id!.replace('/hostedzone/', '');
}

export function changeRecords({ route53 }: Clients, zoneId: string, ...Changes: Change[]): Promise<unknown> {
  return route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }));
}

export function putRecord(clients: Clients, zoneId: string, record: ResourceRecordSet): Promise<unknown> {
  return changeRecords(clients, zoneId, { Action: 'UPSERT', ResourceRecordSet: record });
}

/** A certificate that waits for its CNAMEs. */
export async function requestCertificate(
  { acm }: Clients,
  DomainName: string,
  options: Partial<RequestCertificateCommandInput> = {},
): Promise<string> {
  const { CertificateArn } = await acm.send(
    new RequestCertificateCommand({
      DomainName,
      ValidationMethod: 'DNS',
      KeyAlgorithm: 'EC_prime256v1',
      ...options,
    }),
  );
  return CertificateArn!;
}

/** A certificate, proven by the CNAMEs of its names in the zone, and issued. */
export async function issueCertificate(
  clients: Clients,
  zoneId: string,
  DomainName: string,
  options: Partial<RequestCertificateCommandInput> = {},
): Promise<string> {
  const CertificateArn = await requestCertificate(clients, DomainName, options);
  const look = async () => (await clients.acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate!;
  for (const { ResourceRecord } of (await look()).DomainValidationOptions!) {
    const { Name, Type, Value } = ResourceRecord!;
    await putRecord(clients, zoneId, { Name, Type, TTL: 60, ResourceRecords: [{ Value }] });
  }
  await eventually(`the certificate of ${DomainName} is issued`, async () =>
    (await look()).Status === 'ISSUED' ? true : undefined,
  );
  return CertificateArn;
}

/** Imports a certificate with its key and chain, anew or again. Resolves to its ARN. */
export async function importCertificate(
  { acm }: Clients,
  leaf: Pick<ForeignLeaf, 'certificatePem' | 'keyPem'> & Partial<Pick<ForeignLeaf, 'chainPem'>>,
  arn?: string,
): Promise<string> {
  const { CertificateArn } = await acm.send(
    new ImportCertificateCommand({
      CertificateArn: arn,
      Certificate: Buffer.from(leaf.certificatePem),
      PrivateKey: Buffer.from(leaf.keyPem),
      CertificateChain: leaf.chainPem === undefined ? undefined : Buffer.from(leaf.chainPem),
    }),
  );
  return CertificateArn!;
}

export interface MadeDomain {
  readonly regionalName: string;
  readonly hostedZoneId: string;
}

export async function createDomain(
  { gateway }: Clients,
  DomainName: string,
  CertificateArn: string,
): Promise<MadeDomain> {
  const created = await gateway.send(
    new CreateDomainNameCommand({ DomainName, DomainNameConfigurations: [{ CertificateArn }] }),
  );
  const { ApiGatewayDomainName, HostedZoneId } = created.DomainNameConfigurations![0]!;
  return { regionalName: ApiGatewayDomainName!, hostedZoneId: HostedZoneId! };
}

/** The record that leads a name to its Regional name. */
export function aliasRecord(Name: string, { regionalName, hostedZoneId }: MadeDomain, Type: 'A' | 'AAAA' = 'A') {
  return {
    Name,
    Type,
    AliasTarget: { HostedZoneId: hostedZoneId, DNSName: regionalName, EvaluateTargetHealth: false },
  };
}

/** Resolves to the mapping's id. */
export async function mapDomain(
  { gateway }: Clients,
  DomainName: string,
  ApiMappingKey: string,
  { apiId: ApiId, stage: Stage }: { apiId: string; stage: string },
): Promise<string> {
  const mapping = await gateway.send(new CreateApiMappingCommand({ DomainName, ApiMappingKey, ApiId, Stage }));
  return mapping.ApiMappingId!;
}
