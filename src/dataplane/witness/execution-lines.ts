// What the execution log says of one happening, line by line, in AWS's words (websocket-apis 8.2). Lines that hold headers or bodies are
// made for traced routes alone, and no line holds a secret of the client's or of the call.

import type { Refusal } from '../../model/faults.ts';
import { clipText, headersText, redactText, redactUri, secretValues } from '../../protocol/redaction.ts';
import type { RouteLogging } from '../../snapshot/stage-logs.ts';
import type { Happening } from '../happening.ts';
import type { CallNotes } from '../integrate/call-notes.ts';
import type { Handshake } from '../integrate/event-context.ts';
import { wordsOf } from '../respond/fault-words.ts';
import { maskedKey } from './masked-key.ts';

/** Longer than any line is, so that what is left out of it needs no more of the text; and short enough to be looked through. */
const TEXT_CHARACTERS_MAX = 8_192;

/** Without the request id that each begins with. */
export function executionLines(happening: Happening, logging: RouteLogging): string[] {
  const secrets = secretsOf(happening.event?.handshake);
  const hide: Hide = (text) => redactText(clipText(text, TEXT_CHARACTERS_MAX, secrets), secrets);
  return logging.level === 'INFO' ? course(happening, logging, hide) : failure(happening, logging, hide);
}

/** Takes the secrets out of what a client, a backend or a mapping said. */
type Hide = (text: string) => string;

function secretsOf(handshake: Handshake | undefined): string[] {
  if (!handshake) return [];
  const { rawHeaders, query, apiKey } = handshake;
  const secrets = secretValues([...pairsOf(rawHeaders), ...query]);
  return apiKey === undefined ? secrets : [apiKey, ...secrets];
}

/** What went wrong; with a trace, also what led there. */
function failure(happening: Happening, { isTraced }: RouteLogging, hide: Hide): string[] {
  const { refusal, eventType, event } = happening;
  if (!refusal) return [];
  const error = eventType === 'CONNECTION_API' ? callbackEnd(happening) : hide(errorLine(refusal));
  return isTraced ? [...[...arrival(happening), ...calling(event?.notes, true)].map(hide), error] : [error];
}

function course(happening: Happening, { isTraced }: RouteLogging, hide: Hide): string[] {
  const { requestId, eventType, routeKey, refusal, event } = happening;
  if (eventType === 'CONNECTION_API') return [`Extended Request Id: ${requestId}`, callbackEnd(happening)];
  return [
    `Extended Request Id: ${requestId}`,
    ...usagePlan(happening),
    ...(isBeforeExecution(refusal) ? [] : [`Starting execution for request: ${requestId}`]),
    `WebSocket Request Route: [${routeKey ?? ''}]`,
    ...beginning(happening),
    ...[
      ...(isTraced ? arrival(happening) : []),
      ...calling(event?.notes, isTraced),
      ...(isTraced ? answering(happening) : []),
      ...(refusal ? [errorLine(refusal)] : []),
    ].map(hide),
    ...ending(happening),
  ];
}

const KEY_STEP = 'api-key';

function isBeforeExecution(refusal: Refusal | undefined): boolean {
  return refusal?.step === KEY_STEP;
}

function usagePlan({ requestId, routeKey, stage, event, refusal }: Happening): string[] {
  const ofStage = `${stage?.api.apiId}/${stage?.stageName}`;
  const value = event?.handshake?.apiKey;
  const key = value === undefined ? '' : maskedKey(value);
  const verifying = `Verifying Usage Plan for request: ${requestId}. API Key: ${key} API Stage: ${ofStage}`;
  if (isBeforeExecution(refusal)) return [verifying];
  const authorized =
    value === undefined
      ? `API Key ${key} authorized because route '${routeKey ?? ''}' does not require API Key. Request will not contribute to throttle or quota limits`
      : `API Key ${key} authorized because it is in a usage plan of the stage. Request will contribute to throttle and quota limits`;
  return [verifying, authorized, `Usage Plan check succeeded for API Key ${key} and API Stage ${ofStage}`];
}

