// Faults of the data plane → status, error type and text. Complete by type: a new fault code does not compile until it has all
// of them. What is sent is read from it in this folder alone.

import type { DataFaultCode, Refusal } from '../../model/faults.ts';

interface Words {
  readonly status: number;
  /** `x-amzn-ErrorType`; none where AWS sends none. */
  readonly errorType: string | undefined;
  /** What a client reads, unless the refusal brings a message of its own; AWS sends null for one of them. */
  readonly text: string | null;
  /** The member of the JSON body that holds it; none for an empty body. */
  readonly member: 'message' | 'Message' | undefined;
}

const WORDS: Readonly<Record<DataFaultCode, Words>> = {
  Forbidden: { status: 403, errorType: 'ForbiddenException', text: 'Forbidden', member: 'message' },
  MisdirectedRequest: {
    status: 421,
    errorType: 'MisdirectedRequestException',
    text: 'Misdirected Request',
    member: 'message',
  },
  BadRequest: { status: 400, errorType: 'BadRequestException', text: 'Bad Request', member: 'message' },
  BadRequestBody: { status: 400, errorType: 'BadRequestException', text: 'Bad request body', member: 'message' },
  UriTooLong: {
    status: 414,
    errorType: 'RequestEntityTooLargeException',
    text: 'Request URI Too Long',
    member: 'message',
  },
  InvalidConnectionId: {
    status: 400,
    errorType: 'BadRequestException',
    text: 'Invalid connectionId',
    member: 'message',
  },
  MissingAuthenticationToken: {
    status: 403,
    errorType: 'MissingAuthenticationTokenException',
    text: 'Missing Authentication Token',
    member: 'message',
  },
  InvalidSignature: { status: 403, errorType: 'InvalidSignatureException', text: 'Forbidden', member: 'message' },
  AccessDenied: { status: 403, errorType: 'AccessDeniedException', text: 'Access denied', member: 'Message' },
  Unauthorized: { status: 401, errorType: 'UnauthorizedException', text: 'Unauthorized', member: 'message' },
  AuthorizerFailure: {
    status: 500,
    errorType: 'InternalServerErrorException',
    text: 'Internal server error',
    member: 'message',
  },
  AuthorizerConfigurationError: {
    status: 500,
    errorType: 'InternalServerErrorException',
    text: null,
    member: 'message',
  },
  Gone: { status: 410, errorType: 'GoneException', text: '', member: undefined },
  PayloadTooLarge: { status: 413, errorType: undefined, text: '', member: undefined },
  LimitExceeded: { status: 429, errorType: 'LimitExceededException', text: 'Too Many Requests', member: 'message' },
  QuotaExceeded: { status: 429, errorType: 'LimitExceededException', text: 'Limit Exceeded', member: 'message' },
  TooManyRequests: { status: 429, errorType: 'TooManyRequestsException', text: 'Too Many Requests', member: 'message' },
  IntegrationRefused: { status: 403, errorType: undefined, text: 'Forbidden', member: 'message' },
  IntegrationFailure: {
    status: 502,
    errorType: 'InternalServerErrorException',
    text: 'Internal server error',
    member: 'message',
  },
  IntegrationTimeout: {
    status: 504,
    errorType: 'InternalServerErrorException',
    text: 'Endpoint request timed out',
    member: 'message',
  },
  ConfigurationError: {
    status: 500,
    errorType: 'InternalServerErrorException',
    text: 'Internal server error',
    member: 'message',
  },
  UnsupportedMediaType: {
    status: 415,
    errorType: 'BadRequestException',
    text: 'Unsupported Media Type',
    member: 'message',
  },
  // Nobody reads it: the logs have the status that proxies write for it.
  ClientLeft: { status: 499, errorType: undefined, text: '', member: undefined },
  Draining: { status: 503, errorType: 'ServiceUnavailableException', text: 'Service Unavailable', member: 'message' },
  InternalError: {
    status: 500,
    errorType: 'InternalServerErrorException',
    text: 'Internal server error',
    member: 'message',
  },
};

/** The HTTP status of a refusal; of a message's, what the logs say of it. */
export function statusOf({ code }: Refusal): number {
  return WORDS[code].status;
}

export function wordsOf(refusal: Refusal): Words {
  const words = WORDS[refusal.code];
  return refusal.message === undefined ? words : { ...words, text: refusal.message };
}
