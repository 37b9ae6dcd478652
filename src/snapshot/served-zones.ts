// One name, one served zone. Any account may create any zone; which of them answers, and why, is decided here: in order of
// creation, a zone is served unless its name is served already, or the nearest served zone above it is another account's and does
// not delegate to it. What the operator decided comes before all that, the latest decision first.

import { isWithinZone, type HostedZone } from '../model/hosted-zone.ts';

export interface Serving {
  readonly isServed: boolean;
  /** Words for the zone's account: nothing of another one's is in them. */
  readonly reason: string;
  /** The zone of another account that has the name: for the operator alone. */
  readonly rivalId?: string;
}

/** What is known beside the zones that are decided about. */
export interface Surroundings {
  /** True when the zone has an NS record set at `name`. */
  delegates(zoneId: string, name: string): boolean;
  /** The zone that is served at a name above all of those that are decided about. */
  servedAbove?(name: string): HostedZone | undefined;
  /** At and below this name (lower case, trailing dot) nobody's zone is served unless the operator decided so: those are the server's own. */
  readonly reserved?: string | undefined;
}

/**
 * Whether a zone is served depends on zones of its name and of names above alone. So those of a part of the tree can be decided about
 * by themselves, when it is known who is served above.
 */
export function decideServing(
  zones: Iterable<HostedZone>,
  around: Surroundings,
): { byZone: ReadonlyMap<string, Serving>; byName: ReadonlyMap<string, HostedZone> } {
  const byZone = new Map<string, Serving>();
  const byName = new Map<string, HostedZone>();
  for (const zone of [...zones].sort(byClaim)) {
    const servedAt = (name: string) => {
      const above = byName.get(name) ?? around.servedAbove?.(name);
      // Whoever comes later stands in nobody's way.
      return above && byClaim(above, zone) < 0 ? above : undefined;
    };
    const refusal = isReserved(zone, around)
      ? { reason: `names at and below ${around.reserved} are the server's own` }
      : obstacle(zone, servedAt, around);
    const isServed = refusal === undefined;
    byZone.set(zone.id, { isServed, ...(refusal ?? { reason: decisionOn(zone) || 'first zone of its name' }) });
    if (isServed) byName.set(zone.name, zone);
  }
  return { byZone, byName };
}

/** The zone with the better claim comes first. A decision does not depend on what else there is, so that no later creation or deletion undoes it. */
function byClaim(a: HostedZone, b: HostedZone): number {
  return (b.chosenAtMs ?? 0) - (a.chosenAtMs ?? 0) || a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}

function isReserved({ name, chosenAtMs }: HostedZone, { reserved }: Surroundings): boolean {
  return reserved !== undefined && chosenAtMs === undefined && isWithinZone(name, reserved);
}

function decisionOn({ chosenAtMs }: HostedZone): string {
  return chosenAtMs === undefined ? '' : `decided by the operator on ${new Date(chosenAtMs).toISOString()}`;
}

function obstacle(
  zone: HostedZone,
  servedAt: (name: string) => HostedZone | undefined,
  { delegates }: Surroundings,
): Omit<Serving, 'isServed'> | undefined {
  const same = servedAt(zone.name);
  if (same) {
    const why = same.chosenAtMs === undefined ? ' already' : `, ${decisionOn(same)}`;
    if (same.account === zone.account) return { reason: `${zone.name} is served by ${same.id}${why}` };
    return { reason: `${zone.name} is served by a zone of another account${why}`, rivalId: same.id };
  }
  if (zone.chosenAtMs !== undefined) return undefined;
  // The nearest served zone above is the one that has the name; whatever lies higher has given it away already.
  const above = ancestors(zone.name)
    .map(servedAt)
    .find((one) => one !== undefined);
  if (above && above.account !== zone.account && !delegates(above.id, zone.name)) {
    const reason = `${above.name} is served by a zone of another account, which has no NS record set at ${zone.name}`;
    return { reason, rivalId: above.id };
  }
  return undefined;
}

/** `a.b.c.` → `b.c.`, `c.` */
export function ancestors(name: string): string[] {
  const labels = name.slice(0, -1).split('.');
  return labels.slice(1).map((_, position) => `${labels.slice(position + 1).join('.')}.`);
}
