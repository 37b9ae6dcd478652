// The Lambda Runtime API (2018-06-01), as runtimes speak it: next, response, error, init/error. One listener on loopback for all
// processes; each finds its own requests under a path that nobody else knows. Reads HTTP and writes it; what an answer means to an
// invocation is environment.ts.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ids } from '../ambient/ids.ts';
import { endOnceRead, readBoundedBody } from '../ambient/bounded-body.ts';
import { listenOn } from '../ambient/listening.ts';
import { limit } from '../settings/limits.ts';
import type { Invocation } from './invocation.ts';
import type { RuntimeRequests } from './runtime-requests.ts';

export interface RuntimeApi {
  /** What the process finds in AWS_LAMBDA_RUNTIME_API. */
  open(requests: RuntimeRequests): { readonly address: string; close(): void };
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const TOKEN_BYTES = 24;
const PATH = /^\/([0-9a-f]{48})\/2018-06-01\/runtime\/(.+)$/;
const OF_INVOCATION = /^invocation\/([0-9a-f-]{36})\/(response|error)$/;
const ERROR_TYPE_CHARACTERS_MAX = 256;
const ACCEPTED = JSON.stringify({ status: 'OK' });

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const processes = new Map<string, RuntimeRequests>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    const [, token, path] = PATH.exec(request.url ?? '') ?? [];
    const requests = token === undefined ? undefined : processes.get(token);
    if (!requests) return refuse(response, 403, 'Forbidden', 'this is for the processes of functions');
    answer(requests, path!, request, response).catch((error: Error) => {
      // The process broke off, or has ended: environment.ts sees that by itself.
      response.destroy(error);
    });
  });
  // A runtime waits for its next invocation for as long as it takes.
  server.keepAliveTimeout = 0;
  const { port: apiPort } = await listenOn(server, HOST, 0);
  // The gateway does not stay up for it.
  server.unref();
  return {
    open(requests) {
      const token = ids.hex(TOKEN_BYTES);
      processes.set(token, requests);
      return { address: `${HOST}:${apiPort}/${token}`, close: () => void processes.delete(token) };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  requests: RuntimeRequests,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'GET' && path === 'invocation/next') {
    const invocation = await requests.next();
    if (invocation) writeInvocation(response, invocation);
    else response.destroy();
    return;
  }
  if (request.method !== 'POST') return refuse(response, 405, 'InvalidMethod', 'next is a GET, all others are a POST');
  const errorType = String(request.headers['lambda-runtime-function-error-type'] ?? '').slice(
    0,
    ERROR_TYPE_CHARACTERS_MAX,
  );
  if (path === 'init/error') {
    requests.failInit(await readError(request), errorType);
    return accept(response);
  }
  const [, requestId, kind] = OF_INVOCATION.exec(path) ?? [];
  if (requestId === undefined) return refuse(response, 404, 'InvalidPath', 'there is no such path');
  if (kind === 'error') {
    if (requests.fail(requestId, await readError(request), errorType)) return accept(response);
  } else {
    const body = await readBoundedBody(request, limit('functionResponseBytesMax'));
    const isTooLarge = 'exceeding' in body;
    if (requests.respond(requestId, isTooLarge ? undefined : body)) {
      if (!isTooLarge) return accept(response);
      return refuse(response, 413, 'RequestEntityTooLarge', `the response has ${body.exceeding} bytes`);
    }
  }
  refuse(response, 400, 'InvalidRequestID', 'the invocation is not under way');
}

/** The error as JSON; none where it is too long to be one. */
async function readError(request: IncomingMessage): Promise<Buffer> {
  const body = await readBoundedBody(request, limit('functionErrorBytesMax'));
  return 'exceeding' in body ? Buffer.from('{}') : body;
}

function writeInvocation(response: ServerResponse, invocation: Invocation): void {
  const { requestId, deadlineMs, functionArn, traceId, clientContext, payload } = invocation;
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': payload.length,
    'Lambda-Runtime-Aws-Request-Id': requestId,
    'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
    'Lambda-Runtime-Invoked-Function-Arn': functionArn,
    'Lambda-Runtime-Trace-Id': traceId,
    ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': clientContext }),
  });
  response.end(payload);
}

function accept(response: ServerResponse): void {
  response.writeHead(202, { 'Content-Type': 'application/json' }).end(ACCEPTED);
}

function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  const body = Buffer.from(JSON.stringify({ errorMessage, errorType }));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  endOnceRead(response, body);
}
