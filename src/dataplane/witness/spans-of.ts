// What has happened as spans: one for the event, one within it for each call. Names and attributes are those of OpenTelemetry's semantic
// conventions where there are some, and `aws.apigateway.…` where there are none. No body, no header, no query: only what the log says, too.

import type { Attributes, Span } from '../../observe/traces/span.ts';
import { hostOfDomainName } from '../../protocol/host-name.ts';
import type { Happening } from '../happening.ts';
import type { Callee, CallOutcome, Trace, TracedCall } from '../tracing.ts';

const SWITCHING_PROTOCOLS = 101;
const DONE = 200;
const BAD = 400;
const FAILED = 500;
const REASON_CHARACTERS_MAX = 512;

/** Nothing of what was not traced, or is not sampled. The event's own comes first. */
export function spansOf(happening: Happening): readonly Span[] {
  const { trace } = happening;
  if (!trace?.context.isSampled) return [];
  return [eventSpan(happening, trace), ...trace.calls.flatMap((call) => callSpan(call, trace))];
}

function eventSpan(happening: Happening, trace: Trace): Span {
  const { eventType, routeKey, tookMs, event, refusal } = happening;
  const isMessage = eventType === 'MESSAGE';
  const opened = event?.connection.trace;
  // Its own span is no link.
  const link = opened && eventType !== 'CONNECT' ? [opened] : [];
  const status = statusOf(happening);
  return {
    ...placeOf(trace),
    name: eventType === 'CONNECTION_API' ? routeKey! : `${eventType} ${routeKey ?? ''}`.trim(),
    kind: isMessage || eventType === 'DISCONNECT' ? 'consumer' : 'server',
    startMs: trace.startedAtMs,
    endMs: trace.startedAtMs + tookMs,
    attributes: {
      ...(isMessage ? messageAttributes(happening) : httpAttributes(happening, status)),
      ...commonAttributes(happening),
      'error.type': refusal?.code,
      'aws.apigateway.refusal.step': refusal?.step,
      'aws.apigateway.refusal.reason': refusal?.reason.slice(0, REASON_CHARACTERS_MAX),
    },
    links: link,
    // What a client did wrong is no failure of the server that says so.
    error: refusal && status >= FAILED ? refusal.reason.slice(0, REASON_CHARACTERS_MAX) : undefined,
  };
}

function placeOf({ context, parentSpanId, isParentRemote }: Trace) {
  const { traceId, spanId, state } = context;
  return { traceId, spanId, parentSpanId, isParentRemote, state };
}

function statusOf({ eventType, status, refusal }: Happening): number {
  return eventType === 'CONNECT' && !refusal && status === DONE ? SWITCHING_PROTOCOLS : status;
}

function commonAttributes({
  eventType,
  requestId,
  stage,
  routeKey,
  connectionId,
  domainName,
  sourceIp,
  event,
}: Happening): Attributes {
  return {
    'aws.request_id': requestId,
    'aws.apigateway.event_type': eventType,
    'aws.apigateway.api_id': stage?.api.apiId ?? event?.connection.apiId,
    'aws.apigateway.account_id': stage?.api.account ?? event?.connection.account,
    'aws.apigateway.stage': stage?.stageName ?? event?.connection.stageName,
    'aws.apigateway.route_key': routeKey,
    'aws.apigateway.connection_id': connectionId,
    'server.address': hostOfDomainName(domainName),
    'client.address': sourceIp,
  };
}

function httpAttributes({ eventType, routeKey, event }: Happening, status: number): Attributes {
  if (eventType === 'DISCONNECT') {
    return {
      'network.protocol.name': 'websocket',
      'aws.apigateway.disconnect_code': event?.disconnect?.code,
      'aws.apigateway.status': status,
    };
  }
  const [method, route] = eventType === 'CONNECTION_API' ? routeKey!.split(' ') : ['GET', '$connect'];
  return {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'url.scheme': 'https',
    'network.protocol.name': 'http',
    'network.protocol.version': '1.1',
    'user_agent.original': event?.connection.userAgent,
  };
}

