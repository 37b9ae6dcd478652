// May this client connect? In AWS's order: rates, API key, authorization, required parameters, then the `$connect` integration, whose answer decides. The
// connection id exists from here on, but nothing can be posted to it until the handshake is done (websocket-apis 2.2).

import { monotonicMs } from '../../ambient/clock.ts';
import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import type { ConnectionFacts } from '../connections/connection-facts.ts';
import { notesFor } from '../integrate/call-notes.ts';
import type { IntegrationEvent } from '../integrate/event-context.ts';
import { integrate } from '../integrate/integrate.ts';
import type { Admitted, Answer, Resolved } from '../stages.ts';
import type { DataWorld } from '../world.ts';
import { authorize } from './authorize.ts';

const STEP = 'admit';

/** How far a client came. It may connect when neither the gateway nor its backend refused. */
export interface Admission {
  /** What was found out about it, as far as it came. */
  readonly admitted: Admitted;
  /** A refusal of the gateway after the connection id was made. */
  readonly refusal?: Refusal;
  /** What the `$connect` integration answered, where one was called and answered. */
  readonly answer?: Answer;
  /** True when those are words to be relayed. */
  readonly isRefusedByBackend?: boolean;
  /** What the `$connect` integration was called with, where one was called. */
  readonly event?: IntegrationEvent;
  /** Real time that its authorizer took; undefined where none was asked. */
  readonly authorizationMs?: number | undefined;
  /** Real time that the integration took; undefined where none was called. */
  readonly integrationMs?: number;
}

export async function admit(resolved: Resolved, world: DataWorld): Promise<Admission> {
  const { stage, deployment } = resolved;
  const connectionId = world.connectionIds.issue(stage.api.apiId);
  const connectedAtMs = world.clock.now();
  const anybody: Admitted = { ...resolved, connectionId, connectedAtMs, subprotocol: undefined };
  if (world.isDraining())
    return { refusal: refuse('Draining', STEP, 'the server is shutting down'), admitted: anybody };
  const throttled = world.throttle.connect(stage) ?? world.accountSockets.enter(stage.api.account, resolved.socket);
  if (throttled) return { refusal: throttled, admitted: anybody };
  const route = deployment.connect;
  if (!route) return { admitted: anybody };
  const { apiKeySource } = route;
  const sent = apiKeySource === 'header' ? world.apiKeys.enter(stage, headerKey(resolved)) : undefined;
  if (sent && isRefusal(sent)) return { refusal: sent, admitted: anybody };
  const beganMs = route.authorizer && monotonicMs();
  const authorized = route.authorizer ? await authorize(route, resolved, connectEvent(anybody, world), world) : {};
  const authorizationMs = beganMs && monotonicMs() - beganMs;
  if (isRefusal(authorized)) return { refusal: authorized, authorizationMs, admitted: anybody };
  const apiKey = apiKeySource === 'authorizer' ? world.apiKeys.enter(stage, authorized.usageIdentifierKey) : sent;
  if (apiKey && isRefusal(apiKey)) return { refusal: apiKey, authorizationMs, admitted: { ...anybody, ...authorized } };
  const admitted: Admitted = { ...anybody, ...authorized, ...(apiKey && { apiKey }) };
  const missing = missingParameters(resolved);
  if (missing.length > 0) {
    const text = `Missing required request parameters: [${missing.join(', ')}]`;
    return { refusal: refuse('BadRequest', STEP, text, text), authorizationMs, admitted };
  }
  // Without a target the connection is accepted straight away.
  if (!route.integration) return { admitted, authorizationMs };
  const askedMs = monotonicMs();
  const event = connectEvent(admitted, world);
  const asked = integrate(route, event, world.backends);
  const outcome = await asked;
  // A MOCK answers at once, and nobody was called.
  const integrationMs = asked instanceof Promise ? { integrationMs: monotonicMs() - askedMs } : {};
  const called = { event, authorizationMs, ...integrationMs };
  if (isRefusal(outcome)) return { ...called, refusal: outcome, admitted };
  if (outcome.status < 200 || outcome.status > 299)
    return { ...called, answer: outcome, isRefusedByBackend: true, admitted };
  const chosen = outcome.headers['sec-websocket-protocol'];
  return {
    ...called,
    answer: outcome,
    admitted: { ...admitted, subprotocol: Array.isArray(chosen) ? chosen[0] : chosen },
  };
}

function headerKey({ request }: Resolved): string | undefined {
  const value = request.headers['x-api-key'];
  return Array.isArray(value) ? undefined : value;
}

function missingParameters({ request, query, deployment }: Resolved): string[] {
  const { requiredHeaders, requiredQuery } = deployment.connect!;
  return [
    ...requiredHeaders.filter((name) => !Object.hasOwn(request.headers, name.toLowerCase())),
    ...requiredQuery.filter((name) => !query.has(name)),
  ];
}

export function factsOf(admitted: Admitted, world: DataWorld): ConnectionFacts {
  const { stage, connectionId, connectedAtMs, request, host, sourceIp } = admitted;
  return {
    connectionId,
    apiId: stage.api.apiId,
    stageName: stage.stageName,
    account: stage.api.account,
    region: stage.api.region,
    domainName: `${host}${world.domainNamePort()}`,
    sourceIp,
    userAgent: request.headers['user-agent'],
    connectedAtMs,
    authorizer: admitted.authorizer,
    iam: admitted.iam,
    apiKeyId: admitted.apiKey?.apiKeyId,
    trace: spanOf(admitted.trace),
  };
}

/** Nothing points to what nobody kept. */
function spanOf(trace: Admitted['trace']): ConnectionFacts['trace'] {
  if (!trace?.context.isSampled) return undefined;
  const { traceId, spanId } = trace.context;
  return { traceId, spanId };
}

/** The event of `$connect`, with what is known of the client so far. */
export function connectEvent(admitted: Admitted, world: DataWorld): IntegrationEvent {
  return {
    eventType: 'CONNECT',
    routeKey: '$connect',
    requestId: admitted.requestId,
    messageId: undefined,
    atMs: world.clock.now(),
    connection: factsOf(admitted, world),
    stageVariables: admitted.stage.stageVariables,
    body: EMPTY,
    document: undefined,
    handshake: { rawHeaders: headersOf(admitted), query: admitted.query, apiKey: admitted.apiKey?.value },
    trace: admitted.trace,
    notes: notesFor(admitted.stage, '$connect'),
  };
}

/** Behind a key of several levels the names of headers reach the backend in lower case (custom-domains 2.2). */
function headersOf({ mapping, request: { rawHeaders } }: Admitted): readonly string[] {
  if (!mapping || mapping.levels < 2) return rawHeaders;
  return rawHeaders.map((text, position) => (position % 2 === 0 ? text.toLowerCase() : text));
}

const EMPTY = Buffer.alloc(0);
