// The end of every path: what has happened, counted (meters/), and told to whoever listens (happening.ts). The only place that makes
// happenings. Nothing is decided here, and nothing is made while nobody listens.

import { monotonicMs } from '../ambient/clock.ts';
import type { Refusal } from '../model/faults.ts';
import type { Unresolved } from '../snapshot/resolve.ts';
import type { StageEntry } from '../snapshot/snapshot.ts';
import { connectEvent, type Admission } from './admit/admit.ts';
import type { CallbackCourse, CallbackPlace } from './callback/manage-connection.ts';
import type { JournalEntry } from './connections/journal-entry.ts';
import { messageEvent, type IntegrationEvent } from './integrate/event-context.ts';
import { statusOf } from './respond/fault-words.ts';
import type { Accepted, Answer, Arrived, Routed } from './stages.ts';
import type { Trace } from './tracing.ts';
import type { DataWorld } from './world.ts';

const DONE = 200;
const CALLBACK_ROUTE = '/@connections/{connectionId}';

/** What an integration was asked, and what came of it. */
export interface Called {
  readonly event: IntegrationEvent;
  readonly outcome: Answer | Refusal;
  /** Undefined where nothing outside was called. */
  readonly integrationMs: number | undefined;
}

/** A handshake that led to no stage, or to none that serves. */
export function tellUnresolved(
  accepted: Pick<Accepted, 'request' | 'requestId' | 'host' | 'path' | 'sourceIp' | 'startedMs' | 'trace'>,
  refusal: Refusal | Unresolved,
  world: DataWorld,
): void {
  const stage = 'stage' in refusal ? refusal.stage : undefined;
  world.meters.handshakeRefused(refusal, accepted.host, stage);
  if (!world.witnesses.isWatched) return;
  const { requestId, host, path, sourceIp, startedMs } = accepted;
  const tookMs = monotonicMs() - startedMs;
  world.witnesses.tell({
    eventType: 'CONNECT',
    requestId,
    atMs: world.clock.now() - tookMs,
    tookMs,
    stage,
    routeKey: '$connect',
    connectionId: undefined,
    domainName: `${host}${world.domainNamePort()}`,
    path,
    sourceIp,
    event: undefined,
    caller: { iam: undefined, userAgent: accepted.request.headers['user-agent'] },
    status: statusOf(refusal),
    refusal,
    answer: undefined,
    integrationMs: undefined,
    body: undefined,
    bytesIn: 0,
    bytesOut: 0,
    trace: accepted.trace,
  });
}

/** A handshake that a stage let in, or refused. */
export function tellConnect(admission: Admission, refusal: Refusal | undefined, world: DataWorld): void {
  world.meters.connect(admission, refusal);
  if (!world.witnesses.isWatched) return;
  const { admitted, answer, event, authorizationMs: authorizedMs, integrationMs } = admission;
  const { requestId, host, path, sourceIp, startedMs, stage, connectionId, connectedAtMs, deployment } = admitted;
  const authorizer = deployment.connect?.authorizer;
  const isAsked = authorizedMs !== undefined && authorizer !== undefined && authorizer.type !== 'MISSING';
  world.witnesses.tell({
    eventType: 'CONNECT',
    requestId,
    atMs: connectedAtMs,
    tookMs: monotonicMs() - startedMs,
    stage,
    routeKey: '$connect',
    connectionId,
    domainName: `${host}${world.domainNamePort()}`,
    path,
    sourceIp,
    event: event ?? connectEvent(admitted, world),
    authorization: isAsked ? { type: authorizer.type, tookMs: authorizedMs } : undefined,
    status: refusal?.code === 'IntegrationRefused' ? (answer?.status ?? DONE) : refusal ? statusOf(refusal) : DONE,
    refusal,
    answer,
    integrationMs,
    body: undefined,
    bytesIn: 0,
    bytesOut: 0,
    trace: admitted.trace,
  });
}

