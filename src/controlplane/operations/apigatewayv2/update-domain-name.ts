// UpdateDomainName: members left out keep their value; the Regional name and its zone never change (custom-domains 1.12). The
// next full handshake is served by the new certificate; no open socket notices.

import type { DomainName } from '../../../model/domain-name.ts';
import type { Operation } from '../operation.ts';
import { checkCertificate } from './certificate-checks.ts';
import { domainNameOutput } from './domain-name-output.ts';
import { checkConfiguration } from './domain-name-rules.ts';
import { findDomainName } from './find.ts';

export const updateDomainName: Operation<'apigatewayv2', 'UpdateDomainName'> = async (
  input,
  request,
  { store, clock },
) =>
  store.transact(async (transaction) => {
    const old = await findDomainName(transaction, request, input.DomainName);
    const configuration = checkConfiguration({
      ...input,
      DomainNameConfigurations: input.DomainNameConfigurations ?? [{ CertificateArn: old.certificateArn }],
    });
    const arn = configuration.CertificateArn ?? old.certificateArn;
    const { arn: certificateArn } =
      arn === old.certificateArn
        ? { arn }
        : await checkCertificate(transaction, request, old.domainName, arn, clock.now());
    const domain: DomainName = {
      ...old,
      certificateArn,
      ipAddressType: configuration.IpAddressType ?? old.ipAddressType,
      routingMode: input.RoutingMode ?? old.routingMode,
    };
    transaction.put('domain-name', domain);
    return domainNameOutput(domain);
  });
