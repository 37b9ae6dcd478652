// The data plane on one screen: what happens to a connection, a message, a disconnect and a callback, in order. Each line is a
// step; a step that refuses ends the list, and respond/ turns its refusal into bytes.

import type { Duplex } from 'node:stream';
import { monotonicMs } from '../ambient/clock.ts';
import { messageId as newMessageId, requestId as newRequestId } from '../ambient/ids.ts';
import { isRefusal, refuse, type Refusal } from '../model/faults.ts';
import { redactText } from '../protocol/redaction.ts';
import { limit } from '../settings/limits.ts';
import { currentDeployment, type Unresolved } from '../snapshot/resolve.ts';
import { admit, type Admission } from './admit/admit.ts';
import { ABNORMAL, ABNORMAL_REASON, CLOSE } from './connections/close-reasons.ts';
import type { Connection } from './connections/connection.ts';
import type { JournalEntry } from './connections/journal-entry.ts';
import { notesFor } from './integrate/call-notes.ts';
import { messageEvent, type IntegrationEvent } from './integrate/event-context.ts';
import { integrate } from './integrate/integrate.ts';
import { resolveHandshake } from './resolve/resolve-handshake.ts';
import { errorFrame } from './respond/frames.ts';
import { refuseConnect, refuseHandshake, relayRefusal } from './respond/handshake-refusal.ts';
import { selectRoute } from './route/select-route.ts';
import { dequeue, enqueue, mustWait } from './route/message-order.ts';
import { validateBody } from './route/validate-body.ts';
import type { Accepted, Admitted, Answer, Arrived, Resolved, Routed } from './stages.ts';
import { tellConnect, tellDisconnect, tellMessage, tellUnresolved, type Called } from './tell.ts';
import type { DataWorld } from './world.ts';

const NOTHING = Buffer.alloc(0);

/** A CONNECTION: resolve → admit → `open`, which completes the handshake and registers the socket. */
export async function connect(accepted: Accepted, open: (admitted: Admitted) => void, world: DataWorld): Promise<void> {
  const { socket, requestId, host } = accepted;
  const resolved = resolveHandshake(accepted, world);
  if (isRefusal(resolved)) {
    noteRefusal(accepted, 'domain' in resolved ? resolved : {}, resolved, world);
    tellUnresolved(accepted, resolved, world);
    return refuseHandshake(socket, resolved, requestId);
  }
  const admission = await admit(resolved, world);
  const { admitted, answer, isRefusedByBackend = false } = admission;
  const { connectionId } = admitted;
  const refusal = refusalOf(admission, socket);
  if (refusal) {
    noteRefusal(accepted, resolved, refusal, world, connectionId);
    tellConnect(admission, refusal, world);
    return isRefusedByBackend
      ? relayRefusal(socket, answer!, requestId)
      : refuseConnect(socket, refusal, connectionId, requestId);
  }
  open(admitted);
  world.handshakes.opened(resolved.domain?.domainName ?? host, admitted.connectedAtMs);
  tellConnect(admission, undefined, world);
}

/** Why nothing is opened for a client that came so far. */
function refusalOf({ answer, isRefusedByBackend, refusal }: Admission, socket: Duplex): Refusal | undefined {
  if (isRefusedByBackend)
    return refuse('IntegrationRefused', 'admit', `the $connect integration answered ${answer!.status}`);
  // It may have gone while its backend was asked: then there is nobody to tell, and no $disconnect.
  if (!refusal && socket.destroyed) return refuse('ClientLeft', 'admit', 'the client left while $connect was asked');
  return refusal;
}

function noteRefusal(
  { requestId, host, path, sourceIp }: Accepted,
  { domain, stage }: Partial<Pick<Resolved, 'domain' | 'stage'>> | Unresolved,
  refusal: Refusal,
  world: DataWorld,
  connectionId?: string,
): void {
  const { step, code, reason } = refusal;
  logRefusal(world, refusal, requestId, { host, path, sourceIp, connectionId });
  // Of hosts that nothing answers for nothing is kept: anybody can think of any number of them.
  const name = domain?.domainName ?? (stage && host);
  if (name === undefined) return;
  world.handshakes.refused(name, {
    atMs: world.clock.now(),
    step,
    code,
    reason,
    requestId,
    stage: stage && `${stage.api.apiId}/${stage.stageName}`,
  });
}

