// GetCertificate: the certificate and its chain as PEM text, never the key.

import type { Operation } from '../operation.ts';
import { certificatePems } from './certificate-pems.ts';
import { findCertificate } from './find-certificate.ts';

export const getCertificate: Operation<'acm', 'GetCertificate'> = async (input, request, { store }) => ({
  ...(await certificatePems(store, await findCertificate(store.view, request, input.CertificateArn))),
});
