// Which certificates a list shows, and in which order (custom-domains 5.6). A list is named by all that decides it, so that a
// token of another list is refused.

import type { Certificate } from '../../../model/certificate.ts';
import type { ListCertificatesRequest } from '../../../protocol/wire/shapes-acm.ts';
import { usagesOf } from './certificate-output.ts';

/** Without a word about key types, AWS shows these alone. */
const KEY_TYPES_DEFAULT = ['RSA_1024', 'RSA_2048'];
const ORIGINS_DEFAULT = ['AWS_MANAGED', 'CUSTOMER_PROVIDED'];

type Selection = Pick<
  ListCertificatesRequest,
  'CertificateStatuses' | 'CertificateKeyPairOrigins' | 'Includes' | 'SortBy' | 'SortOrder'
>;

/** Values of one filter are alternatives; several filters must all hold. */
export function certificateFilter(selection: Selection): (certificate: Certificate) => boolean {
  const { CertificateStatuses: statuses, CertificateKeyPairOrigins: origins = ORIGINS_DEFAULT } = selection;
  const {
    keyTypes = KEY_TYPES_DEFAULT,
    keyUsage,
    extendedKeyUsage,
    exportOption,
    managedBy,
  } = selection.Includes ?? {};
  const holds = (wanted: readonly string[] | undefined, has: readonly (string | undefined)[]) =>
    wanted === undefined || has.some((one) => one !== undefined && wanted.includes(one));
  return (certificate) => {
    const { keyUsages, extended } = usagesOf(certificate);
    return (
      holds(keyTypes, [certificate.keyAlgorithm]) &&
      holds(statuses, [certificate.status]) &&
      holds(origins, [certificate.imported ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED']) &&
      holds(keyUsage, keyUsages) &&
      holds(
        extendedKeyUsage,
        extended.map(({ Name }) => Name),
      ) &&
      holds(exportOption && [exportOption], [certificate.exportOption]) &&
      // No other service manages certificates here.
      managedBy === undefined
    );
  };
}

/** The name of the list, for its tokens: the same selection in other words of the caller's has the same. */
export function listName(account: string, region: string, selection: Selection): string {
  const { CertificateStatuses: statuses, CertificateKeyPairOrigins: origins, Includes = {} } = selection;
  const sets = [
    statuses,
    origins,
    Includes.keyTypes,
    Includes.keyUsage,
    Includes.extendedKeyUsage,
    Includes.exportOption && [Includes.exportOption],
    Includes.managedBy && [Includes.managedBy],
  ].map((set) => (set === undefined ? null : [...new Set(set)].sort()));
  return JSON.stringify(['certificates', account, region, sets, selection.SortBy ?? null, selection.SortOrder ?? null]);
}
