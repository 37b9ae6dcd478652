// ResendValidationEmail: says that the mail about one name is to be sent once more, during the first validation or a renewal
// (custom-domains 5.8). The reconciler sends it.

import type { Certificate, DomainValidation } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import type { ResendValidationEmailRequest } from '../../../protocol/wire/shapes-acm.ts';
import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';
import { methodOf, provenName } from './validation-output.ts';

export const resendValidationEmail: Operation<'acm', 'ResendValidationEmail'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    checkState(certificate);
    if (certificate.status === 'PENDING_VALIDATION') {
      const validations = mailedAnew(certificate.validations, input);
      transaction.put('certificate', { ...certificate, validations });
      return;
    }
    const renewal = certificate.renewal!;
    const validations = mailedAnew(renewal.validations, input);
    transaction.put('certificate', { ...certificate, renewal: { ...renewal, validations } });
  });

function checkState(certificate: Certificate): void {
  const { arn, status, renewal, type } = certificate;
  const isWaiting =
    status === 'PENDING_VALIDATION' || (status === 'ISSUED' && renewal?.status.startsWith('PENDING') === true);
  if (type !== 'IMPORTED' && methodOf(certificate) === 'EMAIL' && isWaiting) return;
  const problem =
    type === 'IMPORTED'
      ? 'it was imported'
      : methodOf(certificate) !== 'EMAIL'
        ? 'it is validated by DNS'
        : `it does not wait for an approval, its status is ${status}`;
  throw new Fault('InvalidStateException', `No mail is sent about certificate ${arn}: ${problem}.`);
}

/** The validations, with that one to be mailed about again. */
function mailedAnew(
  validations: readonly DomainValidation[],
  { Domain, ValidationDomain }: ResendValidationEmailRequest,
): DomainValidation[] {
  const [domain, mailed] = [Domain.toLowerCase(), provenName(ValidationDomain.toLowerCase())];
  const wanted = validations.find((one) => one.domainName === domain && provenName(one.validationDomain) === mailed);
  if (!wanted) {
    const pairs = validations.map((one) => `${one.domainName} by mail to ${one.validationDomain}`).join(', ');
    throw new Fault(
      'InvalidDomainValidationOptionsException',
      `The certificate does not validate '${Domain}' by mail to '${ValidationDomain}', but ${pairs}.`,
    );
  }
  if (wanted.status !== 'PENDING_VALIDATION') {
    throw new Fault('InvalidStateException', `The validation of '${Domain}' is over: ${wanted.status}.`);
  }
  return validations.map((one) => {
    if (one !== wanted) return one;
    const { mailedAtMs: _mailed, ...unsent } = one;
    return unsent;
  });
}
