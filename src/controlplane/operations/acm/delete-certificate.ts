// DeleteCertificate: refused while a custom domain name uses it, with the names; its key goes with it.

import { Fault } from '../../../model/faults.ts';
import type { Operation } from '../operation.ts';
import { findCertificate, usersOf } from './find-certificate.ts';

const NAMED_MAX = 5;
/** A wildcard certificate may have very many: they are counted up to here. */
const COUNTED_MAX = 1_000;

export const deleteCertificate: Operation<'acm', 'DeleteCertificate'> = async (input, request, { store }) =>
  store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    const users = await usersOf(transaction, certificate, COUNTED_MAX);
    if (users.length > 0) {
      const { arn, account } = certificate;
      // AWS's sentence first: clients match it.
      const message = `Certificate ${arn} in account ${account} is in use. It is used by ${someOf(users)}.`;
      throw new Fault('ResourceInUseException', message);
    }
    if (certificate.issued) transaction.removeKeyPair(certificate.issued.keyPairReference);
    transaction.remove('certificate', certificate.id);
  });

function someOf(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX).join(', ');
  const others = names.length - NAMED_MAX;
  if (others <= 0) return named;
  return `${named} and ${names.length < COUNTED_MAX ? others : `at least ${others}`} more`;
}
