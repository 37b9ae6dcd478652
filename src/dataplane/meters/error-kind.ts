// What an error is to the metrics of AWS (websocket-apis 8.3): of the integration, of the client, of calling the integration, or none
// that is counted. Complete by type: a new fault code does not compile until it has its kind.

import type { DataFaultCode, Refusal } from '../../model/faults.ts';
import type { Answer } from '../stages.ts';
import type { ErrorKind } from './stage-meters.ts';

const KINDS: Readonly<Record<DataFaultCode, ErrorKind>> = {
  Forbidden: 'client',
  MisdirectedRequest: 'client',
  BadRequest: 'client',
  BadRequestBody: 'client',
  UriTooLong: 'client',
  InvalidConnectionId: 'client',
  MissingAuthenticationToken: 'client',
  InvalidSignature: 'client',
  AccessDenied: 'client',
  Unauthorized: 'client',
  Gone: 'client',
  QuotaExceeded: 'client',
  UnsupportedMediaType: 'client',
  AuthorizerFailure: 'execution',
  AuthorizerConfigurationError: 'execution',
  IntegrationFailure: 'execution',
  IntegrationTimeout: 'execution',
  ConfigurationError: 'execution',
  InternalError: 'execution',
  // The integration answered, and its status has been looked at before.
  IntegrationRefused: 'none',
  // As a handshake that was made: the backend was asked, and did not fail.
  ClientLeft: 'none',
  PayloadTooLarge: 'uncounted',
  LimitExceeded: 'uncounted',
  TooManyRequests: 'uncounted',
  Draining: 'uncounted',
};
const FAILED_MIN = 400;

export function errorKind(refusal: Refusal | undefined, answer: Answer | undefined): ErrorKind {
  if (answer && (answer.backendStatus ?? answer.status) >= FAILED_MIN) return 'integration';
  if (!refusal) return 'none';
  return refusal.integration === 'failed' ? 'integration' : KINDS[refusal.code];
}

/** Whether an integration that was called was heard, or waited for: only then it took its time. */
export function hasTakenTime(refusal: Refusal | undefined, answer: Answer | undefined): boolean {
  if (answer || !refusal || refusal.integration) return true;
  return refusal.code === 'IntegrationTimeout' || refusal.code === 'IntegrationFailure';
}
