// RemoveTagsFromCertificate: a tag that is given with a value goes only when it has that value; a key that is not there is no
// fault.

import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';

export const removeTagsFromCertificate: Operation<'acm', 'RemoveTagsFromCertificate'> = async (
  input,
  request,
  { store },
) =>
  store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    const kept = Object.entries(certificate.tags).filter(
      ([key, value]) => !input.Tags.some((tag) => tag.Key === key && (tag.Value ?? value) === value),
    );
    transaction.put('certificate', { ...certificate, tags: Object.fromEntries(kept) });
  });
