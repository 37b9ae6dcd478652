// One name, one served zone. Any account may create any zone; which of them answers, and why, is decided here: in order of
// creation, a zone is served unless its name is served already, or the nearest served zone above it is another account's and does
// not delegate to it. What the operator decided comes before all that, the latest decision first.

import { isWithinZone, type HostedZone } from '../model/hosted-zone.ts';

export interface Serving {
  readonly isServed: boolean;
  /** Words for the operator. */
  readonly reason: string;
}

/**
 * `delegates(zoneId, name)`: the zone has an NS record set at `name`. At and below `reserved` (lower case, trailing dot) nobody's zone is
 * served unless the operator decided so: those names are the server's own.
 */
export function decideServing(
  zones: Iterable<HostedZone>,
  delegates: (zoneId: string, name: string) => boolean,
  reserved?: string,
): { byZone: ReadonlyMap<string, Serving>; byName: ReadonlyMap<string, HostedZone> } {
  const byZone = new Map<string, Serving>();
  const byName = new Map<string, HostedZone>();
  const inOrder = [...zones].sort(byClaim);
  for (const zone of inOrder) {
    const isReserved = reserved !== undefined && zone.chosenAtMs === undefined && isWithinZone(zone.name, reserved);
    const reason = isReserved
      ? `names at and below ${reserved} are the server's own`
      : obstacle(zone, byName, delegates);
    byZone.set(zone.id, {
      isServed: reason === undefined,
      reason: reason ?? (decisionOn(zone) || 'first zone of its name'),
    });
    if (reason === undefined) byName.set(zone.name, zone);
  }
  return { byZone, byName };
}

/** A decision does not depend on what else there is, so that no later creation or deletion undoes it. */
function byClaim(a: HostedZone, b: HostedZone): number {
  return (b.chosenAtMs ?? 0) - (a.chosenAtMs ?? 0) || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}

function decisionOn({ chosenAtMs }: HostedZone): string {
  return chosenAtMs === undefined ? '' : `decided by the operator on ${new Date(chosenAtMs).toISOString()}`;
}

function obstacle(
  zone: HostedZone,
  byName: ReadonlyMap<string, HostedZone>,
  delegates: (zoneId: string, name: string) => boolean,
): string | undefined {
  const same = byName.get(zone.name);
  if (same)
    return `${zone.name} is served by ${same.id}${same.chosenAtMs === undefined ? ' already' : `, ${decisionOn(same)}`}`;
  if (zone.chosenAtMs !== undefined) return undefined;
  // The nearest served zone above is the one that has the name; whatever lies higher has given it away already.
  const above = ancestors(zone.name)
    .map((name) => byName.get(name))
    .find((one) => one !== undefined);
  if (above && above.account !== zone.account && !delegates(above.id, zone.name)) {
    return `${above.name} is served by ${above.id} of another account, which has no NS record set at ${zone.name}`;
  }
  return undefined;
}

/** `a.b.c.` → `b.c.`, `c.` */
export function ancestors(name: string): string[] {
  const labels = name.slice(0, -1).split('.');
  return labels.slice(1).map((_, position) => `${labels.slice(position + 1).join('.')}.`);
}
