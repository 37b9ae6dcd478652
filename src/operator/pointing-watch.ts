// The watch over what leads here: looks at every domain name and at every record of our zones from time to time, a few of them a minute, and
// tells in the log, once for each change, what no longer leads here and which records lead to Regional names that are gone. Stands on no
// path; changes nothing but notes of its own.

import { createAlarm } from '../ambient/timers.ts';
import { limit } from '../settings/limits.ts';
import type { DomainEntry } from '../snapshot/snapshot.ts';
import { createDanglingTable, type Dangling } from './dangling.ts';
import { lookUpHost, type HostLookup } from './look-up-host.ts';
import { hostOf, type PointingWorld } from './pointing-world.ts';
import { isGoneRegionalName, targetOf } from './regional-names.ts';

export interface PointingWatch {
  /** When a name stopped leading here, after it did; undefined while it does, or never did. */
  lostSince(domainName: string): Promise<number | undefined>;
  /** Records that were found to lead to Regional names that are gone, and still do, in zones of the account or once its own. */
  danglingOf(account: string): readonly Dangling[];
  /** Begins nothing any more, and touches the store no more; a look-up that is under way ends by itself. */
  stop(): void;
}

interface Note {
  readonly isHere: boolean;
  readonly sinceMs: number;
}

const BATCH_EVERY_MS = 60_000;
const AT_ONCE = 8;

/** Begins a while after the start, which has enough to do. */
export function startPointingWatch(world: PointingWorld): PointingWatch {
  const { clock, log, snapshot, pointingRecords: records } = world;
  const dangling = createDanglingTable(world);
  const removed: DomainEntry[] = [];
  let walk = firstStep(clock.now());
  const stop = new AbortController();

  /** One after the other. What fails because the store is away is looked at again in the next round. */
  const queue = () => {
    let running: Promise<void> = Promise.resolve();
    return (work: () => Promise<void>) => {
      running = running
        .then(async () => {
          if (!stop.signal.aborted) await work();
        })
        .catch((error: Error) => {
          if (!stop.signal.aborted) log.warn('the watch over records could not go on', { error: error.message });
        });
    };
  };
  // Whoever deletes a name is not kept waiting for a round in which every look-up times out.
  const [inRound, afterRemoval] = [queue(), queue()];
  const alarm = createAlarm(clock, () => {
    inRound(async () => {
      walk = await takeStep(walk, world, dangling, stop.signal);
    });
    inRound(async () => {
      const soonestMs = clock.now() + BATCH_EVERY_MS;
      alarm.set(walk.atMs === undefined ? soonestMs : Math.max(soonestMs, walk.atMs + spreadMs(world)));
    });
  });
  alarm.set(clock.now() + (limit('pointingCheckMs') / 100) * (1 + world.random()));

  snapshot.onDomainRemoved((domain) => {
    if (removed.length >= limit('danglingRecordsMax')) return;
    removed.push(domain);
    afterRemoval(async () => {
      const one = removed.shift();
      if (one) await dangling.afterRemoval(one);
    });
  });

  return {
    async lostSince(domainName) {
      const note = (await records.noted('domain-name', domainName)) as Note | undefined;
      return note?.isHere === false ? note.sinceMs : undefined;
    },
    danglingOf: (account) => dangling.of(account),
    stop() {
      stop.abort();
      alarm.cancel();
    },
  };
}

/** Rounds of several servers do not fall together. */
function spreadMs({ random }: PointingWorld): number {
  return limit('pointingCheckMs') * 0.1 * random();
}

/** Where a round is; `atMs` set: it is over, and the next begins then. */
interface Walk {
  readonly kind: 'records' | 'names';
  readonly after: string;
  readonly beganAtMs: number;
  readonly atMs?: number;
}

function firstStep(nowMs: number): Walk {
  return { kind: 'records', after: '', beganAtMs: nowMs };
}

/** One page of a round: first the records, which cost no look-up, then the names. */
async function takeStep(
  walk: Walk,
  world: PointingWorld,
  dangling: ReturnType<typeof createDanglingTable>,
  stop: AbortSignal,
): Promise<Walk> {
  const { pointingRecords: records, clock } = world;
  const max = limit('pointingChecksPerMinuteMax');
  const { kind, after, beganAtMs } = walk.atMs === undefined ? walk : firstStep(clock.now());
  if (kind === 'records') {
    if (after === '') await dangling.review();
    const page = await records.recordSetsAfter(after, max);
    for (const set of page) {
      const target = targetOf(set);
      if (target !== undefined && isGoneRegionalName(target, world)) await dangling.add(set, target);
    }
    if (page.length === max) return { kind, after: page.at(-1)!.id, beganAtMs };
    return takeStep({ kind: 'names', after: '', beganAtMs }, world, dangling, stop);
  }
  const names = await records.domainNamesAfter(after, max);
  for (let first = 0; first < names.length && !stop.aborted; first += AT_ONCE) {
    await Promise.all(names.slice(first, first + AT_ONCE).map((name) => lookAtName(name, world, stop)));
  }
  if (names.length === max) return { kind, after: names.at(-1)!, beganAtMs };
  world.log.debug('every name and record was looked at');
  return { kind: 'records', after: '', beganAtMs, atMs: beganAtMs + limit('pointingCheckMs') };
}

async function lookAtName(domainName: string, world: PointingWorld, stop: AbortSignal): Promise<void> {
  const { pointingRecords: records, log, clock, snapshot } = world;
  const host = hostOf(domainName);
  const lookup = await lookUpHost(host, world.steps.serversFor(`${host}.`));
  const isHere = doesLeadHere(lookup, world);
  const account = snapshot.domain(domainName)?.account;
  if (isHere === undefined || account === undefined || stop.aborted) return;
  const before = (await records.noted('domain-name', domainName)) as Note | undefined;
  // One that never led here is not lost.
  if (before ? before.isHere === isHere : !isHere) return;
  await records.note('domain-name', domainName, { isHere, sinceMs: clock.now() } satisfies Note);
  if (isHere && before) log.info('a domain name leads here again', { domainName, account });
  if (isHere) return;
  const found = [...lookup.cnames, ...lookup.addresses].join(', ') || lookup.code;
  log.warn('a domain name no longer leads here', { domainName, account, found, asked: lookup.server });
}

/** Undefined where the answer says nothing for certain. */
function doesLeadHere({ addresses, code }: HostLookup, { publicAddresses }: PointingWorld): boolean | undefined {
  if (addresses.length > 0) return addresses.every((address) => publicAddresses.includes(address));
  return code !== undefined && ['ENOTFOUND', 'ENODATA', 'EREFUSED'].includes(code) ? false : undefined;
}
