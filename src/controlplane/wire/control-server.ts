// The control port: HTTP of the AWS services begins and ends here. Reads a request within its bounds, hands it to
// answer-request.ts or to the operator's surface, and writes exactly one answer with a request id.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { continueInTurn, createAnswersUnderWay } from '../../ambient/answers-under-way.ts';
import { endOnceRead, readBoundedBody } from '../../ambient/bounded-body.ts';
import { ids } from '../../ambient/ids.ts';
import { endWithLastWords } from '../../ambient/last-words.ts';
import { listenOn } from '../../ambient/listening.ts';
import { Fault } from '../../model/faults.ts';
import type { Log } from '../../observe/log.ts';
import { signedHeadersOf } from '../../protocol/sigv4.ts';
import { SERVICES, type ServiceModel } from '../../protocol/wire/model.ts';
import { peerAddress } from '../../protocol/ip-address.ts';
import { limit } from '../../settings/limits.ts';
import type { ListenAddress } from '../../settings/settings.ts';
import { answerRequest, serviceOf, type ControlRequest, type ControlWorld } from './answer-request.ts';
import { faultResponse } from './fault-response.ts';
import { foreignRequestProblem } from './foreign-request.ts';
import type { WireResponse } from './protocols.ts';
import { createStreamedAnswers, type StreamedAnswers, type StreamedResponse } from './streamed-answers.ts';
import { createRequestRates, RATE_STEP } from './request-rates.ts';

/**
 * Requests under `/_sallyport` (and `/_localstack/health`); undefined when the path is not the operator's.
 * @port operator-requests
 */
export interface OperatorRequests {
  answer(request: ControlRequest, remoteAddress: string): Promise<WireResponse | StreamedResponse> | undefined;
}

export interface ControlServerOptions extends Omit<ControlWorld, 'rates'> {
  readonly addresses: readonly ListenAddress[];
  readonly allowedHosts: readonly string[];
  readonly operator: OperatorRequests;
  readonly log: Log;
}

export interface ControlServer {
  readonly bound: readonly AddressInfo[];
  close(): Promise<void>;
}

type ServedWorld = ControlServerOptions & Pick<ControlWorld, 'rates'> & { readonly streams: StreamedAnswers };

/** How late a time-out may be told. */
const CHECKING_INTERVAL_MS = 2_000;

