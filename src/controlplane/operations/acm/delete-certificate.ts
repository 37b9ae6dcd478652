// DeleteCertificate: refused while a custom domain name uses it; its key goes with it.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findCertificate, usersOf } from './find-certificate.ts';

export const deleteCertificate: Operation<'acm', 'DeleteCertificate'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    if ((await usersOf(transaction, certificate, 1)).length > 0) {
      throw new Fault(
        'ResourceInUseException',
        `Certificate ${certificate.arn} in account ${certificate.account} is in use.`,
      );
    }
    if (certificate.issued) transaction.removeKeyPair(certificate.issued.keyPairReference);
    transaction.remove('certificate', certificate.id);
  });
