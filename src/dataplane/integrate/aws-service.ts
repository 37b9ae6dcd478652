// AWS, to a service other than Lambda: the request template makes the body, the call is signed for the account of the API, and the
// answer is mapped by its status (websocket-apis 3.9). Nothing is tried again: the service may have done what it did not answer.

import { AWS_SERVICES, parseServiceUri, type ServiceUri } from '../../model/aws-services.ts';
import { isRefusal, refuse, type Refusal } from '../../model/faults.ts';
import { fillStageVariables } from '../../protocol/parameter-mapping.ts';
import { signRequest } from '../../protocol/sigv4.ts';
import type { ServiceIntegration } from '../../snapshot/compile-integration.ts';
import type { Answer } from '../stages.ts';
import type { IntegrationEvent } from './event-context.ts';
import { callNoted } from './http-backends.ts';
import { hasPayload, requestHeaders, targetOf, type HttpParts, type Target } from './http-request.ts';
import { mapRequest } from './map-request.ts';
import { mapResponse } from './map-response.ts';
import { mapParameters, withOverrides } from './request-parameters.ts';
import type { ServiceCredentials, Services } from './services.ts';

const STEP = 'integrate';
const EMPTY_OBJECT = Buffer.from('{}');
const EMPTY = Buffer.alloc(0);

export async function callService(
  integration: ServiceIntegration,
  event: IntegrationEvent,
  services: Services,
): Promise<Answer | Refusal> {
  const uri = uriOf(integration, event);
  if (isRefusal(uri)) return uri;
  const place = services.placeOf(uri);
  if (isRefusal(place)) return place;
  const { account } = event.connection;
  const credentials = services.credentialsOf(account, integration.role, uri.service);
  if (isRefusal(credentials)) return credentials;
  const request = mapRequest(integration.request, event);
  if (isRefusal(request)) return request;
  const { overrides } = request;
  const mapped = withOverrides(mapParameters(integration.mappings, event), overrides);
  const target = targetOf(partsOf(integration, uri, place.url), event, mapped);
  if (isRefusal(target)) return target;
  const body = hasPayload(integration) ? bodyFor(uri, request.body) : undefined;
  const headers = requestHeaders(event, mapped, { hasBody: body !== undefined, isForwarding: false });
  const path = spelled(target.path);
  const call = { ...target, path, method: integration.method, body, timeoutMs: integration.timeoutMs };
  const complete = withAction(headers, mapped.headers, uri);
  const headersSent = signed(complete, call, { credentials, uri, nowMs: services.nowMs() });
  const answer = await callNoted(place.backends, { ...call, headers: headersSent }, event, complete);
  if (isRefusal(answer)) return answer;
  services.noteStatus(answer.status, account, uri.service);
  return mapResponse(integration.responses, { selected: String(answer.status), answer, event, overrides });
}

function uriOf({ uri, service }: ServiceIntegration, { stageVariables }: IntegrationEvent): ServiceUri | Refusal {
  if (service) return service;
  const filled = fillStageVariables(uri, stageVariables);
  const parsed = parseServiceUri(filled);
  if (parsed && AWS_SERVICES.has(parsed.service)) return parsed;
  return refuse('ConfigurationError', STEP, `'${filled.slice(0, 512)}' names no service that can be called`);
}

/** Integrations whose URI is fixed: `targetOf` then parses its URL once. */
const fixedParts = new WeakMap<ServiceIntegration, HttpParts>();

function partsOf(integration: ServiceIntegration, uri: ServiceUri, placeUrl: string): HttpParts {
  const fixed = fixedParts.get(integration);
  if (fixed) return fixed;
  const { method, mappings } = integration;
  const parts = { method, mappings, uri: `${placeUrl}/${resourceOf(uri)}` };
  if (integration.service) fixedParts.set(integration, parts);
  return parts;
}

/** What stands behind the host and its slash. */
function resourceOf({ form, called, service }: ServiceUri): string {
  // One slash stands there already.
  if (form === 'path') return called.replace(/^\/+/, '');
  const [action = '', ...parameters] = called.split('&');
  const kind = AWS_SERVICES.get(service);
  if (kind?.protocol === 'query') parameters.unshift(`Action=${action}`, `Version=${kind.version}`);
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`;
}

/** A handshake and a disconnect have no payload, and a service that speaks JSON takes no other. */
function bodyFor({ service }: ServiceUri, body: Buffer): Buffer {
  return body.length === 0 && AWS_SERVICES.get(service)?.protocol === 'json' ? EMPTY_OBJECT : body;
}

/** A plus in a query is a space to some and a plus to others; a signature must not depend on whom one asks. */
function spelled(path: string): string {
  const question = path.indexOf('?');
  return question < 0 ? path : path.slice(0, question) + path.slice(question).replaceAll('+', '%20');
}

type Headers = Readonly<Record<string, string | string[]>>;

/** Written by the signature alone. */
const OF_SIGNATURE = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

/** The headers, with the action in them that the URI names; names in lower case, as they are signed. What is mapped wins. */
function withAction(headers: Headers, mapped: Readonly<Record<string, string>>, uri: ServiceUri): Headers {
  const all: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!OF_SIGNATURE.has(lower)) all[lower] = value;
  }
  const kind = AWS_SERVICES.get(uri.service);
  if (uri.form === 'path' || !kind) return all;
  const isMapped = Object.keys(mapped).some((name) => name.toLowerCase() === 'content-type');
  const ownType = kind.protocol === 'json' ? kind.contentType : 'application/x-www-form-urlencoded';
  if (!isMapped && 'content-type' in all) all['content-type'] = ownType;
  if (kind.protocol === 'json') all['x-amz-target'] ??= `${kind.target}.${uri.called.split('&')[0]}`;
  return all;
}

interface Signing {
  readonly credentials: ServiceCredentials;
  readonly uri: ServiceUri;
  readonly nowMs: number;
}

interface Unsigned extends Target {
  readonly method: string;
  readonly body: Buffer | undefined;
}

function signed(headers: Headers, call: Unsigned, { credentials, uri, nowMs }: Signing): Headers {
  const { method, path: target, body = EMPTY, origin } = call;
  const further: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (name === 'content-type' || name.startsWith('x-amz-')) further[name] = String(value);
  const { host } = new URL(origin);
  const { sessionToken } = credentials;
  const { region, service } = uri;
  const signature = signRequest(
    { method, target, host, body, sessionToken, headers: further },
    credentials,
    { region, service },
    nowMs,
  );
  return { ...headers, ...signature };
}
