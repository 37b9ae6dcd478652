// What an account has, as whoever explains a connection asks for it: questions across kinds, each answered by a few look-ups of an
// index, never by reading all there is. Certificates are asked about in certificate-records.ts.

import { reference } from '../model/kinds.ts';
import type { Store } from './contract.ts';

const STAGES_LOOKED_AT = 100;

export function createAccountRecords({ view }: Store) {
  return {
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
      const rows = await view.belonging('domain-name', account, { after, limit });
      return rows.map((row) => row.domainName);
    },
  };
}
