// VPC links at work: which pool of connections an integration of ConnectionType VPC_LINK is called over. A link is of the API's own
// account, whatever a stage variable says, and leads where the operator said.

import { refuse, type Refusal } from '../../model/faults.ts';
import { vpcLinkTargetsName, type VpcLink, type VpcLinkTargets } from '../../model/vpc-link.ts';
import { fillStageVariables } from '../../protocol/parameter-mapping.ts';
import type { IntegrationEvent } from './event-context.ts';
import type { HttpBackends } from './http-backends.ts';
import { parseTarget, type LinkTarget } from './link-connector.ts';

const STEP = 'integrate';

export interface VpcLinksOptions {
  readonly targets: VpcLinkTargets;
  /** By its id; undefined when there is none. */
  readonly linkOf: (vpcLinkId: string) => Pick<VpcLink, 'account' | 'name'> | undefined;
  /** A pool of its own for a link. */
  readonly open: (targets: readonly LinkTarget[]) => HttpBackends;
}

export interface VpcLinks {
  backendsOf(connectionId: string, event: IntegrationEvent): HttpBackends | Refusal;
  close(): Promise<void>;
}

export function createVpcLinks({ targets, linkOf, open }: VpcLinksOptions): VpcLinks {
  /** As many as the operator named, at most. */
  const pools = new Map<string, HttpBackends>();
  return {
    backendsOf(connectionId, { stageVariables, connection }) {
      const id = fillStageVariables(connectionId, stageVariables);
      const link = linkOf(id);
      if (link?.account !== connection.account) {
        const whose = `the account ${connection.account} has no VPC link '${id.slice(0, 64)}'`;
        return refuse('ConfigurationError', STEP, whose);
      }
      const name = vpcLinkTargetsName(link);
      const pool = pools.get(name);
      if (pool) return pool;
      const named = Object.hasOwn(targets, name) ? targets[name]! : [];
      if (named.length === 0) {
        const way = `start with --vpc-link ${name}=HOST:PORT`;
        return refuse('ConfigurationError', STEP, `the VPC link '${id}' has no targets: ${way}`);
      }
      const opened = open(named.map(parseTarget));
      pools.set(name, opened);
      return opened;
    },
    close: async () => void (await Promise.all([...pools.values()].map((pool) => pool.close()))),
  };
}