function beginning({ eventType, stage, event, caller, sourceIp, connectionId }: Happening): string[] {
  const apiId = stage?.api.apiId;
  if (eventType === 'CONNECT') {
    const userAgent = event?.connection.userAgent ?? caller?.userAgent ?? '';
    return [`Client [UserAgent: ${userAgent}, SourceIp: ${sourceIp}] is connecting to WebSocket API [${apiId}].`];
  }
  if (eventType === 'DISCONNECT') return [];
  return [`WebSocket API [${apiId}] received message from client [Connection Id: ${connectionId}].`];
}

/** What the client sent. */
function arrival({ eventType, event }: Happening): string[] {
  if (!event) return [];
  if (eventType === 'MESSAGE') return [`Method request body before transformations: ${textOf(event.body)}`];
  const { handshake } = event;
  if (!handshake) return [];
  return [
    `Method request headers: ${headersText(named(pairsOf(handshake.rawHeaders)))}`,
    `Method request query string: ${headersText(named([...handshake.query]))}`,
  ];
}

function pairsOf(rawHeaders: readonly string[]): (readonly [string, string])[] {
  return rawHeaders.flatMap((name, place) => (place % 2 === 0 ? [[name, rawHeaders[place + 1] ?? ''] as const] : []));
}

/** As far as any line goes. */
function textOf(body: Buffer | undefined): string {
  return body?.subarray(0, 2 * TEXT_CHARACTERS_MAX).toString() ?? '';
}

/** Those of one name together. */
function named(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) all.set(name, [...(all.get(name) ?? []), value]);
  return Object.fromEntries(all);
}

/** What the backend was asked, and said. */
function calling(notes: CallNotes | undefined, isTraced: boolean): string[] {
  if (!notes?.request) return [];
  const { request, response, endpointRequestId } = notes;
  const lines = [`Endpoint request URI: ${redactUri(request.uri)}`];
  if (isTraced) {
    lines.push(`Endpoint request headers: ${headersText(request.headers)}`);
    lines.push(`Endpoint request body after transformations: ${textOf(request.body)}`);
  }
  if (endpointRequestId !== undefined) lines.push(`AWS Integration Endpoint RequestId : ${endpointRequestId}`);
  if (response) {
    lines.push(`Received response. Status: ${response.status}`);
    if (isTraced) {
      lines.push(`Endpoint response headers: ${headersText(response.headers)}`);
      lines.push(`Endpoint response body before transformations: ${textOf(response.body)}`);
    }
  }
  return lines;
}

/** What the client got. */
function answering({ answer, eventType }: Happening): string[] {
  if (!answer || eventType === 'DISCONNECT') return [];
  return [`Method response body after transformations: ${textOf(answer.body)}`];
}

function ending({
  eventType,
  stage,
  connectionId,
  status,
  refusal,
  event,
  answer,
  integrationMs,
}: Happening): string[] {
  const apiId = stage?.api.apiId;
  const client = `Client [Connection Id: ${connectionId}]`;
  if (eventType === 'MESSAGE') {
    return [
      `Message from client [Connection Id: ${connectionId}] sent to API [${apiId}] with response status code [${status}].`,
    ];
  }
  if (eventType === 'CONNECT') return refusal ? [] : [`${client} connected to API [${apiId}] successfully.`];
  const { code, reason } = event?.disconnect ?? { code: '', reason: '' };
  const isCalled = answer !== undefined || integrationMs !== undefined;
  const called = isCalled ? ` with integration response status code [${status}]` : '';
  return [`${client} disconnected from API [${apiId}]${called}. Close reason: [${code}: ${reason}]`];
}

function callbackEnd({ refusal, status }: Happening): string {
  if (!refusal) return `Connection API request completed with status: ${status}`;
  return `Connection API request failed: ${wordsOf(refusal).errorType ?? refusal.code}`;
}

/** Some reasons are whole sentences of AWS's. */
function errorLine({ reason }: Refusal): string {
  return /^(?:Lambda e|E)xecution failed/.test(reason) ? reason : `Execution failed: ${reason}`;
}
