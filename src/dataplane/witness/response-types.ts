// What `$context.error.responseType` says of a refusal: the types of AWS's gateway responses. Complete by type.

import type { DataFaultCode, Refusal } from '../../model/faults.ts';

const TYPES: Readonly<Record<DataFaultCode, string | undefined>> = {
  Forbidden: 'DEFAULT_4XX',
  MisdirectedRequest: 'DEFAULT_4XX',
  BadRequest: 'BAD_REQUEST_PARAMETERS',
  BadRequestBody: 'BAD_REQUEST_BODY',
  UriTooLong: 'DEFAULT_4XX',
  InvalidConnectionId: 'DEFAULT_4XX',
  MissingAuthenticationToken: 'MISSING_AUTHENTICATION_TOKEN',
  InvalidSignature: 'INVALID_SIGNATURE',
  AccessDenied: 'ACCESS_DENIED',
  Unauthorized: 'UNAUTHORIZED',
  AuthorizerFailure: 'AUTHORIZER_FAILURE',
  AuthorizerConfigurationError: 'AUTHORIZER_CONFIGURATION_ERROR',
  // Rows of these have a status and no error (websocket-apis 8.1): the client is gone, and the backend's words are its own.
  Gone: undefined,
  ClientLeft: undefined,
  IntegrationRefused: undefined,
  PayloadTooLarge: 'REQUEST_TOO_LARGE',
  LimitExceeded: 'THROTTLED',
  QuotaExceeded: 'QUOTA_EXCEEDED',
  TooManyRequests: 'THROTTLED',
  IntegrationFailure: 'INTEGRATION_FAILURE',
  IntegrationTimeout: 'INTEGRATION_TIMEOUT',
  ConfigurationError: 'API_CONFIGURATION_ERROR',
  UnsupportedMediaType: 'UNSUPPORTED_MEDIA_TYPE',
  Draining: 'DEFAULT_5XX',
  InternalError: 'DEFAULT_5XX',
};

const API_KEY_STEP = 'api-key';

/** Undefined where the row holds no error. */
export function responseTypeOf({ code, step }: Refusal): string | undefined {
  return code === 'Forbidden' && step === API_KEY_STEP ? 'INVALID_API_KEY' : TYPES[code];
}
