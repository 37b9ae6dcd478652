// ListCertificates: the caller's certificates in this region, filtered and in order (custom-domains 5.6).

import { Fault } from '../../../model/faults.ts';
import { limit } from '../../../settings/limits.ts';
import type { Operation } from '../operation.ts';
import { decodeToken, encodeToken } from '../paging.ts';
import { certificateFilter, listName } from './certificate-filter.ts';
import { certificateSummary } from './certificate-output.ts';
import { usersOf } from './find-certificate.ts';
import { creationPlace, readByCreation, readById } from './read-certificates.ts';

export const listCertificates: Operation<'acm', 'ListCertificates'> = async (input, { caller, region }, { store }) => {
  if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
    throw new Fault('ValidationException', 'SortBy and SortOrder must be given together.');
  }
  const { view } = store;
  const { account } = caller;
  const list = listName(account, region, input);
  const size = input.MaxItems ?? limit('certificatesPageSizeMax');
  const after = input.NextToken === undefined ? '' : decodeToken(list, input.NextToken, 'ValidationException');
  const isWanted = certificateFilter(input);
  // One more than the page, to know whether there is more.
  const wanted = { view, account, region, isWanted, limit: size + 1, after };
  const order = input.SortOrder;
  const found = order === undefined ? await readById(wanted) : await readByCreation(wanted, order);
  const page = found.slice(0, size);
  const last = page.at(-1);
  return {
    CertificateSummaryList: await Promise.all(
      page.map(async (certificate) =>
        certificateSummary(certificate, (await usersOf(view, certificate, 1)).length > 0),
      ),
    ),
    NextToken:
      last && found.length > size ? encodeToken(list, order === undefined ? last.id : creationPlace(last)) : undefined,
  };
};
