// ListCertificates: without a key type filter only RSA certificates are shown, as in AWS (custom-domains 5.6).

import { Fault } from '../../../model/faults.ts';
import type { Certificate } from '../../../model/certificate.ts';
import { limit } from '../../../settings/limits.ts';
import { refuseUnavailable } from '../not-available.ts';
import type { Operation } from '../operation.ts';
import { decodeToken, encodeToken } from '../paging.ts';
import { certificateSummary } from './certificate-output.ts';
import { usersOf } from './find-certificate.ts';

const KEY_TYPES_DEFAULT = ['RSA_1024', 'RSA_2048'];

export const listCertificates: Operation<'acm', 'ListCertificates'> = async (input, { caller, region }, { store }) => {
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
    throw new Fault('ValidationException', 'SortBy and SortOrder must be given together.');
  }
  refuseUnavailable('ListCertificates', {
    SortBy: input.SortBy,
    'Includes.extendedKeyUsage': input.Includes?.extendedKeyUsage,
    'Includes.keyUsage': input.Includes?.keyUsage,
    'Includes.exportOption': input.Includes?.exportOption,
    'Includes.managedBy': input.Includes?.managedBy,
  });
  const keyTypes: readonly string[] = input.Includes?.keyTypes ?? KEY_TYPES_DEFAULT;
  const isWanted = (certificate: Certificate) =>
    keyTypes.includes(certificate.keyAlgorithm) &&
    (input.CertificateStatuses === undefined || input.CertificateStatuses.includes(certificate.status)) &&
    (input.CertificateKeyPairOrigins === undefined ||
      input.CertificateKeyPairOrigins.includes(certificate.imported ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED'));

  const list = `certificates/${caller.account}/${region}`;
  const size = input.MaxItems ?? limit('certificatesPageSizeMax');
  let after = input.NextToken === undefined ? '' : decodeToken(list, input.NextToken, 'ValidationException');
  const found: Certificate[] = [];
  // Filters thin the rows out, so pages of rows are read until the page of certificates is full (and one more is known).
  for (;;) {
    const rows = await store.view.owned('certificate', caller.account, region, { after, limit: size + 1 });
    found.push(...rows.filter(isWanted));
    if (rows.length <= size || found.length > size) break;
    after = rows.at(-1)!.id;
  }
  const page = found.slice(0, size);
  return {
    CertificateSummaryList: await Promise.all(
      page.map(async (certificate) =>
        certificateSummary(certificate, (await usersOf(store.view, certificate, 1)).length > 0),
      ),
    ),
    NextToken: found.length > size ? encodeToken(list, page.at(-1)!.id) : undefined,
  };
};