/** Listens on every address, or on none: throws the first listen error after closing what was opened. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const servers: Server[] = [];
  const streams = createStreamedAnswers();
  const world: ServedWorld = { ...options, rates: createRequestRates(options.realClock, options.log), streams };
  const close = () => Promise.all(servers.map((server) => closeServer(server, streams))).then(() => undefined);
  try {
    for (const { host, port } of options.addresses) {
      const server = createControlServer(world);
      await listenOn(server, host, port);
      servers.push(server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { bound: servers.map((server) => server.address() as AddressInfo), close };
}

function createControlServer(options: ServedWorld): Server {
  const answers = createAnswersUnderWay(limit('controlRequestTimeoutMs'));
  const server = createServer(
    {
      headersTimeout: limit('handshakeTimeoutMs'),
      requestTimeout: limit('controlRequestTimeoutMs'),
      connectionsCheckingInterval: CHECKING_INTERVAL_MS,
      maxHeaderSize: limit('headerBytesMax'),
    },
    (request, response) => {
      const turn = answers.add(response);
      void handle(request, response, turn, options);
    },
  );
  server.on('connection', (socket) => options.rates.connected(socket));
  continueInTurn(server);
  server.on('clientError', (error, socket) =>
    answers.afterThem(socket, (isAnswered) => refuseMalformed(error, socket, isAnswered, options.log)),
  );
  return server;
}

async function closeServer(server: Server, streams: StreamedAnswers): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await streams.finish();
  server.closeAllConnections();
  await closed;
}

async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  turn: Promise<void> | undefined,
  options: ServedWorld,
): Promise<void> {
  await turn;
  if (turn && incoming.socket.destroyed) return;
  const requestId = ids.uuid();
  let protocol: ServiceModel['protocol'] | undefined;
  let answer: WireResponse | StreamedResponse;
  try {
    const head = headOf(incoming, requestId);
    const service = serviceOf(head);
    protocol = service && SERVICES[service].protocol;
    options.rates.fromAddress(incoming.socket, service);
    if ((incoming.headersDistinct['host']?.length ?? 0) > 1) {
      throw new Fault('SerializationException', 'A request has one Host header.', { step: 'read' });
    }
    const foreign = foreignRequestProblem(incoming.headers, options.allowedHosts);
    if (foreign !== undefined) throw new Fault('ForeignRequestException', foreign, { step: 'foreign-request' });
    const request = await readRequest(head, incoming);
    const operator = options.operator.answer(request, peerAddress(incoming.socket));
    if (operator) answer = await operator;
    else {
      if (!service) throw new Fault('UnknownOperationException', unknownService(request), { step: 'service' });
      answer = await answerRequest(request, service, options);
    }
  } catch (error) {
    if (!(error instanceof Fault) && !incoming.complete) {
      // Whoever breaks off within a body is nobody's fault, and reads no answer.
      const reason = `the request broke off: ${(error as Error).message}`;
      return options.log.info('control request refused', { requestId, step: 'read', reason });
    }
    answer = refuse(error, protocol, requestId, incoming, options.log);
  }
  try {
    if ('stream' in answer) options.streams.write(response, answer, requestId);
    else writeAnswer(response, answer, requestId, protocol);
  } catch (error) {
    // An answer that HTTP cannot carry: the client must not wait for one.
    options.log.error('an answer could not be written', { requestId, error: (error as Error).message });
    response.destroy();
  }
}

function unknownService(request: ControlRequest): string {
  return (
    `${request.method} ${request.target.slice(0, 256)} is for no service of this port. It serves API Gateway v2 (/v2/…), ACM ` +
    '(X-Amz-Target: CertificateManager.…), Route 53 (/2013-04-01/…), STS (signed for sts), Lambda (/2015-03-31/…) and /_sallyport/health.'
  );
}

function refuse(
  error: unknown,
  protocol: ServiceModel['protocol'] | undefined,
  requestId: string,
  incoming: IncomingMessage,
  log: Log,
): WireResponse {
  const where = { requestId, method: incoming.method, target: incoming.url?.split('?')[0]?.slice(0, 256) };
  if (error instanceof Fault) {
    // Of those that exceed a rate there may be any number, and they are told of together.
    if (error.step === RATE_STEP) return faultResponse(error, protocol, requestId);
    log.info('control request refused', { ...where, step: error.step, code: error.code, reason: error.message });
    if (error.code === 'ServiceUnavailableException') log.error('the store failed', { requestId, cause: error.cause });
    return faultResponse(error, protocol, requestId);
  }
  // What we did not foresee is told to the log alone.
  log.error('control request failed', { ...where, step: 'operation', error: (error as Error).stack ?? String(error) });
  const opaque = new Fault(
    'InternalFailure',
    'An internal error occurred. The log has the detail under this request id.',
  );
  return faultResponse(opaque, protocol, requestId);
}

/** All of a request but its body. */
function headOf(incoming: IncomingMessage, requestId: string): ControlRequest {
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    headers: signedHeadersOf(incoming.rawHeaders),
    body: NO_BODY,
    requestId,
    sourceIp: peerAddress(incoming.socket),
  };
}

const NO_BODY = new Uint8Array();

async function readRequest(head: ControlRequest, incoming: IncomingMessage): Promise<ControlRequest> {
  const max = limit('controlBodyBytesMax');
  const body = await readBoundedBody(incoming, max);
  if ('exceeding' in body) {
    throw new Fault('RequestEntityTooLargeException', `The request body of ${body.exceeding} bytes exceeds ${max}.`, {
      step: 'read',
    });
  }
  return { ...head, body };
}

/** A request that is not HTTP: one answer like any other, and the connection ends. */
function refuseMalformed(error: Error, socket: Duplex, isAnswered: boolean, log: Log): void {
  const requestId = ids.uuid();
  log.info('control request refused', {
    requestId,
    step: 'read',
    code: 'SerializationException',
    reason: error.message,
  });
  // What is ended already is left to it: its last words may still be on their way.
  if (socket.writableEnded) return;
  if (!socket.writable) return void socket.destroy();
  if (isAnswered) return endWithLastWords(socket, '', limit('closeTimeoutMs'));
  const fault = new Fault('SerializationException', 'The request is not HTTP, or its headers are too large.', {
    step: 'read',
  });
  const { status, headers, body } = faultResponse(fault, undefined, requestId);
  const lines = Object.entries({
    ...headers,
    'x-amzn-RequestId': requestId,
    'Content-Length': body.length,
    Connection: 'close',
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  endWithLastWords(socket, `HTTP/1.1 ${status} Bad Request\r\n${head}\r\n${String(body)}`, limit('closeTimeoutMs'));
}

function writeAnswer(
  response: ServerResponse,
  answer: WireResponse,
  requestId: string,
  protocol: ServiceModel['protocol'] | undefined,
): void {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const idHeader = protocol === 'rest-xml' || protocol === 'query' ? 'x-amzn-requestid' : 'x-amzn-RequestId';
  response.writeHead(answer.status, {
    ...answer.headers,
    [idHeader]: requestId,
    ...(answer.status === 204 ? {} : { 'Content-Length': body.length }),
  });
  endOnceRead(response, body);
}
