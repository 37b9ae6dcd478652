// Where requests go in, from whichever listener: a handshake begins the path of a connection; any other request is an approval, a
// callback, or nothing that is served here. The listener says where the request comes from; nothing here looks at the connection.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { monotonicMs } from '../../ambient/clock.ts';
import { ids, requestId as newRequestId } from '../../ambient/ids.ts';
import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { normalizeHost } from '../../protocol/host-name.ts';
import { limit } from '../../settings/limits.ts';
import { factsOf } from '../admit/admit.ts';
import { manageConnection } from '../callback/manage-connection.ts';
import { createOpener } from '../connections/open-connection.ts';
import { connect, disconnect, logRefusal, message } from '../path.ts';
import { refuseMisdirected } from '../resolve/resolve-handshake.ts';
import { refuseHandshake } from '../respond/handshake-refusal.ts';
import { writeCallback, writeRefusal } from '../respond/http-answer.ts';
import type { Accepted, Admitted } from '../stages.ts';
import { tellCallback, tellUnresolved, type AskedCallback } from '../tell.ts';
import type { DataWorld } from '../world.ts';
import type { ApprovalPage } from './approval-page.ts';
import { hostProblem } from './host-problem.ts';
import { createUpgrader, handshakeProblem, SPOKEN } from './upgrader.ts';

/** Where a request comes from, as its listener knows. */
export interface Origin {
  /** The plain address of the client, whatever is between. */
  readonly sourceIp: string;
  /** What the client asked TLS for; `''` when it named nothing, resumed, or spoke TLS with a proxy. */
  readonly serverName: string;
}

export interface Entrance {
  /** A handshake. `socket` has a listener for its errors already. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, origin: Origin): void;
  /** Never rejects. */
  answer(request: IncomingMessage, response: ServerResponse, origin: Origin): Promise<void>;
}

const STEP = 'listen';

type Open = (admitted: Admitted) => void;

export function createEntrance(approvalPage: ApprovalPage, world: DataWorld): Entrance {
  const upgrader = createUpgrader();
  const register = createOpener(world, { message, disconnect });
  const open: Open = (admitted) => {
    // Before the 101: from then on a kill -9 costs the backend no `$disconnect`.
    const entry = world.disconnects.opened(factsOf(admitted, world));
    const socket = upgrader.upgrade(admitted);
    if (socket) register(entry, socket, admitted.socket);
    else world.disconnects.delivered(entry);
  };
  return {
    accept: (request, socket, head, origin) => accept({ request, socket, head, origin }, open, world),
    answer: (request, response, origin) => answerHttp(request, response, origin, approvalPage, world),
  };
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!;
}

/** Why a request is refused before anything is looked up; undefined for a handshake within its bounds. */
function refusalOf(request: IncomingMessage): Refusal | undefined {
  const url = request.url ?? '/';
  const max = limit('urlBytesMax');
  if (!url.startsWith('/')) return refuse('BadRequest', STEP, 'the request target must be a path');
  if (url.length > max) return refuse('UriTooLong', STEP, `the URL of ${url.length} bytes exceeds ${max}`);
  const problem = handshakeProblem(request);
  return problem === undefined ? undefined : refuse('BadRequest', STEP, problem, problem);
}

interface Asked {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly origin: Origin;
}

/** The first step of a CONNECTION. */
function accept({ request, socket, head, origin }: Asked, open: Open, world: DataWorld): void {
  const startedMs = monotonicMs();
  const requestId = newRequestId();
  const { sourceIp, serverName } = origin;
  const refusal = refusalOf(request);
  if (refusal) {
    logRefusal(world, refusal, requestId, { host: request.headers.host, sourceIp });
    const host = normalizeHost(request.headers.host);
    tellUnresolved({ request, requestId, host, path: pathOf(request), sourceIp, startedMs }, refusal, world);
    return refuseHandshake(socket, refusal, requestId, SPOKEN);
  }
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const accepted: Accepted = {
    request,
    socket,
    head,
    requestId,
    host: normalizeHost(request.headers.host),
    serverName,
    path: pathOf(request),
    query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
    sourceIp,
    startedMs,
    trace: world.tracing?.begin(request.headers),
  };
  connect(accepted, open, world).catch((error: Error) => {
    world.log.error('a connection failed', { step: 'connect', requestId, error: error.stack });
    const internal = refuse('InternalError', 'connect', error.message);
    if (!socket.destroyed) refuseHandshake(socket, internal, requestId);
  });
}

async function callBack(request: IncomingMessage, asked: AskedCallback, world: DataWorld) {
  const course = await manageConnection(request, asked, world);
  tellCallback(course, asked, world);
  return course.answer;
}

/** A plain HTTP request: an approval, a callback, or nothing that is served here. */
async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  { sourceIp, serverName }: Origin,
  approvalPage: ApprovalPage,
  world: DataWorld,
): Promise<void> {
  const startedMs = monotonicMs();
  const requestId = ids.uuid();
  const apigwId = newRequestId();
  const host = normalizeHost(request.headers.host);
  const path = pathOf(request);
  const where = { method: request.method, host, path: path.slice(0, 256), sourceIp };
  try {
    const problem = hostProblem(request);
    const misdirected =
      problem === undefined
        ? refuseMisdirected({ host, serverName }, world)
        : refuse('BadRequest', STEP, problem, problem);
    if (!misdirected && approvalPage.isAt(host, path)) {
      return await approvalPage.answer(request, response, { requestId, sourceIp });
    }
    const trace = world.tracing?.begin(request.headers);
    const asked = { requestId: apigwId, host, path, sourceIp, startedMs, trace };
    const answer = misdirected ?? (await callBack(request, asked, world));
    if (!isRefusal(answer)) return writeCallback(response, answer.status, requestId, apigwId, answer.body);
    logRefusal(world, answer, requestId, where);
    writeRefusal(response, answer, requestId, apigwId);
  } catch (error) {
    if (!request.complete) {
      // Whoever breaks off within a body is nobody's fault, and reads no answer.
      const brokeOff = refuse('BadRequest', STEP, `the request broke off: ${(error as Error).message}`);
      return logRefusal(world, brokeOff, requestId, where);
    }
    world.log.error('a request failed', { step: STEP, path, requestId, error: (error as Error).stack });
    if (response.headersSent) response.destroy();
    else writeRefusal(response, refuse('InternalError', STEP, (error as Error).message), requestId, apigwId);
  }
}