/** A MESSAGE: (wait for its turn →) route → throttle → validate → integrate → respond. Runs at once as far as nothing has to be waited for. Never throws. */
export function message(connection: Connection, body: Buffer, world: DataWorld): void {
  const atMs = world.clock.now();
  connection.lastActiveAtMs = atMs;
  const startedMs = monotonicMs();
  const arrived: Arrived = {
    connection,
    requestId: newRequestId(),
    messageId: newMessageId(),
    atMs,
    startedMs,
    body,
    trace: world.tracing?.begin(),
  };
  if (mustWait(connection, world)) {
    const full = enqueue(arrived);
    if (full) respondRefusal(arrived, full, world);
  } else run(arrived, world);
}

function run(arrived: Arrived, world: DataWorld): void {
  const { connection } = arrived;
  const fail = (error: Error) => {
    world.log.error('a message failed', { requestId: arrived.requestId, error: error.stack });
    respondRefusal(arrived, refuse('InternalError', 'message', error.message), world);
  };
  try {
    const routed = selectRoute(arrived, world.snapshot);
    if (isRefusal(routed)) return respondRefusal(arrived, routed, world);
    const throttled = world.throttle.message(routed.stage, routed.route.routeKey);
    if (throttled) return refuseThrottled(routed, throttled, world);
    connection.throttledInRow = 0;
    const misfit = validateBody(routed);
    if (misfit) return respondRefusal(routed, misfit, world);
    const event = messageEvent(routed, routed.stage);
    const askedMs = monotonicMs();
    const outcome = integrate(routed.route, event, world.backends);
    if (!(outcome instanceof Promise)) return respond(routed, { event, outcome, integrationMs: undefined }, world);
    connection.messagesInFlight += 1;
    const settle = (settled: Answer | Refusal) => {
      connection.messagesInFlight -= 1;
      respond(routed, { event, outcome: settled, integrationMs: monotonicMs() - askedMs }, world);
    };
    outcome
      .catch(unforeseen)
      .then(settle)
      .catch(fail)
      .then(() => runWaiting(connection, world));
  } catch (error) {
    // One message that we did not foresee costs one frame, and nothing else.
    fail(error as Error);
  }
}

/** Those whose turn it is, until one has to be waited for. */
function runWaiting(connection: Connection, world: DataWorld): void {
  while (connection.waiting.length > 0 && connection.messagesInFlight === 0) run(dequeue(connection)!, world);
}

/** A call that broke instead of answering or refusing. */
function unforeseen(error: Error): Refusal {
  return refuse('InternalError', 'integrate', error.stack ?? error.message);
}

/** A DISCONNECT: the `$disconnect` route, once; its answer is ignored, its failure logged. */
export async function disconnect(entry: JournalEntry, world: DataWorld, isRedelivery = false): Promise<void> {
  try {
    await callDisconnect(entry, world, isRedelivery);
  } finally {
    world.disconnects.delivered(entry);
  }
}

async function callDisconnect(entry: JournalEntry, world: DataWorld, isRedelivery: boolean): Promise<void> {
  const { facts, requestId } = entry;
  const { apiId, stageName, connectionId } = facts;
  const startedMs = monotonicMs();
  // Of a process that was killed nobody knows more than that its sockets ended.
  const ended = entry.ended ?? { code: ABNORMAL, reason: ABNORMAL_REASON };
  world.log.debug('disconnected', { connectionId, ...ended, isRedelivery });
  const deployment = currentDeployment(world.snapshot, apiId, stageName);
  const stage = world.snapshot.stage(apiId, stageName);
  const event: IntegrationEvent = {
    eventType: 'DISCONNECT',
    routeKey: '$disconnect',
    requestId,
    messageId: undefined,
    atMs: world.clock.now(),
    connection: facts,
    stageVariables: stage?.stageVariables ?? {},
    body: NOTHING,
    document: undefined,
    handshake: undefined,
    disconnect: ended,
    isRedelivery,
    trace: world.tracing?.begin(),
    notes: notesFor(stage, '$disconnect'),
  };
  if (isRefusal(deployment) || !stage || !deployment.disconnect?.integration)
    return tellDisconnect(entry, { stage, event, startedMs }, undefined, world);
  const askedMs = monotonicMs();
  const asked = integrate(deployment.disconnect, event, world.backends);
  const outcome = await asked;
  const integrationMs = asked instanceof Promise ? monotonicMs() - askedMs : undefined;
  if (isRefusal(outcome)) logRefusal(world, outcome, requestId, { connectionId, apiId, routeKey: '$disconnect' });
  tellDisconnect(entry, { stage, event, startedMs }, { outcome, integrationMs }, world);
}

