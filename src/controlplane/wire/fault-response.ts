// Faults of the control plane → bytes, in the words of each protocol. The only place that does this; the table is complete by
// type, so a new fault code does not compile until it has a status and a spelling.

import type { ControlFaultCode, Fault } from '../../model/faults.ts';
import type { ServiceModel } from '../../protocol/wire/model.ts';
import { XML_NAMESPACES, type WireResponse } from './protocols.ts';
import { escapeXml } from '../../protocol/wire/xml-shapes.ts';

interface Spelling {
  readonly status: number;
  /** Where ACM's model has another status. */
  readonly json11Status?: number;
  /** Its name in XML, where Route 53 and STS have one of their own, and its status, where that differs. */
  readonly xmlCode?: string;
  readonly xmlStatus?: number;
}

const SPELLINGS: Readonly<Record<ControlFaultCode, Spelling>> = {
  BadRequestException: { status: 400 },
  ConflictException: { status: 409, json11Status: 400, xmlCode: 'PriorRequestNotComplete', xmlStatus: 400 },
  NotFoundException: { status: 404 },
  TooManyRequestsException: { status: 429 },
  InvalidArnException: { status: 400 },
  InvalidArgsException: { status: 400 },
  InvalidDomainValidationOptionsException: { status: 400 },
  InvalidParameterException: { status: 400 },
  InvalidStateException: { status: 400 },
  ThrottlingException: { status: 400, xmlCode: 'Throttling' },
  LimitExceededException: { status: 429, json11Status: 400, xmlStatus: 400 },
  RequestInProgressException: { status: 400 },
  ResourceInUseException: { status: 400 },
  ResourceNotFoundException: { status: 404, json11Status: 400 },
  TooManyTagsException: { status: 400 },
  InvalidTagException: { status: 400 },
  ValidationException: { status: 400, xmlCode: 'ValidationError' },
  HostedZoneAlreadyExists: { status: 409 },
  HostedZoneNotEmpty: { status: 400 },
  InvalidChangeBatch: { status: 400 },
  InvalidDomainName: { status: 400 },
  InvalidInput: { status: 400 },
  MalformedInput: { status: 400 },
  NoSuchChange: { status: 404 },
  NoSuchDelegationSet: { status: 400 },
  NoSuchHealthCheck: { status: 404 },
  NoSuchHostedZone: { status: 404 },
  PriorRequestNotComplete: { status: 400 },
  InvalidParameterValueException: { status: 400 },
  InvalidRequestContentException: { status: 400 },
  AccessDeniedException: { status: 403, xmlCode: 'AccessDenied' },
  IncompleteSignatureException: { status: 400, xmlCode: 'IncompleteSignature' },
  InvalidSignatureException: { status: 403, xmlCode: 'SignatureDoesNotMatch' },
  MissingAuthenticationTokenException: { status: 403, xmlCode: 'MissingAuthenticationToken' },
  ExpiredTokenException: { status: 403, xmlCode: 'ExpiredToken' },
  UnrecognizedClientException: { status: 403, xmlCode: 'InvalidClientTokenId' },
  UnknownOperationException: { status: 404, xmlCode: 'InvalidAction' },
  SerializationException: { status: 400, xmlCode: 'MalformedInput' },
  RequestEntityTooLargeException: { status: 413 },
  ForeignRequestException: { status: 403 },
  NotImplemented: { status: 501 },
  InternalFailure: { status: 500 },
  ServiceUnavailableException: { status: 503, xmlCode: 'ServiceUnavailable' },
};

/** `protocol` is undefined when the request was refused before its service was known; JSON is answered then. */
export function faultResponse(
  fault: Fault,
  protocol: ServiceModel['protocol'] | undefined,
  requestId: string,
): WireResponse {
  const spelling = SPELLINGS[fault.code];
  const { message } = fault;
  if (protocol === 'rest-xml' || protocol === 'query') {
    const { xmlCode, xmlStatus: status = spelling.status } = spelling;
    const type = status >= 500 ? 'Receiver' : 'Sender';
    const error = `<Type>${type}</Type><Code>${xmlCode ?? fault.code}</Code><Message>${escapeXml(message)}</Message>`;
    const body =
      `<?xml version="1.0"?>\n<ErrorResponse xmlns="${escapeXml(XML_NAMESPACES[protocol])}"><Error>${error}</Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return { status, headers: { 'Content-Type': 'text/xml' }, body };
  }
  if (protocol === 'json-1.1') {
    const { json11Status: status = spelling.status } = spelling;
    const named = fault.code === 'AccessDeniedException' ? { Message: message } : { message };
    const body = JSON.stringify({ __type: fault.code, ...named, ...fault.members });
    return { status, headers: { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-ErrorType': fault.code }, body };
  }
  const headers = { 'Content-Type': 'application/json', 'x-amzn-ErrorType': fault.code };
  return { status: spelling.status, headers, body: JSON.stringify({ message, ...fault.members }) };
}
