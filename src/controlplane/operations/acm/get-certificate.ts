// GetCertificate: the certificate and its chain as PEM text, never the key.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';

const END = '-----END CERTIFICATE-----\n';

export const getCertificate: Operation<'acm', 'GetCertificate'> = async (input, request, { store }) => {
  const certificate = await findCertificate(store.view, request, input.CertificateArn);
  const chain = certificate.issued && (await store.chainOf(certificate.issued.keyPairReference));
  if (chain === undefined) {
    throw new Fault(
      'RequestInProgressException',
      `Certificate ${certificate.arn} in account ${certificate.account} not yet issued`,
    );
  }
  const end = chain.indexOf(END) + END.length;
  return { Certificate: chain.slice(0, end), CertificateChain: chain.slice(end) || undefined };
};
