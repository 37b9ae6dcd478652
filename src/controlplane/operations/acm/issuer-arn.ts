// The configured issuers in ACM's words: `CertificateAuthorityArn` names one of them, as an authority of the caller's own.

import { formatArn, parseArn } from '../../../model/arn.ts';
import { Fault } from '../../../model/faults.ts';
import type { IssuerNames, OperationRequest } from '../operation.ts';

const SERVICE = 'acm-pca';
const RESOURCE = 'certificate-authority/';

export function issuerArn(name: string, region: string, account: string): string {
  return formatArn(SERVICE, region, account, `${RESOURCE}${name}`);
}

/** The name of the issuer that an ARN means. Throws InvalidArnException, with the names that there are. */
export function issuerNamed(arn: string, { caller, region }: OperationRequest, { names }: IssuerNames): string {
  const parsed = parseArn(arn);
  const isOwn = parsed?.account === caller.account && parsed.region === region && parsed.service === SERVICE;
  const name = isOwn && parsed.resource.startsWith(RESOURCE) ? parsed.resource.slice(RESOURCE.length) : '';
  if (names.includes(name)) return name;
  const there = names.map((one) => issuerArn(one, region, caller.account)).join(', ');
  throw new Fault(
    'InvalidArnException',
    `The ARN '${arn.slice(0, 256)}' is not that of an issuer of this account and region; there are: ${there}.`,
  );
}
