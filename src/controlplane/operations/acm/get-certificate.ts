// GetCertificate: the certificate and its chain as PEM text, never the key.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';

export const getCertificate: Operation<'acm', 'GetCertificate'> = async (input, request, { store }) => {
  const certificate = await findCertificate(store.view, request, input.CertificateArn);
  if (!certificate.issued) {
    throw new Fault(
      'RequestInProgressException',
      `Certificate ${certificate.arn} in account ${certificate.account} not yet issued`,
    );
  }
  return { Certificate: certificate.issued.certificatePem, CertificateChain: certificate.issued.chainPem };
};