/** A message that was answered, or refused. `called` is absent when it came to no integration. */
export function tellMessage(
  arrived: Arrived | Routed,
  called: Called | undefined,
  refusal: Refusal | undefined,
  bytesOut: number,
  world: DataWorld,
): void {
  world.meters.message(arrived, called, refusal);
  if (!world.witnesses.isWatched) return;
  const { requestId, atMs, startedMs, body, connection } = arrived;
  const { facts } = connection;
  const isRouted = 'route' in arrived;
  const stage = isRouted ? arrived.stage : world.snapshot.stage(facts.apiId, facts.stageName);
  const outcome = called?.outcome;
  const answer = outcome && !('refused' in outcome) ? outcome : undefined;
  world.witnesses.tell({
    eventType: 'MESSAGE',
    requestId,
    atMs,
    tookMs: monotonicMs() - startedMs,
    stage,
    routeKey: isRouted ? arrived.route.routeKey : undefined,
    connectionId: facts.connectionId,
    domainName: facts.domainName,
    path: undefined,
    sourceIp: facts.sourceIp,
    event: called?.event ?? messageEvent(arrived, stage),
    status: refusal ? statusOf(refusal) : (answer?.status ?? DONE),
    refusal,
    answer,
    integrationMs: called?.integrationMs,
    body,
    bytesIn: body.length,
    bytesOut,
    trace: arrived.trace,
  });
}

/** What `$disconnect` is called for. `startedMs` is by `monotonicMs`. */
interface Disconnecting {
  readonly stage: StageEntry | undefined;
  readonly event: IntegrationEvent;
  readonly startedMs: number;
}

/** A socket that is gone. `called` is absent where there is no `$disconnect` to call. */
export function tellDisconnect(
  { facts, requestId }: JournalEntry,
  { stage, event, startedMs }: Disconnecting,
  called: Omit<Called, 'event'> | undefined,
  world: DataWorld,
): void {
  if (called) world.meters.disconnect(stage, called);
  if (!world.witnesses.isWatched) return;
  const outcome = called?.outcome;
  const refusal = outcome && 'refused' in outcome ? outcome : undefined;
  const answer = outcome && !('refused' in outcome) ? outcome : undefined;
  world.witnesses.tell({
    eventType: 'DISCONNECT',
    requestId,
    atMs: event.atMs,
    tookMs: monotonicMs() - startedMs,
    stage,
    routeKey: '$disconnect',
    connectionId: facts.connectionId,
    domainName: facts.domainName,
    path: undefined,
    sourceIp: facts.sourceIp,
    event,
    status: refusal ? statusOf(refusal) : (answer?.status ?? DONE),
    refusal,
    answer,
    integrationMs: called?.integrationMs,
    body: undefined,
    bytesIn: 0,
    bytesOut: 0,
    trace: event.trace,
  });
}

/** A call as it came. `startedMs` is by `monotonicMs`. */
export interface AskedCallback extends CallbackPlace {
  readonly requestId: string;
  readonly startedMs: number;
  readonly trace?: Trace | undefined;
}

/** A call of `@connections`, done or refused. */
export function tellCallback(course: CallbackCourse, asked: AskedCallback, world: DataWorld): void {
  world.meters.callback(course);
  if (!world.witnesses.isWatched) return;
  const { answer, method, stage, connectionId, body, bytesIn, caller } = course;
  const { requestId, host, path, sourceIp, startedMs } = asked;
  const tookMs = monotonicMs() - startedMs;
  const refusal = 'refused' in answer ? answer : undefined;
  world.witnesses.tell({
    eventType: 'CONNECTION_API',
    requestId,
    atMs: world.clock.now() - tookMs,
    tookMs,
    stage,
    routeKey: `${method} ${CALLBACK_ROUTE}`,
    connectionId,
    domainName: `${host}${world.domainNamePort()}`,
    path,
    sourceIp,
    event: undefined,
    caller,
    status: 'refused' in answer ? statusOf(answer) : answer.status,
    refusal,
    answer: undefined,
    integrationMs: undefined,
    body,
    bytesIn,
    bytesOut: refusal || method !== 'POST' ? 0 : bytesIn,
    trace: asked.trace,
  });
}
