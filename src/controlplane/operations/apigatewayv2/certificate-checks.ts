// May this certificate serve this name? AWS's checks in AWS's order, each with its own text (custom-domains 1.8). Used by
// CreateDomainName and UpdateDomainName.

import type { Certificate } from '../../../model/certificate.ts';
import { isCoveredBy } from '../../../model/domain-name.ts';
import { parseArn } from '../../../model/arn.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';
import { badRequest } from './find.ts';

export async function checkCertificate(
  view: View,
  request: OperationRequest,
  domainName: string,
  arn: string | undefined,
  nowMs: number,
): Promise<Certificate> {
  const { account } = request.caller;
  const parsed = parseArn(arn ?? '');
  if (arn === undefined || parsed?.service !== 'acm') throw badRequest(`Invalid certificate ARN: ${arn ?? ''}.`);
  if (parsed.region !== request.region) {
    throw badRequest(`Invalid certificate ARN: ${arn}. Certificate must be in '${request.region}'.`);
  }
  if (parsed.account !== account)
    throw badRequest('The certificate provided must be owned by the account creating the domain.');
  const certificate = await view.get('certificate', arn);
  if (!certificate) throw badRequest('The provided certificate does not exist.');
  if (!certificate.issued) {
    throw badRequest(
      `Certificate ${arn} in account ${account} not yet issued (Service: AWSCertificateManager; Status Code: 400; ` +
        `Error Code: RequestInProgressException; Request ID: ${request.requestId}; Proxy: null)`,
    );
  }
  if (!isCoveredBy(domainName, certificate.subjectAlternativeNames)) {
    throw badRequest('The domain name to be created is not covered by the provided certificate.');
  }
  // What ACM issued was validated by DNS or email; whoever imports a certificate has shown nothing about the hosts below a name.
  if (domainName.startsWith('*.') && certificate.type !== 'AMAZON_ISSUED') {
    throw badRequest(
      `The wildcard domain name ${domainName} needs a certificate that ACM issued and that was validated by DNS or email; ${arn} is imported.`,
    );
  }
  if (certificate.status === 'EXPIRED' || certificate.issued.notAfterMs <= nowMs) {
    throw badRequest(`The certificate ${arn} expired at ${new Date(certificate.issued.notAfterMs).toISOString()}.`);
  }
  return certificate;
}
