// `/ready` and `/_sallyport/status`: which part of the server is not as it should be, and why. A server that can serve sockets is ready,
// however much else ails it: a load balancer that took it away for a full disk would end what still works. What the parts say is kept
// for a moment, so that whoever asks without end costs nothing.

import { monotonicMs } from '../ambient/clock.ts';
import type { Identities } from '../identity/identities.ts';
import { limit } from '../settings/limits.ts';
import {
  jsonAnswer,
  requireOperator,
  type OperatorAnswer,
  type OperatorRequest,
  type SigningWorld,
} from './signed-request.ts';

/** What is the matter with a part, and what to do about it. */
export interface Trouble {
  readonly why: string;
  readonly next: string;
  /** True when no socket can be served because of it. */
  readonly isFatal?: boolean;
}

/**
 * Each part of the server by its name, and how to find out what is the matter with it; undefined for nothing.
 * @port parts
 */
export interface Parts {
  readonly [part: string]: () => Trouble | undefined | Promise<Trouble | undefined>;
}

export interface PartState {
  readonly part: string;
  readonly state: 'ok' | 'degraded' | 'not ready';
  readonly why?: string;
  readonly next?: string;
}

export interface Readiness {
  look(): Promise<readonly PartState[]>;
}

/** How far the work on certificates is. */
export interface CertificateWork {
  readonly waiting: number;
  readonly underWay: number;
  /** True when nothing is under way and nothing is due. */
  readonly isSettled: boolean;
  readonly nextLookAtMs: number | undefined;
  /** Real time since anything of it began or ended, while something is under way; else 0. */
  readonly withoutProgressMs: number;
}

/**
 * What the other rooms say of themselves.
 * @port facts
 */
export interface Facts {
  openConnections(): number;
  /** Those under one custom domain name. */
  openConnectionsOf(domainName: string): number;
  revision(): number;
  certificateWork(): CertificateWork;
  /** TLS handshakes that named something which is not ours, since the start. */
  unknownServerNames(): number;
  /** Where everything listens, as the `ready` line has it. */
  addresses(): Readonly<Record<string, unknown>>;
}

export interface ReadinessWorld extends SigningWorld {
  readonly version: string;
  readonly facts: Facts;
  readonly readiness: Readiness;
  readonly identities: () => Identities;
}

/** `now` in real milliseconds that only go forward. */
export function createReadiness(parts: Parts, now: () => number = monotonicMs): Readiness {
  let kept: { readonly atMs: number; readonly states: Promise<readonly PartState[]> } | undefined;
  return {
    look() {
      if (kept && now() - kept.atMs < limit('readyKeptMs')) return kept.states;
      const states = Promise.all(Object.entries(parts).map(([part, look]) => stateOf(part, look)));
      kept = { atMs: now(), states };
      return states;
    },
  };
}

async function stateOf(part: string, look: Parts[string]): Promise<PartState> {
  const trouble = await withinTime(look);
  if (!trouble) return { part, state: 'ok' };
  const { why, next, isFatal = false } = trouble;
  return { part, state: isFatal ? 'not ready' : 'degraded', why, next };
}

/** A part that cannot even be asked is a part in trouble. */
async function withinTime(look: Parts[string]): Promise<Trouble | undefined> {
  const waitMs = limit('readyLookMsMax');
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Trouble>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({ why: `did not answer within ${waitMs} ms`, next: 'look at the disk and the load of the machine' }),
      waitMs,
    );
  });
  try {
    return await Promise.race([look(), late]);
  } catch (error) {
    return { why: `cannot be asked: ${(error as Error).message}`, next: 'read the log of the gateway' };
  } finally {
    clearTimeout(timer);
  }
}

/** Open to everybody, so on a server with accounts it has no more than a probe needs: the names of the parts, and no counts. */
export async function readyPage(_: OperatorRequest, world: ReadinessWorld): Promise<OperatorAnswer> {
  const states = await world.readiness.look();
  const isReady = states.every(({ state }) => state !== 'not ready');
  const status = isReady ? 200 : 503;
  if (world.identities().isDevelopment) return jsonAnswer(status, { ...summaryOf(states, true), ...countsOf(world) });
  return jsonAnswer(status, summaryOf(states, false));
}

/** The whole server, for its operator. */
export async function statusPage(request: OperatorRequest, world: ReadinessWorld): Promise<OperatorAnswer> {
  requireOperator(request, world);
  const states = await world.readiness.look();
  const { rss } = process.memoryUsage();
  return jsonAnswer(200, {
    version: world.version,
    node: process.version,
    addresses: world.facts.addresses(),
    ...summaryOf(states, true),
    ...countsOf(world),
    memoryBytes: rss,
  });
}

function summaryOf(states: readonly PartState[], isTold: boolean) {
  const isReady = states.every(({ state }) => state !== 'not ready');
  const isWell = states.every(({ state }) => state === 'ok');
  return {
    ready: isReady,
    status: isWell ? 'ready' : isReady ? 'degraded' : 'not ready',
    parts: isTold ? states : states.map(({ part, state }) => ({ part, state })),
  };
}

function countsOf({ facts }: ReadinessWorld) {
  const { nextLookAtMs, ...work } = facts.certificateWork();
  return {
    revision: facts.revision(),
    openConnections: facts.openConnections(),
    certificateWork: { ...work, nextLookAt: nextLookAtMs === undefined ? null : new Date(nextLookAtMs).toISOString() },
    unknownServerNames: facts.unknownServerNames(),
  };
}
