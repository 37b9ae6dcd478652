// What a function of AWS_PROXY, and an authorizer, is told of one event: AWS's members, in AWS's order (websocket-apis 3.11, 6.1). Members
// that an event does not have are left out.

import { hostOfDomainName } from '../../protocol/host-name.ts';
import { amznTraceHeader } from '../tracing.ts';
import { requestTime, type IntegrationEvent } from './event-context.ts';

type Texts = Record<string, string>;
type Lists = Record<string, string[]>;

/** Headers that the integration of `$connect` is not told. */
const CONNECTION_HEADERS: readonly string[] = ['connection', 'upgrade', 'content-length'];

/** The event as JSON. */
export function lambdaEvent(event: IntegrationEvent): Buffer {
  return Buffer.from(JSON.stringify(membersOf(event)));
}

function membersOf(event: IntegrationEvent): object {
  const { eventType, stageVariables, body } = event;
  const variables = Object.keys(stageVariables).length > 0 ? { stageVariables } : {};
  const requestContext = requestContextOf(event);
  if (eventType === 'MESSAGE') {
    return { ...variables, requestContext, body: body.toString(), isBase64Encoded: false };
  }
  if (eventType === 'DISCONNECT') {
    return { ...disconnectHeaders(event), ...variables, requestContext, isBase64Encoded: false };
  }
  const { queryStringParameters, multiValueQueryStringParameters } = queryOf(event);
  const hasQuery = Object.keys(queryStringParameters).length > 0;
  return {
    ...headersOf(event, (lower) => !CONNECTION_HEADERS.includes(lower)),
    ...(hasQuery && { queryStringParameters, multiValueQueryStringParameters }),
    ...variables,
    requestContext,
    isBase64Encoded: false,
  };
}

/** As AWS tells them, however the client spelled them. */
const HANDSHAKE_HEADERS = ['Connection', 'upgrade', 'content-length', '0', 'Upgrade', 'websocket'];

/** What a REQUEST authorizer is told: all headers of the handshake, and maps that are there even when they are empty. */
export function authorizerEvent(event: IntegrationEvent, methodArn: string): Buffer {
  const { stageVariables } = event;
  const headers = headersOf(event, (lower) => !CONNECTION_HEADERS.includes(lower), HANDSHAKE_HEADERS);
  const requestContext = requestContextOf(event);
  return Buffer.from(
    JSON.stringify({ type: 'REQUEST', methodArn, ...headers, ...queryOf(event), stageVariables, requestContext }),
  );
}

function requestContextOf(event: IntegrationEvent): object {
  const { connection, disconnect, requestId, atMs } = event;
  const { authorizer } = connection;
  return {
    routeKey: event.routeKey,
    ...(authorizer && {
      authorizer: {
        ...authorizer.context,
        principalId: authorizer.principalId,
        integrationLatency: authorizer.integrationLatencyMs,
      },
    }),
    ...(event.messageId !== undefined && { messageId: event.messageId }),
    ...(disconnect && { disconnectStatusCode: disconnect.code }),
    eventType: event.eventType,
    extendedRequestId: requestId,
    requestTime: requestTime(atMs),
    messageDirection: 'IN',
    ...(disconnect && { disconnectReason: disconnect.reason }),
    stage: connection.stageName,
    connectedAt: connection.connectedAtMs,
    requestTimeEpoch: atMs,
    identity: {
      ...connection.iam,
      ...(connection.userAgent !== undefined && { userAgent: connection.userAgent }),
      sourceIp: connection.sourceIp,
      ...(event.handshake?.apiKey !== undefined && { apiKey: event.handshake.apiKey }),
      ...(connection.apiKeyId !== undefined && { apiKeyId: connection.apiKeyId }),
    },
    requestId,
    domainName: connection.domainName,
    connectionId: connection.connectionId,
    apiId: connection.apiId,
  };
}

/** The headers of the handshake in the order of their names, whatever their case, with what a load balancer would have added. */
function headersOf(
  { handshake, connection, atMs, trace }: IntegrationEvent,
  isTold: (lower: string) => boolean,
  more: readonly string[] = [],
): { headers: Texts; multiValueHeaders: Lists } {
  const pairs: [string, string][] = [];
  for (let position = 0; position < more.length; position += 2) pairs.push([more[position]!, more[position + 1]!]);
  const raw = handshake?.rawHeaders ?? [];
  for (let position = 0; position < raw.length; position += 2) {
    const name = raw[position]!;
    if (isTold(name.toLowerCase()) && !/^x-(forwarded-(for|port|proto)|amzn-trace-id)$/i.test(name))
      pairs.push([name, raw[position + 1]!]);
  }
  pairs.push(
    ['X-Amzn-Trace-Id', amznTraceHeader({ trace, atMs })],
    ['X-Forwarded-For', connection.sourceIp],
    ['X-Forwarded-Port', '443'],
    ['X-Forwarded-Proto', 'https'],
  );
  const places = pairs.map((pair) => ({ pair, place: pair[0].toLowerCase() }));
  places.sort((one, other) => (one.place < other.place ? -1 : one.place > other.place ? 1 : 0));
  const { last, all } = collected(places.map(({ pair }) => pair));
  return { headers: last, multiValueHeaders: all };
}

function queryOf({ handshake }: IntegrationEvent) {
  const { last, all } = collected([...(handshake?.query ?? [])]);
  return { queryStringParameters: last, multiValueQueryStringParameters: all };
}

/** Of each name the last value, and all of them. Names are a client's words: one like `__proto__` is a member like any other. */
function collected(pairs: readonly (readonly [string, string])[]): { last: Texts; all: Lists } {
  const all = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = all.get(name);
    if (values) values.push(value);
    else all.set(name, [value]);
  }
  const last = [...all].map(([name, values]) => [name, values.at(-1)!] as const);
  return { last: Object.fromEntries(last), all: Object.fromEntries(all) };
}

/** The fixed set that AWS sends when there is no request any more. */
function disconnectHeaders({ connection }: IntegrationEvent): { headers: Texts; multiValueHeaders: Lists } {
  const headers = {
    Host: hostOfDomainName(connection.domainName),
    'x-api-key': '',
    'X-Forwarded-For': '',
    'x-restapi': '',
  };
  const multiValueHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { headers, multiValueHeaders };
}
