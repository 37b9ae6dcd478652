// ListTagsForCertificate.

import type { Operation } from '../operation.ts';
import { findCertificate } from './find-certificate.ts';

export const listTagsForCertificate: Operation<'acm', 'ListTagsForCertificate'> = async (input, request, { store }) => {
  const { tags } = await findCertificate(store.view, request, input.CertificateArn);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
};
