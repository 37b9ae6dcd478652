// A VPC link: a name under which the operator of the server put private targets, for the integrations of one account.

import type { Entity } from './entity.ts';

export interface VpcLink extends Entity {
  readonly vpcLinkId: string;
  /** What the operator's targets are found by; several links of an account may have the same. */
  readonly name: string;
  /** Kept, and of no effect. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  readonly createdAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Targets by this: `HOST:PORT`, in the operator's order. */
export type VpcLinkTargets = Readonly<Record<string, readonly string[]>>;

/** How the operator names the targets of a link. */
export function vpcLinkTargetsName({ account, name }: Pick<VpcLink, 'account' | 'name'>): string {
  return `${account}/${name}`;
}
