// The closed list of everything that can be refused, on both planes. A fault is an expected outcome: an operation throws it,
// a data-plane step returns it inside a Refusal. Nothing here knows bytes: only controlplane/wire/fault-response.ts and
// dataplane/respond/ turn a fault into an answer, each over the full record of its own half.

/** What the control plane refuses with: AWS's error names, and whether the same request may succeed later. */
export const CONTROL_FAULTS = {
  // API Gateway
  BadRequestException: { retryable: false },
  ConflictException: { retryable: true },
  NotFoundException: { retryable: false },
  TooManyRequestsException: { retryable: true },
  // ACM
  InvalidArnException: { retryable: false },
  InvalidArgsException: { retryable: false },
  InvalidDomainValidationOptionsException: { retryable: false },
  InvalidParameterException: { retryable: false },
  InvalidStateException: { retryable: false },
  LimitExceededException: { retryable: false },
  RequestInProgressException: { retryable: true },
  ResourceInUseException: { retryable: false },
  ResourceNotFoundException: { retryable: false },
  ThrottlingException: { retryable: true },
  TooManyTagsException: { retryable: false },
  InvalidTagException: { retryable: false },
  ValidationException: { retryable: false },
  // Route 53
  HostedZoneAlreadyExists: { retryable: false },
  HostedZoneNotEmpty: { retryable: false },
  InvalidChangeBatch: { retryable: false },
  InvalidDomainName: { retryable: false },
  InvalidInput: { retryable: false },
  MalformedInput: { retryable: false },
  NoSuchChange: { retryable: false },
  NoSuchDelegationSet: { retryable: false },
  NoSuchHealthCheck: { retryable: false },
  NoSuchHostedZone: { retryable: false },
  PriorRequestNotComplete: { retryable: true },
  // Lambda
  InvalidParameterValueException: { retryable: false },
  InvalidRequestContentException: { retryable: false },
  // every service
  AccessDeniedException: { retryable: false },
  IncompleteSignatureException: { retryable: false },
  InvalidSignatureException: { retryable: false },
  MissingAuthenticationTokenException: { retryable: false },
  ExpiredTokenException: { retryable: false },
  UnrecognizedClientException: { retryable: false },
  UnknownOperationException: { retryable: false },
  SerializationException: { retryable: false },
  RequestEntityTooLargeException: { retryable: false },
  ForeignRequestException: { retryable: false },
  NotImplemented: { retryable: false },
  InternalFailure: { retryable: true },
  ServiceUnavailableException: { retryable: true },
} as const;

/** What a connection, a message or a callback is refused with. */
export const DATA_FAULTS = {
  Forbidden: { retryable: false },
  MisdirectedRequest: { retryable: false },
  BadRequest: { retryable: false },
  BadRequestBody: { retryable: false },
  UriTooLong: { retryable: false },
  InvalidConnectionId: { retryable: false },
  MissingAuthenticationToken: { retryable: false },
  InvalidSignature: { retryable: false },
  AccessDenied: { retryable: false },
  Unauthorized: { retryable: false },
  AuthorizerFailure: { retryable: true },
  AuthorizerConfigurationError: { retryable: false },
  Gone: { retryable: false },
  PayloadTooLarge: { retryable: false },
  LimitExceeded: { retryable: true },
  QuotaExceeded: { retryable: false },
  TooManyRequests: { retryable: true },
  IntegrationRefused: { retryable: false },
  IntegrationFailure: { retryable: true },
  IntegrationTimeout: { retryable: true },
  ConfigurationError: { retryable: false },
  UnsupportedMediaType: { retryable: false },
  Draining: { retryable: true },
  ClientLeft: { retryable: true },
  InternalError: { retryable: true },
} as const;

export type ControlFaultCode = keyof typeof CONTROL_FAULTS;
export type DataFaultCode = keyof typeof DATA_FAULTS;

/**
 * A refusal of the control plane. The message goes to the client as it is, so it names the thing and the bound and holds no
 * secret; `members` are further members of AWS's error shape; `step` names the step of the path that refused, for the log.
 */
export class Fault extends Error {
  readonly code: ControlFaultCode;
  readonly members: Readonly<Record<string, string>>;
  readonly step: string;

  constructor(code: ControlFaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.members = options.members ?? {};
    this.step = options.step ?? 'operation';
  }
}

interface FaultOptions {
  members?: Record<string, string>;
  step?: string;
  cause?: unknown;
}

/**
 * What a data-plane step returns instead of its output: the fault, the step that refused, what the log says (`reason`, never
 * sent), and what the client may read (`message`).
 */
export interface Refusal {
  readonly refused: true;
  readonly code: DataFaultCode;
  readonly step: string;
  readonly reason: string;
  readonly message?: string;
  /** The integration was called and answered: that it failed itself, or what could not be used. Absent where it was not heard. */
  readonly integration?: 'failed' | 'unusable';
}

export function refuse(code: DataFaultCode, step: string, reason: string, message?: string): Refusal {
  return message === undefined ? { refused: true, code, step, reason } : { refused: true, code, step, reason, message };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

/** A broken invariant: ends the request, and is never mapped to an answer of its own. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
