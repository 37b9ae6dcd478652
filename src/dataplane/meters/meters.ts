// What the path counts, always: a few plain numbers for each event, added where tell.ts tells of it, and before it looks whether anybody
// listens, for nothing may be made for a count. What becomes of the numbers is in meter-readings.ts, which is loaded when they are read.

import type { Clock } from '../../ambient/clock.ts';
import { isRefusal, type Refusal } from '../../model/faults.ts';
import { hostOfDomainName } from '../../protocol/host-name.ts';
import type { Snapshot, StageEntry } from '../../snapshot/snapshot.ts';
import type { Connection } from '../connections/connection.ts';
import type { Admitted, Answer, Arrived, Routed } from '../stages.ts';
import { errorKind, hasTakenTime } from './error-kind.ts';
import { HostTable } from './host-meters.ts';
import { StageTable, type RouteCounts } from './stage-meters.ts';

/** What a route's integration was asked, as far as it counts. */
export interface Asked {
  readonly outcome: Answer | Refusal;
  /** Undefined where nothing outside was called. */
  readonly integrationMs: number | undefined;
}

/** How far a client came that wanted to connect. */
export interface AskedConnect {
  readonly admitted: Pick<Admitted, 'stage' | 'host'>;
  /** Of the `$connect` integration, where one was called. */
  readonly answer?: Answer;
  readonly integrationMs?: number;
}

/** What came of a call of `@connections`. */
export interface AskedCallback {
  readonly answer: object;
  readonly method: string;
  /** Undefined where it is known for no stage. */
  readonly stage: StageEntry | undefined;
}

/** How often something with these words happened; the words are ours, never a client's. */
export class Occurrences {
  readonly #counts = new Map<string, number>();

  add(words: string): void {
    this.#counts.set(words, (this.#counts.get(words) ?? 0) + 1);
  }

  entries(): IterableIterator<readonly [words: string, count: number]> {
    return this.#counts.entries();
  }
}

const METHODS: readonly string[] = ['GET', 'POST', 'DELETE'];
/** Codes of RFC 6455 and of its registry; those above are told apart by nobody but applications. */
const CLOSE_CODES_MAX = 1_015;

export class Meters {
  readonly stages: StageTable;
  readonly hosts: HostTable;
  /** `outcome step code` */
  readonly handshakes = new Occurrences();
  /** `step code` */
  readonly messagesFailed = new Occurrences();
  /** `method code` */
  readonly callbacks = new Occurrences();
  readonly closeCodes = new Occurrences();
  readonly tls = { full: 0, resumed: 0, failed: 0 };

  constructor(snapshot: Snapshot, clock: Clock) {
    this.stages = new StageTable(snapshot);
    this.hosts = new HostTable(snapshot, clock);
  }

  /** A socket, from its first moment on. */
  opened(connection: Connection): void {
    const { apiId, stageName, account, domainName } = connection.facts;
    const stage = this.stages.of(apiId, stageName, account);
    const host = this.hosts.entered(hostOfDomainName(domainName));
    stage.connections += 1;
    if (host) host.connections += 1;
    connection.stageMeters = stage;
    connection.hostMeters = host;
    this.handshakes.add('opened  ');
  }

  closed({ stageMeters, hostMeters }: Connection, code: number): void {
    if (stageMeters) stageMeters.connections -= 1;
    if (hostMeters) hostMeters.connections -= 1;
    this.closeCodes.add(code <= CLOSE_CODES_MAX ? String(code) : `${Math.trunc(code / 1_000)}xxx`);
  }

  /** A handshake that came to no connection id. `host` is normalised, and counts where it is under a custom domain name. */
  handshakeRefused(refusal: Refusal, host: string, entry?: StageEntry): void {
    this.#refused(refusal, host);
    if (entry) this.#count('$connect', entry, refusal, undefined);
  }

  /** A handshake that a stage let in, or refused. */
  connect({ admitted, answer, integrationMs }: AskedConnect, refusal: Refusal | undefined): void {
    const { stage, host } = admitted;
    if (refusal) this.#refused(refusal, host);
    const counts = this.#count('$connect', stage, refusal, answer);
    if (!counts) return;
    if (answer || integrationMs !== undefined) counts.connects += 1;
    addLatency(counts, integrationMs, refusal, answer);
  }

  /** A message of a client, and what came of it. */
  message(arrived: Arrived | Routed, called: Asked | undefined, refusal: Refusal | undefined): void {
    const { stageMeters, hostMeters } = arrived.connection;
    const { length } = arrived.body;
    const route = 'route' in arrived ? arrived.route : undefined;
    const answer = called && !('refused' in called.outcome) ? called.outcome : undefined;
    const kind = errorKind(refusal, answer);
    stageMeters?.received(length);
    hostMeters?.received(length);
    if (hostMeters) hostMeters.lastActiveAtMs = arrived.atMs;
    if (kind !== 'none') {
      if (stageMeters) stageMeters.errors += 1;
      if (hostMeters) hostMeters.errors += 1;
      this.messagesFailed.add(refusal ? `${refusal.step} ${refusal.code}` : 'integrate ');
    }
    if (kind === 'uncounted') return;
    const counts = stageMeters?.countsFor(route?.routeKey, 'route' in arrived ? arrived.stage : undefined);
    if (!counts) return;
    counts.add(kind);
    counts.messages += !refusal && route?.isTwoWay ? 2 : 1;
    addLatency(counts, called?.integrationMs, refusal, answer);
  }

  /** A `$disconnect` that was called. */
  disconnect(entry: StageEntry | undefined, { outcome, integrationMs }: Asked): void {
    if (!entry) return;
    const refusal = 'refused' in outcome ? outcome : undefined;
    const answer = 'refused' in outcome ? undefined : outcome;
    const counts = this.#count('$disconnect', entry, refusal, answer);
    if (counts) addLatency(counts, integrationMs, refusal, answer);
  }

  /** A call of `@connections`, done or refused. */
  callback({ answer, method, stage }: AskedCallback): void {
    const refusal = isRefusal(answer) ? answer : undefined;
    const known = METHODS.includes(method) ? method : 'other';
    this.callbacks.add(`${known} ${refusal?.code ?? ''}`);
    const counts = stage && this.#count(`${known} /@connections/{connectionId}`, stage, refusal, undefined);
    if (counts && !refusal && method === 'POST') counts.messages += 1;
  }

  #refused({ step, code }: Refusal, host: string): void {
    this.handshakes.add(`refused ${step} ${code}`);
    this.hosts.refused(host);
  }

  #count(
    routeKey: string,
    entry: StageEntry,
    refusal: Refusal | undefined,
    answer: Answer | undefined,
  ): RouteCounts | undefined {
    const kind = errorKind(refusal, answer);
    const { api, stageName } = entry;
    const stage = this.stages.of(api.apiId, stageName, api.account);
    if (kind !== 'none') stage.errors += 1;
    if (kind === 'uncounted') return undefined;
    const counts = stage.countsFor(routeKey, entry);
    counts.add(kind);
    return counts;
  }
}

function addLatency(
  counts: RouteCounts,
  integrationMs: number | undefined,
  refusal: Refusal | undefined,
  answer: Answer | undefined,
): void {
  if (integrationMs !== undefined && hasTakenTime(refusal, answer)) counts.addLatency(integrationMs);
}
