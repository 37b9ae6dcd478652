// The pages about hosted zones: the caller's own, or all for an operator; and the operator's decision which zone of a name is served.

import type { HostedZone } from '../model/hosted-zone.ts';
import {
  jsonAnswer,
  queryOf,
  refused,
  requireOperator,
  requireSigned,
  textMember,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';
import { zonesOf, zoneState, zoneStates, type ZonesWorld } from './zones.ts';

export interface ZoneRequestsWorld extends ZonesWorld, SigningWorld {
  readonly nowMs: () => number;
}

/** A page of them behind `?after=`, or those that `?zone=` names: an id, or a name. */
export async function listZones(request: OperatorRequest, world: ZoneRequestsWorld): Promise<OperatorAnswer> {
  const account = requireSigned(request, world);
  const caller = { account, isOperator: world.identities().isOperator(account) };
  const query = queryOf(request);
  const which = query.get('zone');
  if (which === null) {
    return jsonAnswer(200, { account, ...(await zoneStates(caller, query.get('after') ?? '', world)) });
  }
  const zones = await zonesOf(which, caller, world);
  if (zones.length === 0) throw absent(which);
  return jsonAnswer(200, { account, zones });
}

/** `{"id": "Z…"}`: the zone is served from the next answer on, whatever others there are. */
export function serveZone(request: OperatorRequest, world: ZoneRequestsWorld): Promise<OperatorAnswer> {
  return decide(request, world, (zone) => {
    const { zones } = world.snapshot;
    // The latest decision holds, also between two of one millisecond.
    const others = zones.zonesNamed(zone.name).map(({ chosenAtMs = 0 }) => chosenAtMs);
    return Math.max(world.nowMs(), ...others.map((ms) => ms + 1));
  });
}

/** `{"id": "Z…"}`: takes the decision back. An older decision about the name holds again, else the order of creation. */
export function undoServing(request: OperatorRequest, world: ZoneRequestsWorld): Promise<OperatorAnswer> {
  return decide(request, world, (zone) => {
    if (zone.chosenAtMs !== undefined) return undefined;
    throw refused(`The operator decided nothing about the hosted zone ${zone.id}, so there is nothing to undo.`);
  });
}

async function decide(
  request: OperatorRequest,
  world: ZoneRequestsWorld,
  chosenAt: (zone: HostedZone) => number | undefined,
): Promise<OperatorAnswer> {
  requireOperator(request, world);
  const id = textMember(request, 'id', 'Z…').replace('/hostedzone/', '');
  const zone = await world.zoneRecords.zone(id);
  if (!zone) throw absent(id);
  const { zones } = world.snapshot;
  const before = new Map(zones.servedZones());
  const decided = await world.zoneRecords.choose(id, chosenAt(zone));
  if (!decided) throw absent(id);
  const after = zones.servedZones();
  return jsonAnswer(200, {
    zone: await zoneState(decided, { account: decided.account, isOperator: true }, world),
    began: difference(after, before),
    ended: difference(before, after),
  });
}

/** Zones that are served in one table and not in the other: a decision may bring others along, and take them away. */
function difference(some: ReadonlyMap<string, HostedZone>, others: ReadonlyMap<string, HostedZone>) {
  return [...some.values()]
    .filter(({ name, id }) => others.get(name)?.id !== id)
    .map(({ id, name, account }) => ({ id, name: name.replace(/\.$/, ''), account }));
}

function absent(which: string) {
  return refused(`There is no hosted zone ${which.slice(0, 300)}, or it is not yours.`, 'NotFoundException');
}
