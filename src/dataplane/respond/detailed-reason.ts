// What a client may read of why its message failed, where its stage says more than AWS does: complete by type, so that nobody forgets to
// think about it when a fault is added.

import type { DataFaultCode, Refusal } from '../../model/faults.ts';
import type { ErrorDetail } from '../../model/stage-options.ts';
import { redactText } from '../../protocol/redaction.ts';

/** The reason is made of the message itself, of the API's routes and models, and of bounds: nothing that the client may not know. */
const AS_IT_IS = undefined;

const SAFE: Readonly<Record<DataFaultCode, string | typeof AS_IT_IS>> = {
  Forbidden: AS_IT_IS,
  MisdirectedRequest: AS_IT_IS,
  BadRequest: AS_IT_IS,
  BadRequestBody: AS_IT_IS,
  UriTooLong: AS_IT_IS,
  InvalidConnectionId: AS_IT_IS,
  Gone: AS_IT_IS,
  PayloadTooLarge: AS_IT_IS,
  LimitExceeded: AS_IT_IS,
  TooManyRequests: AS_IT_IS,
  UnsupportedMediaType: AS_IT_IS,
  ClientLeft: AS_IT_IS,
  Draining: AS_IT_IS,
  MissingAuthenticationToken: 'the request is not signed',
  InvalidSignature: 'the signature of the request is not valid',
  AccessDenied: 'the caller may not do this',
  Unauthorized: 'the caller is not known',
  AuthorizerFailure: 'the authorizer failed',
  AuthorizerConfigurationError: 'the authorizer is not set up, or said what cannot be understood',
  QuotaExceeded: 'the quota of the API key is used up',
  IntegrationRefused: 'the backend refused',
  IntegrationFailure: 'the backend could not be called, or failed',
  IntegrationTimeout: 'the backend did not answer in time',
  ConfigurationError: 'the integration of this route is not set up, or answered what cannot be understood',
  InternalError: 'the server failed',
};

const CHARACTERS_MAX = 1_024;

/** `full`: the reason that the logs have, but for what our own code says of itself. */
export function detailedReason({ code, step, reason }: Refusal, detail: Exclude<ErrorDetail, 'off'>): string {
  // Of a reply that is too large only its size is told.
  const isOwn = SAFE[code] === AS_IT_IS || step === 'respond' || (detail === 'full' && code !== 'InternalError');
  return isOwn ? redactText(reason).slice(0, CHARACTERS_MAX) : SAFE[code]!;
}
