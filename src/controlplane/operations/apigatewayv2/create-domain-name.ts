// CreateDomainName: a registered name with its own certificate (custom-domains 1). It answers as soon as this returns.

import type { DomainName } from '../../../model/domain-name.ts';
import { regionalZoneId } from '../regional-zone.ts';
import type { Operation } from '../operation.ts';
import { checkCertificate } from './certificate-checks.ts';
import { domainNameOutput } from './domain-name-output.ts';
import { checkConfiguration, checkDomainName, checkIsFree } from './domain-name-rules.ts';
import { drawRegionalName } from './regional-names.ts';
import { checkTags } from './tag-rules.ts';

export const createDomainName: Operation<'apigatewayv2', 'CreateDomainName'> = async (input, request, world) => {
  const name = checkDomainName(input.DomainName, world.endpoints.suffix);
  const configuration = checkConfiguration(input);
  checkTags('domain-name', input.Tags);
  return world.store.transact(async (transaction) => {
    await checkIsFree(transaction, request, name, world.identities());
    const certificate = await checkCertificate(
      transaction,
      request,
      name,
      configuration.CertificateArn,
      world.clock.now(),
    );
    const domain: DomainName = {
      id: name,
      account: request.caller.account,
      region: request.region,
      domainName: name,
      certificateArn: certificate.arn,
      regionalDomainName: await drawRegionalName(
        transaction,
        `execute-api.${request.region}.${world.endpoints.suffix}`,
      ),
      hostedZoneId: regionalZoneId(request.region),
      ipAddressType: configuration.IpAddressType ?? 'ipv4',
      routingMode: input.RoutingMode ?? 'API_MAPPING_ONLY',
      tags: input.Tags ?? {},
    };
    transaction.put('domain-name', domain);
    return domainNameOutput(domain);
  });
};
