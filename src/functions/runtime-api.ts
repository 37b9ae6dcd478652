// The Lambda Runtime API (2018-06-01), as runtimes speak it: next, response, error, init/error; for a `command` alone, our own runtimes have
// their sockets. A listener on loopback for each process, and nobody but our own user is heard on it. Reads HTTP and writes it; what an
// answer means to an invocation is environment.ts.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ids } from '../ambient/ids.ts';
import { endOnceRead, readBoundedBody } from '../ambient/bounded-body.ts';
import { listenOn } from '../ambient/listening.ts';
import { limit } from '../settings/limits.ts';
import type { Invocation } from './invocation.ts';
import { isOfOurUser, isOwnerTold } from './peer-owner.ts';
import { passOn } from './proxy.ts';
import type { RuntimeRequests } from './runtime-requests.ts';

export interface RuntimeApi {
  /** Of its process's environment: where it asks for invocations, and the proxy that leads to names of the gateway's own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Answers what the process asks. `warn` is told of what it must not do, once of each. */
  serve(requests: RuntimeRequests, warn: (what: string) => void): void;
  close(): void;
}

const HOST = '127.0.0.1';
const TOKEN_BYTES = 24;
const PATH = /^\/(?:([0-9a-f]{48})\/)?2018-06-01\/runtime\/(.+)$/;
const OF_INVOCATION = /^invocation\/([0-9a-f-]{36})\/(response|error)$/;
const ERROR_TYPE_CHARACTERS_MAX = 256;
const ACCEPTED = JSON.stringify({ status: 'OK' });
const HEADERS_BYTES_MAX = 16_384;

export async function openRuntimeApi(): Promise<RuntimeApi> {
  const token = ids.hex(TOKEN_BYTES);
  let served: { readonly requests: RuntimeRequests; readonly warn: (what: string) => void } | undefined;
  // Where the system tells whose a connection is, the variable has host and port alone, as on Lambda; elsewhere a secret beside them.
  const owners = new WeakMap<Socket, Promise<boolean>>();
  const isAllowed = (socket: Socket, given: string | undefined): Promise<boolean> => {
    if (!isOwnerTold) return Promise.resolve(given === token);
    const known = owners.get(socket) ?? isOfOurUser(socket);
    owners.set(socket, known);
    return known;
  };
  const told = new Set<string>();
  const warn = (what: string) => {
    if (told.has(what)) return;
    told.add(what);
    served?.warn(what);
  };

  const server = createServer({ requestTimeout: 0, maxHeaderSize: HEADERS_BYTES_MAX }, (request, response) => {
    const [, given, path] = PATH.exec(request.url ?? '') ?? [];
    const go = async () => {
      if (!(await isAllowed(request.socket, given))) {
        warn('somebody else asked its Runtime API, and was refused');
        return refuse(response, 403, 'Forbidden', 'this is for the process of the function');
      }
      if (path === undefined) return refuse(response, 404, 'InvalidPath', 'there is no such path');
      await answer(served!.requests, path, request, response);
    };
    // The process broke off, or has ended: environment.ts sees that by itself.
    go().catch((error: Error) => response.destroy(error));
  });
  // A runtime waits for its next invocation for as long as it takes.
  server.keepAliveTimeout = 0;
  server.maxConnections = limit('functionApiConnectionsMax');
  server.on('drop', () =>
    warn(
      `it has more than functionApiConnectionsMax (${limit('functionApiConnectionsMax')}) connections to the gateway`,
    ),
  );
  const tunnels = new Set<Duplex>();
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    tunnels.add(socket);
    socket.once('close', () => tunnels.delete(socket));
    // Whoever breaks off is nobody's fault.
    socket.on('error', () => {});
    const isKnown = request.headers['proxy-authorization'] === authorizationOf(token);
    void isAllowed(request.socket, isKnown ? token : undefined).then((allowed) =>
      passOn(request.url ?? '', socket, head, isKnown && allowed ? served!.requests : undefined),
    );
  });
  const { port } = await listenOn(server, HOST, 0);
  // The gateway does not stay up for it.
  server.unref();
  return {
    environment: environmentOf(port, token),
    serve: (requests, tell) => void (served = { requests, warn: tell }),
    close() {
      server.close();
      server.closeAllConnections();
      for (const tunnel of tunnels) tunnel.destroy();
    },
  };
}

function authorizationOf(token: string): string {
  return `Basic ${Buffer.from(`function:${token}`).toString('base64')}`;
}

function environmentOf(port: number, token: string): Readonly<Record<string, string>> {
  const proxy = `http://function:${token}@${HOST}:${port}`;
  const api = isOwnerTold ? `${HOST}:${port}` : `${HOST}:${port}/${token}`;
  // Which of the two spellings is read is up to the client.
  return { AWS_LAMBDA_RUNTIME_API: api, HTTPS_PROXY: proxy, https_proxy: proxy };
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
