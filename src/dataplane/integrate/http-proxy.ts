// HTTP_PROXY: one HTTP request for one event. On `$connect` the client's headers go along, without those that belong to its own
// handshake; a message has none (websocket-apis 3.9).

import { traceId } from '../../ambient/ids.ts';
import { refuse, type Refusal } from '../../model/faults.ts';
import { fillStageVariables } from '../../protocol/parameter-mapping.ts';
import type { HttpProxyIntegration } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import type { HttpBackends } from './http-backends.ts';
import { mapParameters, type MappedParameters } from './request-parameters.ts';

/** Headers of the client's own connection to us (RFC 9110 7.6.1, RFC 6455), and those that we write. */
const NOT_FORWARDED = new Set([
  'host',
  'connection',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'expect',
  'x-amzn-apigateway-api-id',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
]);
/** Written by us on every call; a mapping may replace them. */
const OWN_HEADERS = new Set(['user-agent', 'accept', 'x-amzn-apigateway-api-id', 'x-amzn-trace-id', 'content-type']);
const METHODS_WITHOUT_BODY = new Set(['GET', 'HEAD']);

export function callHttpProxy(
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
  backends: HttpBackends,
): Promise<Answer | Refusal> {
  const mapped = mapParameters(integration.mappings, event);
  const target = targetOf(integration, event, mapped);
  if (!target) {
    const uri = fillStageVariables(integration.uri, event.stageVariables);
    return Promise.resolve(
      refuse('ConfigurationError', 'integrate', `the integration URI '${uri}' is not an HTTP URL`),
    );
  }
  const hasBody = event.eventType === 'MESSAGE' && !METHODS_WITHOUT_BODY.has(integration.method);
  return backends.call({
    ...target,
    method: integration.method,
    headers: headersOf(event, mapped, hasBody),
    body: hasBody ? event.body : undefined,
    timeoutMs: integration.timeoutMs,
  });
}

interface Target {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
}

/** URIs without variables and path parameters are parsed once. */
const fixedTargets = new WeakMap<HttpProxyIntegration, Target>();

function targetOf(
  integration: HttpProxyIntegration,
  event: IntegrationEvent,
  mapped: MappedParameters,
): Target | undefined {
  const fixed = fixedTargets.get(integration);
  if (fixed && mapped.query.length === 0) return fixed;
  const filled = fillStageVariables(integration.uri, event.stageVariables).replace(
    /\{([A-Za-z0-9._$-]+)\}/g,
    (whole, name: string) => (Object.hasOwn(mapped.path, name) ? encodeURIComponent(mapped.path[name]!) : whole),
  );
  if (!URL.canParse(filled)) return undefined;
  const url = new URL(filled);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  for (const [name, value] of mapped.query) url.searchParams.append(name, value);
  const target = { origin: url.origin, host: url.hostname, path: `${url.pathname}${url.search}` };
  if (!/[{$]/.test(integration.uri) && mapped.query.length === 0) fixedTargets.set(integration, target);
  return target;
}

function headersOf(
  event: IntegrationEvent,
  mapped: MappedParameters,
  hasBody: boolean,
): Record<string, string | string[]> {
  const { apiId } = event.connection;
  const headers: Record<string, string | string[]> = {
    'User-Agent': `AmazonAPIGateway_${apiId}`,
    Accept: 'application/json',
    'x-amzn-apigateway-api-id': apiId,
    'X-Amzn-Trace-Id': traceId(event.atMs),
  };
  if (hasBody) headers['Content-Type'] = 'application/json';
  if (event.isRedelivery) headers['x-sallyport-redelivery'] = 'true';
  if (event.handshake) {
    addHandshakeHeaders(headers, event.handshake.rawHeaders);
    headers['X-Forwarded-For'] = event.connection.sourceIp;
    headers['X-Forwarded-Port'] = '443';
    headers['X-Forwarded-Proto'] = 'https';
  }
  for (const name in mapped.headers) {
    const lower = name.toLowerCase();
    // Whatever was there under that name, in whatever case, gives way to the mapping.
    if (event.handshake || OWN_HEADERS.has(lower)) removeHeader(headers, lower);
    headers[name] = mapped.headers[name]!;
  }
  return headers;
}

function removeHeader(headers: Record<string, unknown>, lower: string): void {
  for (const present of Object.keys(headers)) if (present.toLowerCase() === lower) delete headers[present];
}

function addHandshakeHeaders(headers: Record<string, string | string[]>, raw: readonly string[]): void {
  for (let position = 0; position < raw.length; position += 2) {
    const name = raw[position]!;
    const lower = name.toLowerCase();
    // A backend that speaks WebSocket itself would take these for its own and refuse; see docs/divergences.md.
    if (NOT_FORWARDED.has(lower) || (lower.startsWith('sec-websocket-') && lower !== 'sec-websocket-protocol'))
      continue;
    const value = raw[position + 1]!;
    const present = Object.keys(headers).find((one) => one.toLowerCase() === lower);
    if (present === undefined || lower === 'user-agent' || lower === 'accept') {
      if (present !== undefined) delete headers[present];
      headers[name] = value;
    } else headers[present] = [headers[present]!, value].flat();
  }
}
