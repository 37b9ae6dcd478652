// What the variables of an access log mean for one happening (websocket-apis 7.1, 8.1). Those of `$context` that templates know are asked
// of the event; the others are only known once all is over. Of secrets no more is shown than tells them apart.

import type { Refusal } from '../../model/faults.ts';
import { firstLabel, hostOfDomainName } from '../../protocol/host-name.ts';
import { redactText } from '../../protocol/redaction.ts';
import { contextValue, requestTime } from '../integrate/event-context.ts';
import type { Happening } from '../happening.ts';
import { wordsOf } from '../respond/fault-words.ts';
import { maskedKey } from './masked-key.ts';
import { responseTypeOf } from './response-types.ts';

/** Undefined, and an empty text, are printed as `-`. */
export type Read = (happening: Happening) => string | undefined;

const OK = '200';
const VARIABLES: Readonly<Record<string, Read>> = {
  apiId: ({ stage }) => stage?.api.apiId,
  stage: ({ stage }) => stage?.stageName,
  domainName: ({ domainName }) => domainName,
  domainPrefix: ({ domainName }) => firstLabel(hostOfDomainName(domainName)),
  routeKey: ({ routeKey }) => routeKey,
  connectionId: ({ connectionId }) => connectionId,
  messageId: ({ event }) => event?.messageId,
  eventType: ({ eventType }) => eventType,
  requestId: ({ requestId }) => requestId,
  extendedRequestId: ({ requestId }) => requestId,
  requestTime: ({ atMs }) => commonLogTime(atMs),
  requestTimeEpoch: ({ atMs }) => String(Math.round(atMs)),
  status: ({ status }) => String(status),
  integrationLatency: ({ eventType, integrationMs, tookMs }) =>
    latency(eventType === 'CONNECTION_API' ? tookMs : integrationMs),
  integrationErrorMessage: ({ refusal }) => (refusal?.step === 'integrate' ? reasonOf(refusal) : undefined),
  'identity.sourceIp': ({ sourceIp }) => sourceIp,
  'identity.userAgent': ({ event, caller }) => event?.connection.userAgent ?? caller?.userAgent,
  'identity.apiKey': ({ event }) => event?.handshake?.apiKey && maskedKey(event.handshake.apiKey),
  'error.message': errorMessage,
  'error.messageString': (happening) => quoted(errorMessage(happening)),
  'error.responseType': ({ refusal }) => refusal && responseTypeOf(refusal),
  'error.validationErrorString': ({ refusal }) => (refusal?.code === 'BadRequestBody' ? reasonOf(refusal) : undefined),
  'authorizer.latency': ({ authorization }) => ofFunction(authorization, latency(authorization?.tookMs)),
  'authorizer.integrationLatency': ({ authorization, event }) =>
    ofFunction(authorization, latency(event?.connection.authorizer?.integrationLatencyMs ?? authorization?.tookMs)),
  'authorizer.integrationStatus': ({ authorization, refusal }) =>
    ofFunction(authorization, refusal?.code === 'AuthorizerFailure' ? undefined : OK),
  'authorizer.status': ({ authorization, refusal, status }) =>
    ofFunction(authorization, refusal?.step === 'authorize' ? String(status) : OK),
  'authorizer.error': (happening) => ofFunction(happening.authorization, refusedBy('authorize', happening)),
  'authorize.latency': ({ authorization }) => latency(authorization?.tookMs),
  'authorize.status': (happening) =>
    happening.authorization && (isAuthenticated(happening) ? authorizeStatus(happening) : undefined),
  'authorize.error': (happening) => (isAuthenticated(happening) ? refusedBy('authorize', happening) : undefined),
  'authenticate.latency': ({ authorization }) =>
    authorization?.type === 'AWS_IAM' ? latency(authorization.tookMs) : undefined,
  'authenticate.status': (happening) =>
    happening.authorization?.type === 'AWS_IAM'
      ? isAuthenticated(happening)
        ? OK
        : String(happening.status)
      : undefined,
  'authenticate.error': (happening) => (isAuthenticated(happening) ? undefined : refusedBy('authorize', happening)),
};

/** Never filled for WebSocket APIs (websocket-apis 8.1), whatever a template would say of them. */
const NEVER: readonly string[] = ['messageDirection', 'disconnectStatusCode', 'disconnectReason'];

/** How a variable is read. */
export function readerOf(path: readonly string[]): Read {
  const name = path.join('.');
  if (Object.hasOwn(VARIABLES, name)) return VARIABLES[name]!;
  if (NEVER.includes(name)) return () => undefined;
  // The owner's own access key, and the others that a signature tells of.
  if (path[0] === 'identity')
    return ({ event, caller }) => (event ? contextValue(event, path) : ofCaller(caller, path[1]));
  return ({ event }) => event && contextValue(event, path);
}

function ofCaller(caller: Happening['caller'], name: string | undefined): string | undefined {
  const iam: Readonly<Record<string, string>> = caller?.iam ?? {};
  return name !== undefined && Object.hasOwn(iam, name) ? iam[name] : undefined;
}

/** A second has many lines. */
let kept = { second: NaN, text: '' };

function commonLogTime(atMs: number): string {
  const second = Math.floor(atMs / 1_000);
  if (second !== kept.second) kept = { second, text: requestTime(atMs) };
  return kept.text;
}

function latency(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : String(Math.round(ms));
}

function errorMessage({ refusal }: Happening): string | undefined {
  if (!refusal || responseTypeOf(refusal) === undefined) return undefined;
  return wordsOf(refusal).text ?? undefined;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}

function ofFunction(authorization: Happening['authorization'], text: string | undefined): string | undefined {
  return authorization?.type === 'REQUEST' ? text : undefined;
}

function refusedBy(step: string, { refusal }: Happening): string | undefined {
  return refusal?.step === step ? reasonOf(refusal) : undefined;
}

/** It may repeat what a client or a function said. */
function reasonOf({ reason }: Refusal): string {
  return redactText(reason);
}

/** Who it is, is known; a REQUEST authorizer says that and what it may in one. */
function isAuthenticated({ refusal }: Happening): boolean {
  return refusal?.code !== 'MissingAuthenticationToken' && refusal?.code !== 'InvalidSignature';
}

function authorizeStatus({ refusal, status }: Happening): string {
  return refusal?.step === 'authorize' ? String(status) : OK;
}