function messageAttributes({ event, status, bytesIn, bytesOut }: Happening): Attributes {
  return {
    'network.protocol.name': 'websocket',
    'messaging.system': 'websocket',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.message.id': event?.messageId,
    'messaging.message.body.size': bytesIn,
    'aws.apigateway.reply_size': bytesOut,
    'aws.apigateway.status': status,
  };
}

/** None for what calls nobody. */
function callSpan(call: TracedCall, within: Trace): Span[] {
  const described = describe(call.callee);
  if (!described) return [];
  const { trace, outcome, endedMs } = call;
  const failure = outcome && failureOf(outcome);
  return [
    {
      ...placeOf(trace),
      name: described.name,
      kind: 'client',
      startMs: within.realTimeOf(trace.startedMs),
      endMs: within.realTimeOf(endedMs ?? trace.startedMs),
      attributes: {
        ...described.attributes,
        ...(outcome && 'status' in outcome && { 'http.response.status_code': outcome.status }),
        'error.type': failure?.type,
      },
      links: [],
      error: failure?.words.slice(0, REASON_CHARACTERS_MAX),
    },
  ];
}

interface Described {
  readonly name: string;
  readonly attributes: Attributes;
}

const FUNCTION = /:function:([^/]+)\/invocations$/;
const HTTP_PLACE = /^(https?):\/\/([^/?#]*)/;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

function describe(callee: Callee): Described | undefined {
  switch (callee.type) {
    case 'MOCK':
    case 'DISABLED':
      return undefined;
    case 'HTTP':
    case 'HTTP_PROXY': {
      const [, scheme = '', authority = ''] = HTTP_PLACE.exec(callee.uri) ?? [];
      const [, host = authority, port] =
        /^(.*?)(?::(\d+))?$/.exec(authority.slice(authority.lastIndexOf('@') + 1)) ?? [];
      return {
        name: callee.method,
        attributes: {
          'http.request.method': callee.method,
          'server.address': host,
          'server.port': port === undefined ? DEFAULT_PORTS[scheme] : Number(port),
          'url.scheme': scheme,
          'aws.apigateway.integration_type': callee.type,
        },
      };
    }
    case 'REQUEST':
      return functionCall(callee.uri, 'authorize', { 'aws.apigateway.authorizer': callee.name });
    case 'AWS_PROXY':
    case 'AWS':
      return functionCall(callee.uri, 'invoke', { 'aws.apigateway.integration_type': callee.type });
    case 'AWS_SERVICE': {
      const { service = 'aws', called = '', region } = callee.service ?? {};
      const action = called.split(/[&?]/, 1)[0];
      return {
        name: `${service} ${action}`.trim(),
        attributes: {
          'rpc.system': 'aws-api',
          'rpc.service': service,
          'rpc.method': action,
          'cloud.region': region,
          'aws.apigateway.integration_type': callee.type,
        },
      };
    }
  }
}

function functionCall(uri: string, verb: string, more: Attributes): Described {
  const name = (FUNCTION.exec(uri)?.[1] ?? uri).split(':')[0]!;
  return {
    name: `${verb} ${name}`,
    attributes: { 'faas.invoked_name': name, 'faas.invoked_provider': 'aws', ...more },
  };
}

/** What counts as failed for whoever calls; undefined for what does not. */
function failureOf(outcome: CallOutcome): { type: string; words: string } | undefined {
  if ('refused' in outcome) return { type: outcome.code, words: outcome.reason };
  if ('status' in outcome) return outcome.status < BAD ? undefined : { type: String(outcome.status), words: '' };
  switch (outcome.kind) {
    case 'returned':
      return undefined;
    case 'failed':
      return { type: outcome.errorType, words: '' };
    case 'timedOut':
    case 'unreachable':
      return { type: outcome.kind, words: outcome.reason };
  }
}
