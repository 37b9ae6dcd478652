// The certificates of an account as its operator sees them: the row, the note of the work on it, who uses it; and the one act that
// the operator's surface has, renewing one now. What becomes of the row is the reconciler's.

import type { Certificate, CertificateProgress, CertificateStatus, DomainValidation } from '../model/certificate.ts';
import { reference } from '../model/kinds.ts';
import type { Store } from './contract.ts';

export type RenewalStart = 'begun' | 'absent' | 'imported' | CertificateStatus;

export function createCertificateRecords(store: Store) {
  const { view } = store;

  async function describe(certificate: Certificate) {
    const progress = isWorkedOn(certificate)
      ? ((await store.noted('certificate', certificate.arn)) as CertificateProgress | undefined)
      : undefined;
    return { certificate, progress };
  }

  return {
    async certificatesFor(account: string, host: string) {
      const found = await Promise.all(
        covering(host).map((name) => view.referring('certificate', reference.certificateName(name))),
      );
      const own = new Map(found.flat().flatMap((one) => (one.account === account ? [[one.arn, one] as const] : [])));
      return Promise.all([...own.values()].map(describe));
    },

    async certificatesOf(account: string, after: string, limit: number) {
      return Promise.all((await view.belonging('certificate', account, { after, limit })).map(describe));
    },

    async certificate(account: string, arn: string) {
      const found = await view.get('certificate', arn);
      return found?.account === account ? describe(found) : undefined;
    },

    async usedBy(arn: string, limit: number) {
      const domains = await view.referring('domain-name', reference.certificate(arn), { limit });
      return domains.map(({ domainName }) => domainName);
    },

    chainOf: (keyPairReference: string) => store.chainOf(keyPairReference),

    /** Only what is issued and not imported can be: every other state is told instead, and nothing is changed. */
    renewNow(account: string, arn: string, nowMs: number): Promise<RenewalStart> {
      return store.transact(async (transaction) => {
        const current = await transaction.get('certificate', arn);
        if (current?.account !== account) return 'absent';
        if (current.type === 'IMPORTED') return 'imported';
        if (current.status !== 'ISSUED' || !current.issued) return current.status;
        transaction.put('certificate', {
          ...current,
          issued: { ...current.issued, renewAtMs: nowMs, reviewAtMs: nowMs },
          renewal: {
            status: 'PENDING_AUTO_RENEWAL',
            validations: current.validations.map(unproven),
            updatedAtMs: nowMs,
          },
        });
        return 'begun';
      });
    },
  };
}

/** Names that would cover the host in a certificate. */
function covering(host: string): readonly string[] {
  return [...new Set([host, `*${host.slice(host.indexOf('.'))}`])];
}

/** A note is left behind by work that is done; it counts while there is some. */
function isWorkedOn({ status, renewal, methodUpdate }: Certificate): boolean {
  const isRenewed = renewal !== undefined && renewal.status !== 'SUCCESS';
  return isRenewed || ['PENDING_VALIDATION', 'FAILED'].includes(status) || methodUpdate === 'PENDING_DOMAIN_VALIDATION';
}

/** As before its first look: a name is proven anew, and mail about it is sent again. */
function unproven(validation: DomainValidation): DomainValidation {
  const { domainName, validationDomain, recordName, recordValue } = validation;
  return { domainName, status: 'PENDING_VALIDATION', validationDomain, recordName, recordValue };
}
