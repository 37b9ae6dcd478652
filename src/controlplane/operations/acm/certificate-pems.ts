// An issued certificate as the PEM texts of GetCertificate and ExportCertificate: the leaf, and what certifies it.

import type { Certificate } from '../../../model/certificate.ts';
import { assert, Fault } from '../../../model/faults.ts';
import type { Store } from '../../../store/contract.ts';

const END = '-----END CERTIFICATE-----\n';

export interface CertificatePems {
  readonly Certificate: string;
  /** Undefined for a certificate that was imported without one. */
  readonly CertificateChain: string | undefined;
}

/** Throws RequestInProgressException while the certificate is still to be issued, ValidationException when it never will be. */
export async function certificatePems(store: Store, certificate: Certificate): Promise<CertificatePems> {
  const { arn, account, status, failureReason, issued } = certificate;
  if (status === 'PENDING_VALIDATION') {
    throw new Fault('RequestInProgressException', `Certificate ${arn} in account ${account} not yet issued`);
  }
  if (!issued) {
    const why = failureReason === undefined ? status : `${status}, ${failureReason}`;
    throw new Fault('ValidationException', `Certificate ${arn} was never issued (${why}). Request another one.`);
  }
  const chain = await store.chainOf(issued.keyPairReference);
  assert(chain !== undefined, 'what is issued has its chain');
  const end = chain.indexOf(END) + END.length;
  return { Certificate: chain.slice(0, end), CertificateChain: chain.slice(end) || undefined };
}
