// One HTTP request for one event: where it goes and which headers it has, for HTTP_PROXY and HTTP alike (websocket-apis 3.8, 3.9).

import { refuse, type Refusal } from '../../model/faults.ts';
import { fillStageVariables, type ParameterMapping } from '../../protocol/parameter-mapping.ts';
import { amznTraceHeader, w3cHeaders } from '../tracing.ts';
import { NOT_FORWARDED } from './connection-headers.ts';
import type { IntegrationEvent } from './event-context.ts';
import type { MappedParameters } from './request-parameters.ts';

/** Written by us on every call; a mapping may replace them. */
const OWN_HEADERS = new Set([
  'user-agent',
  'accept',
  'x-amzn-apigateway-api-id',
  'x-amzn-trace-id',
  'traceparent',
  'tracestate',
  'content-type',
]);
/** Of the client's these say who called us; where we say who calls, they are not true any more. */
const TRACE_HEADERS = new Set(['x-amzn-trace-id', 'traceparent', 'tracestate']);
const METHODS_WITHOUT_BODY = new Set(['GET', 'HEAD']);

export interface HttpParts {
  readonly method: string;
  readonly uri: string;
  readonly mappings: readonly ParameterMapping[];
}

/** True for a method whose requests carry the payload. */
export function hasPayload({ method }: HttpParts): boolean {
  return !METHODS_WITHOUT_BODY.has(method);
}

export interface Target {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
}

/** URIs without variables and path parameters are parsed once. */
const fixedTargets = new WeakMap<HttpParts, Target>();

const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?=[/\\?#]|$)/i;

/** One segment of a path, whatever the value holds. */
function segmentOf(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Where the request goes. Refuses a URI that is none once its variables are filled. */
export function targetOf(integration: HttpParts, event: IntegrationEvent, mapped: MappedParameters): Target | Refusal {
  const fixed = fixedTargets.get(integration);
  if (fixed && mapped.query.length === 0) return fixed;
  const filled = fillStageVariables(integration.uri, event.stageVariables).replace(
    /\{([A-Za-z0-9._$-]+)\}/g,
    (whole, name: string) => (Object.hasOwn(mapped.path, name) ? segmentOf(mapped.path[name]!) : whole),
  );
  // A URL resolves such segments: what a client sends would lead to another place of the backend.
  if (Object.keys(mapped.path).length > 0 && DOT_SEGMENT.test(filled)) {
    return refuse('ConfigurationError', 'integrate', `a path parameter of '${integration.uri}' is . or ..`);
  }
  const url = URL.canParse(filled) ? new URL(filled) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return refuse(
      'ConfigurationError',
      'integrate',
      `the integration URI '${filled.slice(0, 512)}' is not an HTTP URL`,
    );
  }
  for (const [name, value] of mapped.query) url.searchParams.append(name, value);
  const target = { origin: url.origin, host: url.hostname, path: `${url.pathname}${url.search}` };
  if (!/[{$]/.test(integration.uri) && mapped.query.length === 0) fixedTargets.set(integration, target);
  return target;
}

/** `isForwarding`: the headers of a handshake go along. `hasBody`: there is a payload, which is JSON as far as we know. */
export function requestHeaders(
  event: IntegrationEvent,
  mapped: MappedParameters,
  { hasBody, isForwarding }: { readonly hasBody: boolean; readonly isForwarding: boolean },
): Record<string, string | string[]> {
  const { apiId } = event.connection;
  const headers: Record<string, string | string[]> = {
    'User-Agent': `AmazonAPIGateway_${apiId}`,
    Accept: 'application/json',
    'x-amzn-apigateway-api-id': apiId,
    'X-Amzn-Trace-Id': amznTraceHeader(event),
    ...w3cHeaders(event),
  };
  if (hasBody) headers['Content-Type'] = 'application/json';
  if (event.isRedelivery) headers['x-sallyport-redelivery'] = 'true';
  const handshake = isForwarding ? event.handshake : undefined;
  if (handshake) {
    addHandshakeHeaders(headers, handshake.rawHeaders, event.trace ? TRACE_HEADERS : NO_HEADERS);
    headers['X-Forwarded-For'] = event.connection.sourceIp;
    headers['X-Forwarded-Port'] = '443';
    headers['X-Forwarded-Proto'] = 'https';
  }
  for (const name in mapped.headers) {
    const lower = name.toLowerCase();
    // Whatever was there under that name, in whatever case, gives way to the mapping.
    if (handshake || OWN_HEADERS.has(lower)) removeHeader(headers, lower);
    headers[name] = mapped.headers[name]!;
  }
  return headers;
}

function removeHeader(headers: Record<string, unknown>, lower: string): void {
  for (const present of Object.keys(headers)) if (present.toLowerCase() === lower) delete headers[present];
}

/** What a signature stands on; the token of a session is a secret. */
const SIGNATURE_HEADERS = new Set(['authorization', 'x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token']);

function isSignature(name: string, value: string): boolean {
  return name.toLowerCase() === 'authorization' && value.startsWith('AWS4-HMAC-SHA256');
}

const NO_HEADERS: ReadonlySet<string> = new Set();

function addHandshakeHeaders(
  headers: Record<string, string | string[]>,
  raw: readonly string[],
  replaced: ReadonlySet<string>,
): void {
  const isSigned = raw.some((name, place) => place % 2 === 0 && isSignature(name, raw[place + 1]!));
  for (let position = 0; position < raw.length; position += 2) {
    const name = raw[position]!;
    const lower = name.toLowerCase();
    // A backend that speaks WebSocket itself would take these for its own and refuse; see docs/divergences.md.
    if (NOT_FORWARDED.has(lower) || (lower.startsWith('sec-websocket-') && lower !== 'sec-websocket-protocol'))
      continue;
    if (replaced.has(lower)) continue;
    const value = raw[position + 1]!;
    // A signature is for us, and of no use to anybody else.
    if (isSigned && SIGNATURE_HEADERS.has(lower)) continue;
    const present = Object.keys(headers).find((one) => one.toLowerCase() === lower);
    if (present === undefined || lower === 'user-agent' || lower === 'accept') {
      if (present !== undefined) delete headers[present];
      headers[name] = value;
    } else headers[present] = [headers[present]!, value].flat();
  }
}
