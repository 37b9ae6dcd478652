// Looking a certificate up for its owner: another account's or region's does not exist.

import { parseArn } from '../../../model/arn.ts';
import type { Certificate } from '../../../model/certificate.ts';
import { Fault, type ControlFaultCode } from '../../../model/faults.ts';
import type { View } from '../../../store/contract.ts';
import type { OperationRequest } from '../operation.ts';

/** `malformed` is what the operation calls an ARN that is none of a certificate. */
export async function findCertificate(
  view: View,
  request: OperationRequest,
  arn: string,
  malformed: ControlFaultCode = 'InvalidArnException',
): Promise<Certificate> {
  const { account } = request.caller;
  const parsed = parseArn(arn);
  if (parsed?.service !== 'acm' || !parsed.resource.startsWith('certificate/')) {
    throw new Fault(malformed, `The ARN '${arn.slice(0, 256)}' is not that of a certificate.`);
  }
  const certificate = await view.get('certificate', arn);
  if (certificate?.account !== account || certificate.region !== request.region) {
    throw new Fault('ResourceNotFoundException', `Certificate with arn ${arn} not found in account ${account}`);
  }
  return certificate;
}

/** Names of the custom domain names that use the certificate. */
export async function usersOf(view: View, certificate: Certificate, limit?: number): Promise<string[]> {
  const domains = await view.referring(
    'domain-name',
    `certificate:${certificate.arn}`,
    limit === undefined ? {} : { limit },
  );
  return domains.map((domain) => domain.domainName);
}
