// The open sockets as whoever runs them sees them: listed by the page, counted, and closed. Looks at a bounded number in a turn, so that a
// message never waits for a list.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { isWithin, type PlaceFilter } from '../../observe/live-event.ts';
import { hostOfDomainName } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import type { DataWorld } from '../world.ts';
import { closePaced } from './paced-close.ts';
import { youngestNumber, type Connection } from './connection.ts';
import { principalOf } from './connection-facts.ts';
import { endsAtMs } from './deadlines.ts';

type SocketsWorld = Pick<DataWorld, 'delivery' | 'snapshot' | 'clock'>;

/** Where a walk goes on: behind one socket, up to the youngest that was there when it began. */
const CURSOR = /^(\d{1,15})-(\d{1,15})$/;

export interface Asked {
  readonly filter: PlaceFilter;
  /** Undefined for all that the filter lets pass. */
  readonly connectionIds: ReadonlySet<string> | undefined;
  /** Where an earlier page ended. */
  readonly after: string | undefined;
}

interface Walk {
  readonly found: readonly Connection[];
  /** Absent at the end. */
  readonly after?: string;
}

export function createOpenSockets(world: SocketsWorld) {
  return {
    isCursor: (text: string) => CURSOR.test(text),
    /** Oldest first. Those that open meanwhile are not among them. */
    async page(asked: Asked) {
      const { found, after } = await walk(asked, limit('socketsPageSizeMax'), world);
      return { sockets: found.map((connection) => stateOf(connection, world)), after };
    },
    async count(asked: Omit<Asked, 'after'>): Promise<number> {
      let count = 0;
      await walk({ ...asked, after: undefined }, Number.POSITIVE_INFINITY, world, () => (count += 1));
      return count;
    },
    /** Closes as many as one request may. `after` when some are left. */
    async close(asked: Asked, code: number, reason: string): Promise<{ closed: number; after?: string | undefined }> {
      const { found, after } = await walk(asked, limit('socketsClosedPerRequestMax'), world);
      return { closed: await closePaced(found, { code, reason }), after };
    },
  };
}

async function walk(
  { filter, connectionIds, after }: Asked,
  max: number,
  { delivery, snapshot }: SocketsWorld,
  visit?: (connection: Connection) => void,
): Promise<Walk> {
  const [behind, until] = placesOf(after, youngestNumber());
  const domainOf = (host: string) => snapshot.domainFor(host)?.domainName;
  const perTurn = limit('socketsLookedAtPerTurnMax');
  const found: Connection[] = [];
  let last = behind;
  let looked = 0;
  for (const socket of delivery.sockets()) {
    const connection = socket as Connection;
    if (connection.number > until) break;
    looked += 1;
    if (looked % perTurn === 0) await nextTurn();
    if (connection.number <= behind || connection.state !== 'open') continue;
    if (connectionIds && !connectionIds.has(connection.connectionId)) continue;
    if (!isWithin(filter, placeOf(connection), domainOf)) continue;
    if (found.length === max) return { found, after: `${last}-${until}` };
    last = connection.number;
    if (visit) visit(connection);
    else found.push(connection);
  }
  return { found };
}

function placesOf(after: string | undefined, youngest: number): readonly [behind: number, until: number] {
  const [, behind, until] = CURSOR.exec(after ?? '') ?? [];
  return until === undefined ? [0, youngest] : [Number(behind), Number(until)];
}

function placeOf({ facts, connectionId }: Connection) {
  const { account, apiId, stageName, domainName } = facts;
  return { account, apiId, stageName, connectionId, host: hostOfDomainName(domainName) };
}

function stateOf(connection: Connection, { snapshot, clock }: SocketsWorld) {
  const { facts, lastActiveAtMs } = connection;
  const { account, region, apiId, stageName, connectedAtMs } = facts;
  const host = hostOfDomainName(facts.domainName);
  const nowMs = clock.now();
  const endsMs = endsAtMs(connection, snapshot.stage(apiId, stageName)?.options);
  return {
    connectionId: facts.connectionId,
    account,
    region,
    apiId,
    stage: stageName,
    host,
    domain: snapshot.domainFor(host)?.domainName,
    connectedAt: new Date(connectedAtMs).toISOString(),
    lastActiveAt: new Date(lastActiveAtMs).toISOString(),
    ageMs: nowMs - connectedAtMs,
    idleMs: nowMs - lastActiveAtMs,
    endsAt: new Date(endsMs).toISOString(),
    messagesIn: connection.messagesIn,
    messagesOut: connection.messagesOut,
    bytesIn: connection.bytesIn,
    bytesOut: connection.bytesOut,
    queuedBytes: connection.queuedBytes,
    messagesUnderWay: connection.messagesInFlight,
    messagesWaiting: connection.waiting.length,
    principal: principalOf(facts),
    apiKeyId: facts.apiKeyId,
    sourceIp: facts.sourceIp,
    userAgent: facts.userAgent,
  };
}