/** A two-way route answers with the body, whatever the status; a one-way route with nothing; a failed call with its frame. */
function respond(routed: Routed, called: Called, world: DataWorld): void {
  const { outcome } = called;
  if (isRefusal(outcome)) return respondRefusal(routed, outcome, world, called);
  if (!routed.route.isTwoWay) return tellMessage(routed, called, undefined, 0, world);
  const max = limit('messageBytesMax');
  if (outcome.body.length > max) {
    const refusal = refuse('IntegrationFailure', 'respond', `the reply of ${outcome.body.length} bytes exceeds ${max}`);
    return respondRefusal(routed, refusal, world, called);
  }
  routed.connection.reply(outcome.body);
  tellMessage(routed, called, undefined, outcome.body.length, world);
}

function respondRefusal(arrived: Arrived, refusal: Refusal, world: DataWorld, called?: Called): void {
  const { connection, requestId } = arrived;
  const { connectionId, apiId, stageName } = connection.facts;
  logRefusal(world, refusal, requestId, { connectionId, apiId, stage: stageName });
  replyRefusal(arrived, refusal, world, called);
}

function replyRefusal(arrived: Arrived, refusal: Refusal, world: DataWorld, called?: Called): void {
  const { connection } = arrived;
  const { apiId, stageName } = connection.facts;
  const detail = world.snapshot.stage(apiId, stageName)?.options.errorDetail ?? world.errorDetail;
  const frame = errorFrame(refusal, connection.connectionId, arrived, detail);
  connection.reply(frame);
  tellMessage(arrived, called, refusal, frame.length, world);
}

/** A client that goes on although it is told to stop is closed. */
function refuseThrottled(arrived: Arrived, refusal: Refusal, world: DataWorld): void {
  const { connection } = arrived;
  connection.throttledInRow += 1;
  connection.throttledUntold += 1;
  const { requestId } = arrived;
  const { connectionId, apiId, stageName: stage } = connection.facts;
  // A line for each would be a way to fill the disk, and to keep everybody waiting for it.
  const nowMs = world.realClock.now();
  if (Math.abs(nowMs - connection.throttledToldAtMs) >= limit('addressReportIntervalMs')) {
    logRefusal(world, refusal, requestId, { connectionId, apiId, stage, refused: connection.throttledUntold });
    connection.throttledUntold = 0;
    connection.throttledToldAtMs = nowMs;
  }
  replyRefusal(arrived, refusal, world);
  if (connection.throttledInRow >= limit('throttledMessagesInRowMax'))
    connection.close(CLOSE.tooMany.code, CLOSE.tooMany.reason);
}

/** Every refusal is one line that names the step, as long as an API or an address is not refused faster than anybody reads. */
export function logRefusal(
  world: DataWorld,
  refusal: Refusal,
  requestId: string,
  where: Readonly<Record<string, unknown>>,
): void {
  const source = String(where['apiId'] ?? where['sourceIp'] ?? '');
  if (!world.refusalLines.take(source)) {
    const untold = world.refusalLines.refuse(source);
    if (untold !== undefined) world.log.warn('refused, and not told one by one', { source, untold });
    return;
  }
  const { step, code } = refusal;
  // A function may repeat what its client sent.
  world.log.info('refused', { step, code, reason: redactText(refusal.reason), requestId, ...where });
}
