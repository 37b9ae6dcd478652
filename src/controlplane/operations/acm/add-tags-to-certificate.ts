// AddTagsToCertificate: adds tags, and replaces those of the same key.

import type { Operation } from '../operation.ts';
import { checkCertificateTags, checkTagCount, tagMap } from './certificate-tags.ts';
import { findCertificate } from './find-certificate.ts';

export const addTagsToCertificate: Operation<'acm', 'AddTagsToCertificate'> = async (input, request, { store }) => {
  checkCertificateTags(input.Tags);
  await store.transact(async (transaction) => {
    const certificate = await findCertificate(transaction, request, input.CertificateArn);
    const tags = { ...certificate.tags, ...tagMap(input.Tags) };
    checkTagCount(tags);
    transaction.put('certificate', { ...certificate, tags });
  });
};
