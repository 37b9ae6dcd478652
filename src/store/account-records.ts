// What an account has, as whoever explains a connection asks for it: questions across kinds, each answered by a few look-ups of an
// index, never by reading all there is.

import type { Certificate, CertificateProgress } from '../model/certificate.ts';
import { reference } from '../model/kinds.ts';
import type { Store } from './contract.ts';

const STAGES_LOOKED_AT = 100;
const ROWS_AT_ONCE = 500;

export function createAccountRecords(store: Store) {
  const { view } = store;

  /** Names that would cover the host in a certificate. */
  const covering = (host: string) => [host, `*${host.slice(host.indexOf('.'))}`];

  async function describe(certificate: Certificate) {
    const { arn, region, status, type, issued, validations } = certificate;
    const waiting = validations.filter((validation) => validation.status === 'PENDING_VALIDATION');
    const progress =
      waiting.length === 0 ? undefined : ((await store.noted('certificate', arn)) as CertificateProgress | undefined);
    return {
      arn,
      region,
      status,
      isImported: type === 'IMPORTED',
      notAfterMs: issued?.notAfterMs,
      pending: waiting.map(({ domainName, recordName, recordValue }) => {
        const look = progress?.names.find((one) => one.domainName === domainName);
        const lastLook =
          progress &&
          look &&
          `${look.lookedUp}, asked ${look.server}: ${look.found}; next try ${new Date(progress.nextTryAtMs).toISOString()}`;
        return { recordName, recordValue, lastLook };
      }),
    };
  }

  return {
    async certificatesFor(account: string, host: string) {
      const found = await Promise.all(
        covering(host).map((name) => view.referring('certificate', reference.certificateName(name))),
      );
      const own = new Map(found.flat().flatMap((one) => (one.account === account ? [[one.arn, one] as const] : [])));
      return Promise.all([...own.values()].map(describe));
    },

    async stagesOf(account: string, region: string) {
      const apis = await view.owned('api', account, region, { limit: STAGES_LOOKED_AT });
      const stages = await Promise.all(
        apis.filter((api) => api.protocolType === 'WEBSOCKET').map((api) => view.children('stage', api.apiId)),
      );
      const rank = (stage: { deploymentId?: string }) => (stage.deploymentId === undefined ? 1 : 0);
      return stages
        .flat()
        .sort((a, b) => rank(a) - rank(b))
        .map(({ apiId, stageName: stage }) => ({ apiId, stage }));
    },

    async mappedAt(apiId: string) {
      const [mapping] = await view.referring('api-mapping', reference.api(apiId), { limit: 1 });
      return mapping && `${mapping.domainName}/${mapping.apiMappingKey}`;
    },

    async domainsOf(account: string, after: string, limit: number) {
      const names: string[] = [];
      for (let from = after; names.length < limit;) {
        const rows = await view.all('domain-name', { after: from, limit: ROWS_AT_ONCE });
        names.push(...rows.filter((row) => row.account === account).map((row) => row.domainName));
        if (rows.length < ROWS_AT_ONCE) break;
        from = rows.at(-1)!.id;
      }
      return names.slice(0, limit);
    },
  };
}
