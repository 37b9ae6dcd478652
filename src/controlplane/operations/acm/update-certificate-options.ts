// UpdateCertificateOptions: the preference about transparency logs, and the move of a certificate from validation by mail to DNS
// (custom-domains 5.8). Whether a certificate can be exported is decided when it is requested.

import type { Certificate } from '../../../model/certificate.ts';
import { Fault } from '../../../model/faults.ts';
import type { CertificateOptions } from '../../../protocol/wire/shapes-acm.ts';
import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';
import { methodOf } from './validation-output.ts';

export const updateCertificateOptions: Operation<'acm', 'UpdateCertificateOptions'> = async (input, request, world) =>
  world.store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    checkOptions(certificate, input.Options);
    const { CertificateTransparencyLoggingPreference: preference, ValidationMethod: method } = input.Options;
    // A move that nobody proved in time can be tried again.
    const isMoved = method === 'DNS' && (methodOf(certificate) === 'EMAIL' || certificate.methodUpdate === 'FAILED');
    if (isMoved) checkMovable(certificate);
    transaction.put('certificate', {
      ...certificate,
      transparencyLogging: preference ?? certificate.transparencyLogging,
      ...(isMoved && {
        validationMethod: 'DNS',
        methodUpdate: 'PENDING_DOMAIN_VALIDATION',
        methodUpdateAtMs: world.clock.now(),
      }),
    });
  });

function invalid(arn: string, problem: string): Fault {
  return new Fault('ValidationException', `The options of certificate ${arn} cannot be updated: ${problem}.`);
}

function checkOptions(certificate: Certificate, options: CertificateOptions): void {
  const { arn, exportOption } = certificate;
  const { CertificateTransparencyLoggingPreference: preference, Export, ValidationMethod: method } = options;
  if (certificate.type === 'IMPORTED') throw invalid(arn, 'it was imported');
  if (preference === undefined && Export === undefined && method === undefined) throw invalid(arn, 'none was given');
  if (Export !== undefined && Export !== exportOption) {
    throw invalid(arn, `Export stays ${exportOption}, as it was requested`);
  }
  if (method !== undefined && method !== 'DNS' && method !== methodOf(certificate)) {
    throw invalid(arn, `the validation method can be changed from EMAIL to DNS alone, not to ${method}`);
  }
}

function checkMovable({ arn, status }: Certificate): void {
  if (status === 'PENDING_VALIDATION' || status === 'ISSUED') return;
  throw new Fault(
    'InvalidStateException',
    `The validation method of certificate ${arn} cannot be changed: its status is ${status}.`,
  );
}
