// DescribeCertificate.

import type { Operation } from '../operation.ts';
import { certificateDetail } from './certificate-output.ts';
import { findCertificate, usersOf } from './find-certificate.ts';

export const describeCertificate: Operation<'acm', 'DescribeCertificate'> = async (input, request, { store }) => {
  const certificate = await findCertificate(store.view, request, input.CertificateArn);
  return { Certificate: certificateDetail(certificate, await usersOf(store.view, certificate)) };
};
